#include "rtmp/chunk_reader.h"

#include <algorithm>
#include <cstring>

#include "media/message.h"

namespace srs::rtmp {
namespace {

constexpr std::size_t max_chunk_streams = 64;
constexpr std::size_t message_cost = 128;  // an unfinished message's overhead
constexpr std::size_t first_allocation = 64 * 1024;
constexpr std::size_t small_step = 1024;   // allocate little ahead under the small limit
constexpr std::size_t wrapping_size = 16;  // "@setDataFrame" as AMF0
constexpr std::uint32_t extended_mark = 0xffffff;

Error broken(const char* what) {
  return {Errc::invalid_data, std::string("RTMP: ") + what};
}

// Whether its timestamp is a frame's.
bool carries_frames(MessageType type, Bytes payload) {
  using enum media::MessageKind;
  if (type == MessageType::audio) return media::classify(flv::TagType::audio, payload) != audio_header;
  if (type == MessageType::video) return media::classify(flv::TagType::video, payload) != video_header;
  return type == MessageType::aggregate;
}

}  // namespace

// One chunk's header as on the wire.
struct ChunkReader::Header {
  int format = 0;
  std::uint32_t id = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t length = 0;
  std::uint8_t type = 0;
  std::uint32_t message_stream_id = 0;
  std::size_t size = 0;  // without the extended timestamp
  Bytes following;       // up to 4 bytes: the extended timestamp, if there is one
};

Result<std::optional<Message>> ChunkReader::next(Bytes& input) {
  for (;;) {
    if (current_ == none) {
      auto found = consume_header(input);
      if (!found) return std::move(found).error();
      if (!*found) return std::optional<Message>{};
    }
    ChunkStream& stream = streams_[current_];
    // Held bytes that were not an extended timestamp are payload, perhaps with the next header behind it.
    const std::size_t held = std::min<std::size_t>(chunk_left_, held_size_);
    const std::size_t size = std::min(chunk_left_ - held, input.size());
    if (auto appended = append_payload(stream, Bytes(held_).first(held)); !appended)
      return std::move(appended).error();
    if (auto appended = append_payload(stream, input.first(size)); !appended)
      return std::move(appended).error();
    drop_held(held);
    input = input.subspan(size);
    chunk_left_ -= held + size;
    if (chunk_left_ > 0) return std::optional<Message>{};
    current_ = none;
    if (stream.filled == stream.length) return finish_message(stream);
  }
}

// False if the header is incomplete: its bytes are held.
Result<bool> ChunkReader::consume_header(Bytes& input) {
  if (held_size_ == 0) {
    auto size = begin_chunk(input);
    if (!size) return std::move(size).error();
    if (*size > 0) {
      input = input.subspan(*size);
      return true;
    }
  }
  const std::size_t before = held_size_;
  const std::size_t more = std::min(input.size(), max_header_size - before);
  std::copy_n(input.begin(), more, held_.begin() + static_cast<std::ptrdiff_t>(before));
  auto size = begin_chunk(Bytes(held_).first(before + more));
  if (!size) return std::move(size).error();
  const bool whole = *size > 0;
  if (!whole || *size >= before) input = input.subspan(whole ? *size - before : more);
  held_size_ = static_cast<std::uint8_t>(whole ? before : before + more);
  if (whole) drop_held(std::min(*size, before));
  return whole;
}

void ChunkReader::drop_held(std::size_t size) {
  std::copy(held_.begin() + static_cast<std::ptrdiff_t>(size), held_.begin() + held_size_, held_.begin());
  held_size_ = static_cast<std::uint8_t>(held_size_ - size);
}

// The size of the header without its extended timestamp; 0 if it is incomplete.
std::size_t ChunkReader::parse_header(Bytes bytes, Header& header) {
  static constexpr std::size_t message_header_sizes[] = {11, 7, 3, 0};
  ByteReader reader(bytes);
  const std::uint8_t first = reader.u8();
  header.format = first >> 6;
  header.id = first & 0x3f;
  if (header.id == 0) {
    header.id = 64u + reader.u8();
  } else if (header.id == 1) {
    header.id = 64u + reader.u8();
    header.id += 256u * reader.u8();
  }
  if (reader.remaining() < message_header_sizes[header.format]) return 0;
  if (header.format < 3) header.timestamp = reader.u24();
  if (header.format < 2) {
    header.length = reader.u24();
    header.type = reader.u8();
  }
  if (header.format == 0)  // only the message stream id is little-endian
    for (int i = 0; i < 4; ++i)
      header.message_stream_id |= static_cast<std::uint32_t>(reader.u8()) << (8 * i);
  if (reader.failed()) return 0;
  header.following = bytes.subspan(reader.position(), std::min<std::size_t>(4, reader.remaining()));
  return header.size = reader.position();
}

// Parses a whole header and makes its stream the current one; returns its size, 0 if it is incomplete.
Result<std::size_t> ChunkReader::begin_chunk(Bytes bytes) {
  Header header;
  if (bytes.empty() || parse_header(bytes, header) == 0) return std::size_t{0};
  auto found = stream_of(header);
  if (!found) return std::move(found).error();
  ChunkStream& stream = **found;
  const bool continues = header.format == 3;
  std::size_t size = header.size;
  if (continues ? stream.extended : header.timestamp == extended_mark) {
    if (header.following.size() < 4) return std::size_t{0};
    if (has_extended_timestamp(stream, header)) size += 4;
  }
  if (!continues) {
    stream.extended = header.timestamp == extended_mark;
    stream.timestamp_field = stream.extended ? ByteReader(header.following).u32() : header.timestamp;
  }
  if (!continues || !stream.in_message)
    if (auto begun = begin_message(stream, header); !begun) return std::move(begun).error();
  current_ = static_cast<std::size_t>(&stream - streams_.data());
  chunk_left_ = std::min<std::size_t>(chunk_size_, stream.length - stream.filled);
  return size;
}

Result<ChunkReader::ChunkStream*> ChunkReader::stream_of(const Header& header) {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&](const ChunkStream& stream) { return stream.id == header.id; });
  if (found != streams_.end() && !(found->fresh && header.format > 1)) return &*found;
  // Type 1 may open a chunk stream: librtmp's pings do.
  if (header.format > 1) return broken("a chunk continues a message that never began");
  if (found != streams_.end()) return &*found;
  if (streams_.size() == max_chunk_streams) return broken("more than 64 chunk streams");
  streams_.emplace_back();
  streams_.back().id = header.id;
  return &streams_.back();
}

// Type-3 chunks repeat the extended timestamp, but some encoders omit it: other bytes are payload. Some
// repeat the delta, some the message's own timestamp.
bool ChunkReader::has_extended_timestamp(const ChunkStream& stream, const Header& header) const {
  if (header.format < 3) return true;
  const std::uint32_t value = ByteReader(header.following).u32();
  return value == stream.timestamp_field || (stream.in_message && value == stream.timestamp);
}

Result<void> ChunkReader::begin_message(ChunkStream& stream, const Header& header) {
  drop_message(stream);
  if (header.format < 2) {
    stream.length = header.length;
    stream.type = header.type;
  }
  if (header.format == 0) stream.message_stream_id = header.message_stream_id;
  // A type-3 chunk that begins a message adds the previous delta again; after a type 0, its timestamp.
  stream.timestamp = header.format == 0 ? stream.timestamp_field : stream.timestamp + stream.timestamp_field;
  stream.fresh = false;
  stream.in_message = true;
  auto kept = is_kept(stream);
  if (!kept) return std::move(kept).error();
  stream.discards = !*kept;
  return {};
}

Result<bool> ChunkReader::is_kept(const ChunkStream& stream) const {
  switch (static_cast<MessageType>(stream.type)) {
    case MessageType::audio:
    case MessageType::video:
    case MessageType::aggregate:
      return keeps_media_;
    case MessageType::data_amf0:
    case MessageType::data_amf3:
      return keeps_media_ && stream.length <= max_data_size + wrapping_size;
    case MessageType::shared_object_amf0:
    case MessageType::shared_object_amf3:
      return false;
    case MessageType::command_amf0:
    case MessageType::command_amf3:
      if (stream.length > max_command_size) return broken("a command of more than 64 KiB");
      return true;
    default:
      // Control messages are a few bytes; unknown types are of no use.
      if (stream.type > static_cast<std::uint8_t>(MessageType::set_peer_bandwidth)) return false;
      if (stream.length > max_command_size) return broken("a control message of more than 64 KiB");
      return true;
  }
}

void ChunkReader::drop_message(ChunkStream& stream) {
  if (stream.capacity > 0) {
    held_bytes_ -= stream.capacity + message_cost;
    [[maybe_unused]] const bool fits = share_.resize(held_bytes_);
  }
  stream.block.reset();
  stream.filled = stream.capacity = 0;
  stream.in_message = false;
}

Result<void> ChunkReader::make_room(ChunkStream& stream, std::size_t size) {
  if (size <= stream.capacity) return {};
  const bool small = limit_ < media_bytes;
  const std::size_t ahead = small ? (size + small_step - 1) / small_step * small_step
                                  : std::max({size, std::size_t{2} * stream.capacity, first_allocation});
  const std::size_t capacity = std::min<std::size_t>(ahead, stream.length);
  const std::size_t before = stream.capacity == 0 ? 0 : stream.capacity + message_cost;
  const std::size_t held = held_bytes_ - before + capacity + message_cost;
  if (held > limit_) {
    return broken(small ? "more than 64 KiB of unfinished messages from a peer that does not publish"
                        : "more than 32 MiB of unfinished messages");
  }
  if (!share_.resize(held))
    return Error{Errc::too_large,
                 "RTMP: the unfinished messages of all connections leave no room for a large one"};
  held_bytes_ = held;
  Block block = make_block(capacity);
  if (stream.filled > 0) std::memcpy(block.get(), stream.block.get(), stream.filled);
  stream.block = std::move(block);
  stream.capacity = static_cast<std::uint32_t>(capacity);
  return {};
}

Result<void> ChunkReader::append_payload(ChunkStream& stream, Bytes bytes) {
  if (bytes.empty()) return {};
  const std::size_t filled = stream.filled + bytes.size();
  if (!stream.discards) {
    if (auto made = make_room(stream, filled); !made) return made;
    std::memcpy(stream.block.get() + stream.filled, bytes.data(), bytes.size());
  }
  stream.filled = static_cast<std::uint32_t>(filled);
  return {};
}

Result<std::optional<Message>> ChunkReader::finish_message(ChunkStream& stream) {
  Message message;
  message.type = static_cast<MessageType>(stream.type);
  message.chunk_stream_id = stream.id;
  message.message_stream_id = stream.message_stream_id;
  message.timestamp_ms = unwrap(stream);
  message.is_left_out = stream.discards;
  if (!stream.discards) message.payload = Slice(stream.block, Bytes(stream.block.get(), stream.filled));
  drop_message(stream);
  if (auto handled = on_control(message); !handled) return std::move(handled).error();
  return std::optional(std::move(message));
}

// To 64 bits: the value nearest to the connection's newest frame, on whatever chunk stream, so that tracks
// stay together while one has wrapped and the other has not. Commands are stamped 0 at any time, codec
// headers often: they are no reference.
std::int64_t ChunkReader::unwrap(const ChunkStream& stream) {
  std::int64_t timestamp_ms = stream.timestamp;
  if (media_seen_)
    timestamp_ms =
        media_ms_ + static_cast<std::int32_t>(stream.timestamp - static_cast<std::uint32_t>(media_ms_));
  // A discarded message has no bytes to classify, and nobody reads its time.
  const Bytes payload(stream.block.get(), stream.discards ? 0 : stream.filled);
  if (!stream.discards && carries_frames(static_cast<MessageType>(stream.type), payload)) {
    media_ms_ = timestamp_ms;
    media_seen_ = true;
  }
  return timestamp_ms;
}

// Handles the two control messages that change how chunks are read.
Result<void> ChunkReader::on_control(const Message& message) {
  if (message.type != MessageType::set_chunk_size && message.type != MessageType::abort) return {};
  if (message.payload.size() < 4) return broken("a control message is too short");
  const std::uint32_t value = ByteReader(message.payload.bytes()).u32();
  if (message.type == MessageType::set_chunk_size) {
    if (value == 0 || value > 0x7fffffff) return broken("a chunk size of 0 or above 2^31 - 1");
    chunk_size_ = value;
    return {};
  }
  for (ChunkStream& stream : streams_)
    if (stream.id == value) drop_message(stream);
  return {};
}

}  // namespace srs::rtmp

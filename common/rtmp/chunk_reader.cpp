#include "rtmp/chunk_reader.h"

#include <algorithm>
#include <cstring>

namespace srs::rtmp {
namespace {

constexpr std::size_t max_chunk_streams = 64;
constexpr std::size_t max_unfinished_bytes = 32u << 20;
constexpr std::size_t first_allocation = 64 * 1024;
constexpr std::uint32_t extended_mark = 0xffffff;
constexpr std::size_t no_stream = SIZE_MAX;

Error broken(const char* what) { return {Errc::invalid_data, std::string("RTMP: ") + what}; }

std::uint32_t read_u32(Bytes bytes) { return ByteReader(bytes).u32(); }

}  // namespace

void ChunkReader::feed(Bytes bytes) {
  received_bytes_ += bytes.size();
  if (taken_ == buffer_.size()) {
    buffer_.clear();
    taken_ = 0;
  } else if (taken_ > buffer_.size() / 2) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Message>> ChunkReader::next() {
  for (;;) {
    if (current_ == no_stream) {
      auto complete = read_header();
      if (!complete) return std::move(complete).error();
      if (!*complete) break;
    }
    ChunkStream& stream = streams_[current_];
    const std::size_t size = std::min(chunk_left_, input().size());
    if (auto appended = append_payload(stream, input().first(size)); !appended) return std::move(appended).error();
    taken_ += size;
    chunk_left_ -= size;
    if (chunk_left_ > 0) break;
    current_ = no_stream;
    if (stream.filled == stream.length) return finish_message(stream);
  }
  // An idle connection keeps no buffer.
  if (taken_ == buffer_.size() && buffer_.capacity() > 0) {
    buffer_ = {};
    taken_ = 0;
  }
  return std::optional<Message>{};
}

Result<ChunkReader::ChunkStream*> ChunkReader::stream_of(std::uint32_t id) {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const ChunkStream& stream) { return stream.id == id; });
  if (found != streams_.end()) return &*found;
  if (streams_.size() == max_chunk_streams) return broken("more than 64 chunk streams");
  streams_.emplace_back();
  streams_.back().id = id;
  return &streams_.back();
}

// Basic header, message header and extended timestamp; false when more bytes are needed.
Result<bool> ChunkReader::read_header() {
  static constexpr std::size_t message_header_sizes[] = {11, 7, 3, 0};
  ByteReader reader(input());
  if (reader.remaining() == 0) return false;
  const std::uint8_t first = reader.u8();
  const int format = first >> 6;
  std::uint32_t id = first & 0x3f;
  if (id < 2) {  // the 2- and 3-byte forms
    const std::size_t more = id + 1;
    if (reader.remaining() < more) return false;
    id = 64u + reader.u8();
    if (more == 2) id += 256u * reader.u8();
  }
  if (reader.remaining() < message_header_sizes[format]) return false;
  ByteReader ahead = reader;
  const std::uint32_t field = format < 3 ? ahead.u24() : 0;
  const bool has_extended = format < 3 && field == extended_mark;
  ahead = reader;
  ahead.skip(message_header_sizes[format]);
  auto found = stream_of(id);
  if (!found) return std::move(found).error();
  ChunkStream& stream = **found;
  if ((has_extended || (format == 3 && stream.extended)) && ahead.remaining() < 4) return false;
  if (stream.fresh && format > 1) return broken("a chunk continues a message that never began");

  if (format < 3) {
    reader.skip(3);
    if (format < 2) {
      stream.length = reader.u24();
      stream.type = reader.u8();
    }
    if (format == 0) {  // the message stream id alone is little-endian
      stream.message_stream_id = reader.u8();
      stream.message_stream_id |= static_cast<std::uint32_t>(reader.u8()) << 8;
      stream.message_stream_id |= static_cast<std::uint32_t>(reader.u8()) << 16;
      stream.message_stream_id |= static_cast<std::uint32_t>(reader.u8()) << 24;
    }
    stream.extended = has_extended;
    stream.timestamp_field = has_extended ? reader.u32() : field;
  } else if (stream.extended && read_u32(input().subspan(reader.position(), 4)) == stream.timestamp_field) {
    // Some encoders leave it out on type 3: other bytes are payload.
    reader.skip(4);
  }
  if (format < 3 || !stream.in_message) begin_message(stream, format == 0);
  taken_ += reader.position();
  current_ = static_cast<std::size_t>(&stream - streams_.data());
  chunk_left_ = std::min<std::size_t>(chunk_size_, stream.length - stream.filled);
  return true;
}

void ChunkReader::begin_message(ChunkStream& stream, bool absolute) {
  unfinished_bytes_ -= stream.filled;
  // A type-3 chunk that begins a message adds the delta before it once more; after a type 0, its timestamp.
  const std::uint32_t wire = absolute ? stream.timestamp_field : stream.wire_timestamp + stream.timestamp_field;
  // To 64 bits: the value nearest to the one before.
  stream.timestamp_ms = stream.fresh ? wire : stream.timestamp_ms + static_cast<std::int32_t>(wire - stream.wire_timestamp);
  stream.wire_timestamp = wire;
  stream.fresh = false;
  stream.in_message = true;
  stream.filled = 0;
  stream.capacity = 0;
  stream.block.reset();
}

Result<void> ChunkReader::append_payload(ChunkStream& stream, Bytes bytes) {
  if (bytes.empty()) return {};
  if (unfinished_bytes_ + bytes.size() > max_unfinished_bytes) return broken("more than 32 MiB of unfinished messages");
  if (stream.filled + bytes.size() > stream.capacity) {
    const std::size_t wanted = std::max({stream.filled + bytes.size(), 2 * stream.capacity, first_allocation});
    const std::size_t capacity = std::min<std::size_t>(wanted, stream.length);
    Block block = make_block(capacity);
    if (stream.filled > 0) std::memcpy(block.get(), stream.block.get(), stream.filled);
    stream.block = std::move(block);
    stream.capacity = capacity;
  }
  std::memcpy(stream.block.get() + stream.filled, bytes.data(), bytes.size());
  stream.filled += bytes.size();
  unfinished_bytes_ += bytes.size();
  return {};
}

Result<std::optional<Message>> ChunkReader::finish_message(ChunkStream& stream) {
  Message message;
  message.type = static_cast<MessageType>(stream.type);
  message.chunk_stream_id = stream.id;
  message.message_stream_id = stream.message_stream_id;
  message.timestamp_ms = stream.timestamp_ms;
  message.payload = Slice(stream.block, Bytes(stream.block.get(), stream.filled));
  unfinished_bytes_ -= stream.filled;
  stream.block.reset();
  stream.filled = stream.capacity = 0;
  stream.in_message = false;
  if (auto obeyed = obey(message); !obeyed) return std::move(obeyed).error();
  return std::optional(std::move(message));
}

// The two protocol messages that change how chunks are read.
Result<void> ChunkReader::obey(const Message& message) {
  if (message.type != MessageType::set_chunk_size && message.type != MessageType::abort) return {};
  if (message.payload.size() < 4) return broken("a protocol message breaks off");
  const std::uint32_t value = read_u32(message.payload.bytes());
  if (message.type == MessageType::set_chunk_size) {
    if (value == 0 || value > 0x7fffffff) return broken("a chunk size of 0 or above 2^31 - 1");
    chunk_size_ = value;
    return {};
  }
  for (ChunkStream& stream : streams_) {
    if (stream.id != value) continue;
    unfinished_bytes_ -= stream.filled;
    stream.block.reset();
    stream.filled = stream.capacity = 0;
    stream.in_message = false;
  }
  return {};
}

}  // namespace srs::rtmp

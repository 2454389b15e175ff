#include "srs-bench/rtmp/chunk_skimmer.h"

#include <algorithm>

namespace srs::bench {
namespace {

constexpr std::size_t max_streams = 64;
constexpr std::size_t max_command = 16 * 1024;     // or control message
constexpr std::size_t max_unfinished = 32u << 20;  // kept of all unfinished messages
constexpr std::size_t small_room = 64 * 1024;
constexpr std::uint32_t extended_mark = 0xffffff;
constexpr std::size_t message_header_sizes[] = {11, 7, 3, 0};

bool is_media(rtmp::MessageType type) {
  using enum rtmp::MessageType;
  return type == audio || type == video || type == data_amf0 || type == data_amf3 || type == aggregate;
}

}  // namespace

Result<void> ChunkSkimmer::feed(Bytes bytes) {
  while (!bytes.empty()) {
    if (chunk_left_ > 0) {
      const std::size_t size = std::min(chunk_left_, bytes.size());
      if (auto taken = consume_payload(bytes.first(size)); !taken) return taken;
      bytes = bytes.subspan(size);
      continue;
    }
    header_[filled_++] = bytes[0];
    bytes = bytes.subspan(1);
    if (filled_ < header_size()) continue;
    if (auto taken = consume_header(); !taken) return taken;
  }
  return {};
}

// As far as known from the bytes so far: it may grow.
std::size_t ChunkSkimmer::header_size() const {
  const int id = header_[0] & 0x3f;
  const std::size_t basic = id == 0 ? 2 : id == 1 ? 3 : 1;
  const int format = header_[0] >> 6;
  const std::size_t plain = basic + message_header_sizes[format];
  if (filled_ < plain) return plain;
  if (format < 3)
    return plain + (ByteReader(Bytes(header_.data() + basic, 3)).u24() == extended_mark ? 4 : 0);
  const std::uint32_t full_id = id == 0   ? header_[1] + 64u
                                : id == 1 ? header_[1] + 64u + header_[2] * 256u
                                          : static_cast<std::uint32_t>(id);
  for (const ChunkStream& stream : streams_)
    if (stream.id == full_id) return plain + (stream.extended ? 4 : 0);
  return plain;
}

Result<ChunkSkimmer::ChunkStream*> ChunkSkimmer::stream_of(std::uint32_t id) {
  for (std::size_t i = 0; i < streams_.size(); ++i)
    if (streams_[i].id == id) {
      current_ = i;
      return &streams_[i];
    }
  if (streams_.size() == max_streams) return Error{Errc::too_large, "RTMP: too many chunk streams"};
  current_ = streams_.size();
  streams_.emplace_back().id = id;
  return &streams_.back();
}

Result<void> ChunkSkimmer::consume_header() {
  ByteReader reader(Bytes(header_.data(), filled_));
  filled_ = 0;
  const std::uint8_t first = reader.u8();
  const int format = first >> 6;
  std::uint32_t id = first & 0x3f;
  if (id < 2) {
    const bool three_bytes = id == 1;
    id = reader.u8() + 64u;
    if (three_bytes) id += reader.u8() * 256u;
  }
  auto found = stream_of(id);
  if (!found) return std::move(found).error();
  ChunkStream& stream = **found;
  std::uint32_t field = stream.field;
  if (format < 3) field = reader.u24();
  if (format < 2) {
    stream.length = reader.u24();
    stream.type = static_cast<rtmp::MessageType>(reader.u8());
  }
  if (format == 0) reader.skip(4);  // message stream id
  if (format < 3) stream.extended = field == extended_mark;
  Bytes unexpected;
  if (stream.extended) {
    const Bytes extended = reader.bytes(4);
    const std::uint32_t value = ByteReader(extended).u32();
    // Some encoders omit it in continued messages: then these bytes are payload.
    if (format == 3 && value != field && value != stream.timestamp_ms) unexpected = extended;
    if (format < 3) field = value;
  }
  if (stream.received == 0 || format < 3) begin_message(stream, format, field);
  chunk_left_ = std::min<std::size_t>(chunk_size_, stream.length - stream.received);
  if (chunk_left_ == 0) return finish_message(stream);
  return unexpected.empty() ? Result<void>{}
                            : feed(std::vector<std::uint8_t>(unexpected.begin(), unexpected.end()));
}

void ChunkSkimmer::begin_message(ChunkStream& stream, int format, std::uint32_t field) {
  stream.timestamp_ms = format == 0 ? field : stream.timestamp_ms + field;
  stream.field = field;
  stream.received = 0;
  drop_kept(stream);
}

void ChunkSkimmer::drop_kept(ChunkStream& stream) {
  unfinished_ -= stream.kept.size();
  // Otherwise each of 64 chunk streams would keep the memory of a large message.
  if (stream.kept.capacity() > small_room)
    stream.kept = {};
  else
    stream.kept.clear();
}

Result<void> ChunkSkimmer::consume_payload(Bytes bytes) {
  ChunkStream& stream = streams_[current_];
  const std::size_t limit = !is_media(stream.type) ? max_command
                            : keep_ == Keep::heads ? peeked_bytes
                                                   : stream.length;
  const std::size_t kept = std::min(bytes.size(), limit - std::min(limit, stream.kept.size()));
  if (unfinished_ + kept > max_unfinished)
    return Error{Errc::too_large, "RTMP: more than 32 MiB of unfinished messages"};
  unfinished_ += kept;
  stream.kept.insert(stream.kept.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept));
  chunk_left_ -= bytes.size();
  stream.received += static_cast<std::uint32_t>(bytes.size());
  return stream.received == stream.length ? finish_message(stream) : Result<void>{};
}

Result<void> ChunkSkimmer::finish_message(ChunkStream& stream) {
  stream.received = 0;
  if (stream.type == rtmp::MessageType::set_chunk_size) {
    const std::uint32_t size = ByteReader(stream.kept).u32();
    if (size == 0 || size > 0x7fffffff) return Error{Errc::invalid_data, "RTMP: a wrong chunk size"};
    chunk_size_ = size;
    return {};
  }
  if (stream.type == rtmp::MessageType::abort) {
    const std::uint32_t id = ByteReader(stream.kept).u32();
    for (ChunkStream& known : streams_)
      if (known.id == id) known.received = 0, drop_kept(known);
    return {};
  }
  auto taken = listener_.on_message(stream.type, stream.timestamp_ms, stream.kept);
  drop_kept(stream);
  return taken;
}

}  // namespace srs::bench

#include "rtmp/media_reader.h"

#include "amf/value.h"
#include "media/message.h"
#include "rtmp/chunk_reader.h"

namespace srs::rtmp {
namespace {

constexpr std::size_t max_ready = 16;
constexpr std::size_t string_header_size = 3;  // AMF0 marker and length

// The body of an AMF3 data message (a 0 byte, then AMF0 values, perhaps with AMF3 ones in between) as AMF0.
// Fails if references make it grow too much.
Result<Slice> amf0_of(const Slice& payload) {
  Bytes body = payload.bytes();
  if (!body.empty() && body[0] == 0) body = body.subspan(1);
  auto values = amf::decode_all(body, amf::Limits());
  if (!values) return std::move(values).error();
  ByteWriter writer;
  for (const amf::Value& value : *values) amf::encode(value, writer);
  return Slice::copy_of(writer.view());
}

}  // namespace

void MediaReader::feed(const Message& message) {
  const bool is_data = message.type == MessageType::data_amf0 || message.type == MessageType::data_amf3;
  if (message.is_left_out) {
    left_out_ += is_data ? 1 : 0;
    return;
  }
  switch (message.type) {
    case MessageType::audio:
      feed_track(flv::TagType::audio, message.payload, message.timestamp_ms);
      break;
    case MessageType::video:
      feed_track(flv::TagType::video, message.payload, message.timestamp_ms);
      break;
    case MessageType::data_amf0:
      feed_data(message.payload, message.timestamp_ms);
      break;
    case MessageType::data_amf3:
      if (auto amf0 = amf0_of(message.payload)) {
        feed_data(*std::move(amf0), message.timestamp_ms);
      } else {
        ++left_out_;
      }
      break;
    case MessageType::aggregate:
      aggregate_ = message.payload;
      aggregate_ms_ = message.timestamp_ms;
      first_timestamp_.reset();
      break;
    default:
      break;
  }
}

// Encoders send empty messages now and then; they are dropped.
void MediaReader::feed_track(flv::TagType type, Slice payload, std::int64_t timestamp_ms) {
  if (!payload.empty()) add(type, timestamp_ms, std::move(payload));
}

void MediaReader::feed_data(Slice payload, std::int64_t timestamp_ms) {
  std::string_view name = media::script_name(payload.bytes());
  if (name == "@setDataFrame") {
    const std::size_t skipped = string_header_size + name.size();
    payload = payload.sub(skipped, payload.size() - skipped);
    name = media::script_name(payload.bytes());
  }
  if (name.empty() || name.starts_with('@') || name.starts_with('|'))
    return;  // @clearDataFrame, |RtmpSampleAccess
  if (payload.size() > max_data_size) {
    ++left_out_;
    return;
  }
  add(flv::TagType::script, timestamp_ms, std::move(payload));
}

// An aggregate's parts are FLV tags, whose timestamps count from the message's own (Adobe RTMP 1.0, section
// 7.1.6).
void MediaReader::feed_next_part() {
  ByteReader reader(aggregate_.bytes());
  const std::uint8_t type = reader.u8();
  const std::uint32_t size = reader.u24();
  std::uint32_t timestamp = reader.u24();
  timestamp |= static_cast<std::uint32_t>(reader.u8()) << 24;
  reader.skip(3);
  if (reader.failed() || size > reader.remaining()) {
    aggregate_ = {};
    return;
  }
  // Copied: keeping a part of one byte must not keep 16 MiB.
  Slice payload = Slice::copy_of(reader.bytes(size));
  reader.skip(std::min<std::size_t>(flv::tag_trailer_size, reader.remaining()));
  aggregate_ = aggregate_.sub(reader.position(), reader.remaining());
  if (aggregate_.empty()) aggregate_ = {};  // frees the message
  if (!first_timestamp_) first_timestamp_ = timestamp;
  const std::int64_t timestamp_ms = aggregate_ms_ + static_cast<std::int32_t>(timestamp - *first_timestamp_);
  if (type == 18)
    feed_data(std::move(payload), timestamp_ms);
  else if (type == 8 || type == 9)
    feed_track(static_cast<flv::TagType>(type), std::move(payload), timestamp_ms);
}

void MediaReader::add(flv::TagType type, std::int64_t timestamp_ms, Slice payload) {
  if (ready_.size() < max_ready) ready_.push_back({type, timestamp_ms, std::move(payload)});
}

std::optional<MediaMessage> MediaReader::next() {
  if (next_ == ready_.size()) {
    ready_.clear();
    next_ = 0;
    while (ready_.empty() && !aggregate_.empty()) feed_next_part();
  }
  if (ready_.empty()) return std::nullopt;
  return std::move(ready_[next_++]);
}

}  // namespace srs::rtmp

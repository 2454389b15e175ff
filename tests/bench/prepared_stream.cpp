#include "prepared_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "log/flv_wire.h"
#include "pipe/pipe_reader.h"
#include "rtmp/message_encoder.h"

namespace srs::bench_floor {
namespace {

constexpr std::int64_t max_rtmp_timestamp = 0xfffffe;

// Collects the messages of the first stream.
class Messages : public pipe::PipeSink {
 public:
  void on_begin(pipe::ChannelId channel, const media::StreamInfo&) override {
    if (all.empty()) channel_ = channel;
  }
  void on_message(pipe::ChannelId channel, media::Message message) override {
    if (channel == channel_ && message.kind != media::MessageKind::annotation)
      all.push_back(std::move(message));
  }
  void on_end(pipe::ChannelId, media::EndReason) override {}

  std::vector<media::Message> all;

 private:
  pipe::ChannelId channel_ = 0;
};

Result<std::vector<media::Message>> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error("cannot open " + path, errno);
  Messages messages;
  pipe::PipeReader reader(messages, "");
  while (file) {
    const auto room = reader.prepare();
    file.read(reinterpret_cast<char*>(room.data()), static_cast<std::streamsize>(room.size()));
    if (file.bad()) return system_error("cannot read " + path, errno);
    if (auto parsed = reader.commit(static_cast<std::size_t>(file.gcount())); !parsed)
      return std::move(parsed).error().in(path);
  }
  if (auto ended = reader.finish(); !ended) return std::move(ended).error().in(path);
  return std::move(messages.all);
}

// Of a message's first chunk, or tag.
std::size_t header_size(Wire wire) {
  return wire == Wire::rtmp ? 12 : flv::tag_header_size;
}

const log::WireEncoder& encoder_of(Wire wire) {
  static const log::FlvWire flv;
  static const rtmp::RtmpWire rtmp;
  if (wire == Wire::rtmp) return rtmp;
  return flv;
}

void append(std::vector<std::uint8_t>& to, const log::WireEncoder& encoder, const media::Message& message) {
  const Slice bytes = log::encode_alone(encoder, message);
  to.insert(to.end(), bytes.bytes().begin(), bytes.bytes().end());
}

}  // namespace

Result<PreparedStream> PreparedStream::load(const std::string& path, Wire wire) {
  auto read = read_file(path);
  if (!read) return std::move(read).error();
  PreparedStream stream;
  stream.wire_ = wire;
  if (wire == Wire::http_flv) {
    stream.prelude_.resize(flv::file_header_size);
    flv::store_file_header(stream.prelude_.data(), true, true);
  }
  std::vector<media::Message> media;
  for (media::Message& message : *read) {
    if (message.is_header() && media.empty()) {
      message.timestamp_ms = 0;
      if (message.is_video()) stream.framing_.learn(message.payload.bytes());
      append(stream.prelude_, encoder_of(wire), message);
    } else if (!message.is_header() && (!media.empty() || message.kind == media::MessageKind::key_frame)) {
      media.push_back(std::move(message));
    }
  }
  if (media.empty()) return Error{Errc::not_found, path + ": it holds no key frame"};
  stream.prepare(media);
  return stream;
}

void PreparedStream::prepare(const std::vector<media::Message>& media) {
  const std::int64_t start_ms = media.front().timestamp_ms;
  std::int64_t newest_ms = 0;
  std::int64_t video_frames = 0;
  for (media::Message message : media) {
    newest_ms = std::max(newest_ms, message.timestamp_ms - start_ms);
    message.timestamp_ms = newest_ms;
    PreparedMessage prepared;
    prepared.at = bytes_.size();
    prepared.timestamp_ms = newest_ms;
    prepared.is_video = message.is_video();
    prepared.is_key_frame = message.kind == media::MessageKind::key_frame;
    if (message.is_video()) {
      ++video_frames;
      embed_clock(message, prepared);
    }
    append(bytes_, encoder_of(wire_), message);
    prepared.size = bytes_.size() - prepared.at;
    messages_.push_back(std::move(prepared));
  }
  turn_ms_ = newest_ms + std::max<std::int64_t>(1, newest_ms / std::max<std::int64_t>(1, video_frames - 1));
}

// The wire's header precedes the payload, and the clock is within the payload's first RTMP chunk: so its
// place is known.
void PreparedStream::embed_clock(media::Message& message, PreparedMessage& prepared) const {
  const auto stamped = bench::embed_clock(message.payload.bytes(), {}, framing_);
  if (!stamped) return;
  const auto clock = bench::find_clock(*stamped, framing_);
  if (!clock || clock->offset + clock->size > rtmp::wire_chunk_size) return;
  prepared.picture = message.payload;
  prepared.clock_at = prepared.at + header_size(wire_) + clock->offset;
  prepared.clock_size = clock->size;
  message.payload = Slice::copy_of(*stamped);
}

bool PreparedStream::stamp(const PreparedMessage& message, std::int64_t timestamp_ms,
                           bench::UtcMicroseconds due) {
  if (message.clock_size > 0) {
    const auto stamped = bench::embed_clock(message.picture.bytes(), due, framing_);
    const std::size_t offset = message.clock_at - message.at - header_size(wire_);
    std::memcpy(bytes_.data() + message.clock_at, stamped->data() + offset, message.clock_size);
  }
  return set_timestamp(message, timestamp_ms);
}

bool PreparedStream::set_timestamp(const PreparedMessage& message, std::int64_t timestamp_ms) {
  std::uint8_t* const start = bytes_.data() + message.at;
  const auto wire_ms = static_cast<std::uint32_t>(timestamp_ms);
  if (wire_ == Wire::http_flv) {
    store_u24(start + 4, wire_ms & 0xffffff);
    start[7] = static_cast<std::uint8_t>(wire_ms >> 24);
    return true;
  }
  if (timestamp_ms > max_rtmp_timestamp) return false;
  store_u24(start + 1, wire_ms);
  return true;
}

}  // namespace srs::bench_floor

#include "prepared_stream.h"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "media/flv_wire.h"
#include "media/pipe_reader.h"
#include "rtmp/message_encoder.h"

namespace srs::bench_floor {
namespace {

constexpr std::int64_t max_rtmp_timestamp = 0xfffffe;

// Takes the messages of the first stream.
class Messages : public media::PipeSink {
 public:
  void on_begin(media::ChannelId channel, const media::StreamInfo&) override {
    if (all.empty()) channel_ = channel;
  }
  void on_message(media::ChannelId channel, media::Message message) override {
    if (channel == channel_ && message.kind != media::MessageKind::annotation)
      all.push_back(std::move(message));
  }
  void on_end(media::ChannelId, media::EndReason) override {}

  std::vector<media::Message> all;

 private:
  media::ChannelId channel_ = 0;
};

Result<std::vector<media::Message>> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error("cannot open " + path, errno);
  Messages messages;
  media::PipeReader reader(messages, "");
  while (file) {
    const auto room = reader.prepare();
    file.read(reinterpret_cast<char*>(room.data()), static_cast<std::streamsize>(room.size()));
    if (file.bad()) return system_error("cannot read " + path, errno);
    if (auto taken = reader.commit(static_cast<std::size_t>(file.gcount())); !taken)
      return std::move(taken).error().in(path);
  }
  if (auto ended = reader.finish(); !ended) return std::move(ended).error().in(path);
  return std::move(messages.all);
}

const media::WireEncoder& encoder_of(Wire wire) {
  static const media::FlvWire flv;
  static const rtmp::RtmpWire rtmp;
  if (wire == Wire::rtmp) return rtmp;
  return flv;
}

void append(std::vector<std::uint8_t>& to, const media::WireEncoder& encoder, const media::Message& message) {
  const std::size_t at = to.size();
  to.resize(at + encoder.encoded_size(message));
  encoder.encode(message, to.data() + at);
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
    if (message.is_video()) ++video_frames;
    const std::size_t at = bytes_.size();
    append(bytes_, encoder_of(wire_), message);
    const bool is_key_frame = message.kind == media::MessageKind::key_frame;
    messages_.push_back({at, bytes_.size() - at, newest_ms, message.is_video(), is_key_frame});
  }
  turn_ms_ = newest_ms + std::max<std::int64_t>(1, newest_ms / std::max<std::int64_t>(1, video_frames - 1));
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

#include "srs-bench/content/recording.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "amf/value.h"
#include "pipe/pipe_reader.h"

namespace srs::bench {

// Collects the messages of the first stream.
class RecordingBuilder : public pipe::PipeSink {
 public:
  void on_begin(pipe::ChannelId channel, const media::StreamInfo&) override {
    if (!channel_) channel_ = channel;
  }
  void on_end(pipe::ChannelId, media::EndReason) override {}

  void on_message(pipe::ChannelId channel, media::Message message) override {
    using enum media::MessageKind;
    if (channel != channel_ || message.kind == annotation) return;
    if (message.kind == video_header) recording_.nal_framing_.learn(message.payload.bytes());
    if (message.kind == metadata) message.payload = set_data_frame(message.payload.bytes());
    const bool first = recording_.messages_.empty();
    const auto same_key = [&](const media::Message& header) {
      return media::header_key(header) == media::header_key(message);
    };
    auto& headers = recording_.headers_;
    if (message.is_header() && first && std::none_of(headers.begin(), headers.end(), same_key)) {
      message.timestamp_ms = 0;
      headers.push_back(std::move(message));
    } else {
      recording_.messages_.push_back(std::move(message));
    }
  }

  Result<Recording> finish() {
    auto& messages = recording_.messages_;
    if (messages.empty()) return Error{Errc::not_found, "it holds no media"};
    const auto earlier = [](const media::Message& a, const media::Message& b) {
      return a.timestamp_ms < b.timestamp_ms;
    };
    std::stable_sort(messages.begin(), messages.end(), earlier);
    // Scripts and headers may have any time, usually 0, even where frames are days old.
    const auto tells_time = [](const media::Message& message) { return message.is_frame(); };
    const auto first = std::find_if(messages.begin(), messages.end(), tells_time);
    const auto last = std::find_if(messages.rbegin(), messages.rend(), tells_time);
    if (first == messages.end()) return Error{Errc::not_found, "it holds no media"};
    const std::int64_t start_ms = first->timestamp_ms;
    const std::int64_t length_ms = last->timestamp_ms - start_ms;
    for (media::Message& message : messages)
      message.timestamp_ms = std::clamp<std::int64_t>(message.timestamp_ms - start_ms, 0, length_ms);
    const auto count = static_cast<std::int64_t>(std::max<std::size_t>(1, frames_of_main_track() - 1));
    recording_.turn_ms_ = length_ms + std::max<std::int64_t>(1, length_ms / count);
    return std::move(recording_);
  }

 private:
  static Slice set_data_frame(Bytes metadata) {
    ByteWriter writer;
    amf::encode(amf::Value("@setDataFrame"), writer);
    writer.bytes(metadata);
    return Slice::copy_of(writer.view());
  }

  std::size_t frames_of_main_track() const {
    std::size_t video = 0;
    std::size_t audio = 0;
    for (const media::Message& message : recording_.messages_)
      (message.is_video() ? video : audio) += message.is_header() ? 0 : 1;
    return std::max<std::size_t>(video > 0 ? video : audio, 1);
  }

  std::optional<pipe::ChannelId> channel_;
  Recording recording_;
};

Result<Recording> Recording::load(const std::string& path) {
  const int fd = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error("cannot open " + path, errno);
  RecordingBuilder builder;
  pipe::PipeReader reader(builder, "");
  Result<void> outcome;
  for (;;) {
    const auto room = reader.prepare();
    const ssize_t size = ::read(fd, room.data(), room.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) outcome = system_error("cannot read", errno);
    if (size == 0) outcome = reader.finish();
    if (size > 0) outcome = reader.commit(static_cast<std::size_t>(size));
    if (size <= 0 || !outcome) break;
  }
  ::close(fd);
  if (!outcome) return std::move(outcome).error().in(path);
  auto recording = builder.finish();
  if (!recording) return std::move(recording).error().in(path);
  return recording;
}

}  // namespace srs::bench

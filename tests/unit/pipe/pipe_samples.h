// Pipes for the tests of pipe/: their bytes, and a sink that records its calls.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "flv/reader.h"
#include "pipe/pipe_reader.h"

namespace srs::media {

using PipeBytes = std::vector<std::uint8_t>;

inline void append_file_header(PipeBytes& to) {
  to.resize(to.size() + flv::file_header_size);
  flv::store_file_header(to.data() + to.size() - flv::file_header_size, true, true);
}

inline void append_tag(PipeBytes& to, pipe::ChannelId channel, const Message& message) {
  const std::size_t at = to.size();
  const Bytes payload = message.payload.bytes();
  to.resize(at + flv::tag_header_size);
  flv::store_tag_header(to.data() + at, message.type, payload.size(),
                        static_cast<std::uint32_t>(message.timestamp_ms), channel);
  to.insert(to.end(), payload.begin(), payload.end());
  to.resize(to.size() + flv::tag_trailer_size);
  flv::store_tag_trailer(to.data() + to.size() - flv::tag_trailer_size, payload.size());
}

// Every tag of a pipe. The bytes must be whole tags.
inline std::vector<flv::Tag> tags_of(const PipeBytes& bytes) {
  flv::Reader reader;
  reader.append(bytes);
  std::vector<flv::Tag> tags;
  for (auto tag = reader.next(); tag && *tag; tag = reader.next()) tags.push_back(**tag);
  return tags;
}

// One line an event: "begin 1 live/a by rtmp x", "1 key_frame 40", "end 1 ended".
class RecordingSink : public pipe::PipeSink {
 public:
  std::vector<std::string> events;
  std::vector<Message> messages;

 private:
  void on_begin(pipe::ChannelId channel, const StreamInfo& info) override {
    events.push_back(
        fmt::format("begin {} {}{}{}", channel, info.path, info.origin.empty() ? "" : " by ", info.origin));
  }
  void on_message(pipe::ChannelId channel, Message message) override {
    static constexpr const char* kinds[] = {"metadata",       "video_header", "audio_header",
                                            "video_metadata", "key_frame",    "video_frame",
                                            "audio_frame",    "annotation",   "script"};
    events.push_back(
        fmt::format("{} {} {}", channel, kinds[static_cast<int>(message.kind)], message.timestamp_ms));
    messages.push_back(std::move(message));
  }
  void on_end(pipe::ChannelId channel, EndReason reason) override {
    events.push_back(fmt::format("end {} {}", channel,
                                 reason == EndReason::ended  ? "ended"
                                 : reason == EndReason::lost ? "lost"
                                                             : "cut"));
  }
};

// Feeds all bytes, `piece` at a time, up to the first error.
inline Result<void> feed(pipe::PipeReader& reader, Bytes bytes, std::size_t piece = 1 << 20) {
  while (!bytes.empty()) {
    const auto room = reader.prepare();
    const std::size_t size = std::min({room.size(), bytes.size(), piece});
    std::copy_n(bytes.begin(), size, room.begin());
    if (auto taken = reader.commit(size); !taken) return taken;
    bytes = bytes.subspan(size);
  }
  return {};
}

}  // namespace srs::media

// RecordingSink records what publications forward, as text: "live/a begins (rtmp 10.0.0.1:1)", "live/a video
// 40", "live/a ended".
#pragma once

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "live/stream_sink.h"
#include "media/annotations.h"

namespace srs::live {

class RecordingSink : public StreamSink {
 public:
  std::vector<std::string> events;
  std::set<std::string> reserved;  // paths of other inputs; also of one that turns out to have the path
  bool is_full = false;

  std::unique_ptr<OpenStream> begin(const media::StreamInfo& info) override {
    if (reserved.contains(info.path)) return nullptr;
    events.push_back(fmt::format("{} begins ({})", info.path, info.origin));
    return std::make_unique<Stream>(*this, info.path);
  }
  bool full() const override { return is_full; }

  // Returns and clears the events.
  std::vector<std::string> take() { return std::exchange(events, {}); }

 private:
  class Stream : public OpenStream {
   public:
    Stream(RecordingSink& sink, std::string path)
        : sink_(sink), events_(sink.events), path_(std::move(path)) {}
    void on_message(media::Message message) override {
      std::string what(flv::TagType::script == message.type ? media::script_name(message.payload.bytes())
                       : message.is_video()                 ? "video"
                                                            : "audio");
      if (message.is_header() && message.type != flv::TagType::script) what += " header";
      if (what == "onClock") return;  // once a second; has a test of its own
      events_.push_back(fmt::format("{} {} {}", path_, what, message.timestamp_ms));
    }
    bool refused() const override { return sink_.reserved.contains(path_); }
    void on_end(media::EndReason reason) override {
      events_.push_back(fmt::format("{} {}", path_,
                                    reason == media::EndReason::ended  ? "ended"
                                    : reason == media::EndReason::lost ? "lost"
                                                                       : "cut"));
    }

   private:
    const RecordingSink& sink_;
    std::vector<std::string>& events_;
    const std::string path_;
  };
};

}  // namespace srs::live

// HubPublishSink: the streams of RTMP publishers, as they enter the hub.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "hub.h"
#include "rtmp/publishers.h"

namespace srs::relay {

class HubPublishSink : public rtmp::PublishSink {
 public:
  explicit HubPublishSink(Hub& hub) : hub_(hub) {}

  bool on_begin(const media::StreamInfo& info) override {
    auto published = hub_.begin(info);
    if (!published) return false;
    streams_[info.path] = std::move(published);
    return true;
  }
  void on_message(const std::string& path, media::Message message) override {
    if (const auto found = streams_.find(path); found != streams_.end())
      hub_.append(*found->second, std::move(message));
  }
  void on_end(const std::string& path) override {
    const auto found = streams_.find(path);
    if (found == streams_.end()) return;
    const auto published = std::move(found->second);
    streams_.erase(found);
    hub_.end(*published, media::EndReason::ended);
  }

 private:
  Hub& hub_;
  std::map<std::string, std::shared_ptr<Hub::Published>> streams_;
};

}  // namespace srs::relay

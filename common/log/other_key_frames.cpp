#include "log/other_key_frames.h"

namespace srs::log {
namespace {

constexpr std::size_t max_tracks = 64;

}  // namespace

void OtherKeyFrames::add(const media::Message& message, Offset offset) {
  if (!message.is_frame()) return;
  if (message.timestamp_ms != moment_ms_) held_.clear();
  moment_ms_ = message.timestamp_ms;
  if (held_.size() < max_tracks && media::is_other_key_frame(message)) held_.push_back({offset, message});
}

std::vector<media::Message> OtherKeyFrames::at(std::int64_t timestamp_ms) const {
  std::vector<media::Message> messages;
  if (timestamp_ms == moment_ms_)
    for (const Held& each : held_) messages.push_back(each.message);
  return messages;
}

void OtherKeyFrames::forget_before(Offset offset) {
  std::erase_if(held_, [&](const Held& each) { return each.offset < offset; });
}

}  // namespace srs::log

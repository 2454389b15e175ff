#include "media/stream_meter.h"

#include <algorithm>

#include "media/annotations.h"

namespace srs::media {
namespace {

std::int64_t second_number(StreamMeter::Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

double seconds(StreamMeter::Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

StreamMeter::Second& StreamMeter::second_at(Clock::time_point now) {
  const std::int64_t number = second_number(now);
  Second& second = seconds_[static_cast<std::size_t>(number) % seconds_.size()];
  if (second.number != number) second = {.number = number};
  return second;
}

void StreamMeter::add(const Message& message, Clock::time_point now) {
  if (begun_ == Clock::time_point()) begun_ = now;
  [[maybe_unused]] const auto note = notes_.add(message);
  totals_.bytes += message.payload.size();
  second_at(now).bytes += message.payload.size();
  if (message.is_header()) return;
  if (message.is_video()) return add_video(message, now);
  if (message.is_audio()) {
    ++totals_.audio_frames;
    newest_audio_ms_ = message.timestamp_ms;
  } else if (message.kind == MessageKind::annotation &&
             script_name(message.payload.bytes()) == "onDiscontinuity") {
    ++totals_.discontinuities;
  }
}

void StreamMeter::add_video(const Message& message, Clock::time_point now) {
  Second& second = second_at(now);
  if (second.frames++ == 0) second.first_ms = message.timestamp_ms;
  ++totals_.video_frames;
  newest_video_ms_ = message.timestamp_ms;
  if (message.kind != MessageKind::key_frame) return;
  ++totals_.key_frames;
  if (key_frame_ms_ >= 0)
    totals_.gop_seconds = static_cast<double>(message.timestamp_ms - key_frame_ms_) / 1000;
  key_frame_ms_ = message.timestamp_ms;
  key_frame_at_ = now;
}

StreamMeter::Figures StreamMeter::figures(Clock::time_point now) const {
  Figures figures = totals_;
  const std::int64_t newest = second_number(now);
  std::uint64_t bytes = 0;
  std::uint64_t frames = 0;
  const Second* oldest = nullptr;  // with a frame
  for (std::int64_t number = newest - window_seconds; number <= newest; ++number) {
    const Second& second = seconds_[static_cast<std::size_t>(number) % seconds_.size()];
    if (second.number != number) continue;
    bytes += second.bytes;
    frames += second.frames;
    if (second.frames > 0 && oldest == nullptr) oldest = &second;
  }
  const auto window_begin = Clock::time_point(std::chrono::seconds(newest - window_seconds));
  const double elapsed = seconds(now - std::max(begun_, window_begin));
  if (elapsed > 0.1) figures.bits_per_second = 8 * static_cast<double>(bytes) / elapsed;
  if (oldest != nullptr && newest_video_ms_ > oldest->first_ms)
    figures.frames_per_second =
        1000 * static_cast<double>(frames - 1) / static_cast<double>(newest_video_ms_ - oldest->first_ms);
  if (key_frame_ms_ >= 0) figures.key_frame_age_seconds = seconds(now - key_frame_at_);
  if (newest_video_ms_ >= 0 && newest_audio_ms_ >= 0)
    figures.skew_seconds = static_cast<double>(newest_video_ms_ - newest_audio_ms_) / 1000;
  return figures;
}

}  // namespace srs::media

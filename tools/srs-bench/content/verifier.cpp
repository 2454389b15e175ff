#include "srs-bench/content/verifier.h"

#include <algorithm>
#include <utility>

#include "media/annotations.h"

namespace srs::bench {
namespace {

constexpr std::int64_t known_after = 8;  // intervals
constexpr std::int64_t gap_in_intervals = 5;
constexpr std::int64_t least_gap_ms = 100;
constexpr std::int64_t unknown_gap_ms = 1000;

bool is_frame(media::MessageKind kind) {
  using enum media::MessageKind;
  return kind == key_frame || kind == video_frame || kind == audio_frame;
}

}  // namespace

TrackTime::Step TrackTime::on_timestamp(std::uint32_t timestamp_ms) {
  const std::int64_t now_ms = unwrapper_.unwrap(timestamp_ms, true);
  const auto before_ms = std::exchange(last_ms_, now_ms);
  if (!before_ms) return Step::even;
  const std::int64_t interval_ms = now_ms - *before_ms;
  if (interval_ms < 0) return Step::back;
  const std::int64_t most_ms = intervals_ < known_after
                                   ? unknown_gap_ms
                                   : std::max(least_gap_ms, gap_in_intervals * sum_ms_ / intervals_);
  if (interval_ms > most_ms) return Step::gap;
  sum_ms_ += interval_ms;
  ++intervals_;
  return Step::even;
}

std::optional<UtcMicroseconds> StreamClock::time_of(const MediaMessage& message,
                                                    const std::optional<FoundClock>& found) {
  embedded_ = embedded_ || found;
  if (found) return found->time;
  if (message.kind == media::MessageKind::annotation && media::script_name(message.payload) == "onClock") {
    const auto utc = media::decode_on_clock(message.payload);
    if (utc) anchor_ = {std::chrono::floor<std::chrono::microseconds>(*utc), message.timestamp_ms};
  }
  if (embedded_ || !anchor_ || !is_frame(message.kind)) return std::nullopt;
  const auto since = static_cast<std::int32_t>(message.timestamp_ms - anchor_->timestamp_ms);
  return anchor_->time + std::chrono::milliseconds(since);
}

Verifier::Verifier(ThreadFigures& thread, const Reference* reference)
    : thread_(thread), figures_(thread.verified), reference_(reference) {
  ++figures_.players;
  if (reference == nullptr) return;
  video_.cursor.emplace(reference->track(flv::TagType::video));
  audio_.cursor.emplace(reference->track(flv::TagType::audio));
}

bool Verifier::matches(const MediaMessage& message, const std::optional<FoundClock>& clock) {
  using enum media::MessageKind;
  if (reference_ == nullptr) return true;
  if (message.kind == video_header || message.kind == audio_header)
    return reference_->has_header(content_hash(message.payload, {}));
  if (!is_compared(message.type, message.payload)) return true;
  return track_of(message).cursor->advance(content_hash(message.payload, clock));
}

void Verifier::on_message(const MediaMessage& message) {
  const auto arrival = std::chrono::system_clock::now();
  ++figures_.messages;
  if (message.kind == media::MessageKind::video_header) nal_framing_.learn(message.payload);
  std::optional<FoundClock> found;
  if (message.type == flv::TagType::video) found = find_clock(message.payload, nal_framing_);
  const auto sent = clock_.time_of(message, found);
  if (sent && *sent >= joined_ && thread_.measuring)
    figures_.latency.add(std::chrono::duration_cast<std::chrono::microseconds>(arrival - *sent));
  if (!matches(message, found)) ++figures_.mismatched;
  // Some servers stamp headers with the start of the stream, others with that of the player.
  if (!is_frame(message.kind)) return;
  const TrackTime::Step step = track_of(message).time.on_timestamp(message.timestamp_ms);
  if (step == TrackTime::Step::back) ++figures_.out_of_order;
  if (step == TrackTime::Step::gap) ++figures_.timestamp_gaps;
}

}  // namespace srs::bench

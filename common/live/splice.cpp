#include "live/splice.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <utility>

#include "media/annotations.h"

namespace srs::live {
namespace {

std::uint64_t hash_of(const Slice& payload) {
  return std::hash<std::string_view>{}(
      std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size()));
}

bool is_frame(const media::Message& message) {
  return (message.is_audio() || message.is_video()) && !message.is_header();
}

std::int64_t milliseconds(Splice::Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

void Splice::begin_source(Clock::time_point now, const std::string& timeline) {
  same_timeline_.reset();
  if (!timeline.empty() && !timeline_name_.empty()) same_timeline_ = timeline == timeline_name_;
  source_name_ = timeline;
  held_.clear();
  held_bytes_ = 0;
  source_begun_ = now;
  first_frame_at_.reset();
  wraps_ms_ = 0;
  video_.has_frames = audio_.has_frames = false;
  state_ = timeline_.newest() < 0 ? State::passing : State::matching;
  if (state_ == State::passing) timeline_name_ = source_name_;
}

void Splice::push(media::Message message, Clock::time_point now, std::vector<media::Message>& out) {
  if (is_frame(message)) {
    if (!first_frame_at_) first_frame_at_ = now;
    track(message).has_frames = true;
  }
  if (state_ == State::matching) return hold(std::move(message), now, out);
  message.timestamp_ms += wraps_ms_;
  route(std::move(message), now, out);
}

// A message of a source that has been matched.
void Splice::route(media::Message message, Clock::time_point now, std::vector<media::Message>& out) {
  if (message.is_header()) return pass_header(std::move(message), out);
  if (message.is_audio() || message.is_video()) return on_media(std::move(message), now, out);
  if (message.kind == media::MessageKind::annotation) return pass_annotation(std::move(message), out);
  if (state_ != State::passing) return;
  message.timestamp_ms = timeline_.map(message.type, message.timestamp_ms).timestamp_ms;
  out.push_back(std::move(message));
}

bool Splice::has_had_frames_for(std::chrono::seconds time, Clock::time_point now) const {
  return first_frame_at_ && now - *first_frame_at_ >= time;
}

// Whether the source seems to lack this track.
bool Splice::lacks(const Track& track, Clock::time_point now) const {
  return !track.seen || (!track.has_frames && has_had_frames_for(missing_track_patience, now));
}

// A frame that decoding can start at: a key frame; without video any audio frame; without key frames any
// frame.
bool Splice::can_start_at(const media::Message& message, Clock::time_point now) const {
  return message.kind == media::MessageKind::key_frame ||
         (is_frame(message) && has_had_frames_for(key_patience, now)) ||
         (message.is_audio() && lacks(video_, now));
}

void Splice::hold(media::Message message, Clock::time_point now, std::vector<media::Message>& out) {
  const bool is_decisive = can_start_at(message, now) && is_frame(message);
  const bool is_media = is_frame(message);
  push_held(std::move(message));
  const bool is_full = held_.size() >= max_held || held_bytes_ >= max_held_bytes;
  if (!is_decisive && !(is_full && is_media)) return;
  match(held_.back(), now);
  release(now, out);
}

// A flood of headers and scripts without a frame takes no room: only the newest are kept.
void Splice::push_held(media::Message message) {
  const bool repeats = !held_.empty() && message.is_header() && held_.back().is_header() &&
                       media::header_key(held_.back()) == media::header_key(message);
  while (!held_.empty() && (repeats || held_.size() >= max_held || held_bytes_ >= max_held_bytes)) {
    media::Message& least = repeats ? held_.back() : held_.front();
    held_bytes_ -= least.payload.size() + held_overhead;
    if (repeats) {
      held_.pop_back();
      break;
    }
    held_.pop_front();
  }
  held_bytes_ += message.payload.size() + held_overhead;
  held_.push_back(std::move(message));
}

void Splice::release(Clock::time_point now, std::vector<media::Message>& out) {
  held_bytes_ = 0;
  for (media::Message& message : std::exchange(held_, {})) {
    message.timestamp_ms += wraps_ms_;
    route(std::move(message), now, out);
  }
}

// A track that is far behind has stopped.
std::optional<Splice::Place> Splice::place() const {
  if (timeline_.newest() < 0) return std::nullopt;
  std::int64_t time = timeline_.newest();
  for (const Track* each : {&video_, &audio_})
    if (each->seen && each->last_ms > timeline_.newest() - tolerance_ms) time = std::min(time, each->last_ms);
  return Place{std::max<std::int64_t>(time - timeline_.offset_ms(), 0), timeline_name_};
}

// The stream's time now, had it not been interrupted.
std::int64_t Splice::expected_ms(Clock::time_point now) const {
  return timeline_.newest() + milliseconds(now - newest_at_);
}

// Sources count in 32 bits from their connection on: after a wrap that is below the stream's time; and above
// it, if the stream began after the wrap and the overlap lies before. A timeline of the same name is the
// stream's at any distance, and the stream may have joined it shifted.
void Splice::unwrap(std::int64_t time, Clock::time_point now) {
  const std::int64_t expected = expected_ms(now);
  const bool is_same = same_timeline_.value_or(false);
  const std::int64_t turns = media::whole_turns(is_same ? time + timeline_.offset_ms() : time, expected);
  if (is_same || std::abs(time + turns - expected) <= max_overlap_ms) wraps_ms_ = turns;
}

void Splice::match(const media::Message& first, Clock::time_point now) {
  unwrap(first.timestamp_ms, now);
  const std::int64_t time = first.timestamp_ms + wraps_ms_;
  const std::int64_t expected = expected_ms(now);
  const bool is_not_ahead = time <= expected + tolerance_ms;
  if (same_timeline_.value_or(false)) {
    // The stream may have joined it shifted, after another timeline.
    const std::int64_t offset = timeline_.offset_ms();
    return join(offset, find_at(first, time + offset) != nullptr);
  }
  if (find_at(first, time)) return join(0, true);
  const bool may_fit = is_not_ahead && same_timeline_.value_or(true);
  if (may_fit && time > timeline_.newest()) return join(0, false);
  if (const Fingerprint* fingerprint = find_key(first)) return join(fingerprint->timestamp_ms - time, true);
  if (may_fit && time > expected - max_overlap_ms) return join(0, false);
  state_ = State::unrelated;
}

void Splice::join(std::int64_t offset_ms, bool is_same_content) {
  offset_ms_ = offset_ms;
  timeline_name_ = source_name_;
  same_content_ = is_same_content;
  timeline_.join(offset_ms);
  video_.joined = audio_.joined = false;
  state_ = State::trimming;
}

void Splice::on_media(media::Message message, Clock::time_point now, std::vector<media::Message>& out) {
  const bool has_to_join = state_ == State::trimming || (state_ == State::passing && !track(message).joined);
  if (has_to_join && !is_new(message, now)) {
    // This very message may have shown the source to be unrelated.
    if (state_ != State::unrelated || !can_start_at(message, now)) return;
  }
  if (state_ == State::unrelated) {
    if (!can_start_at(message, now)) return;
    timeline_.restart(std::chrono::duration_cast<std::chrono::milliseconds>(now - newest_at_));
    timeline_name_ = source_name_;
    audio_.joined = true;
    video_.joined = message.is_video() || !video_.seen;
    same_content_ = false;
    state_ = State::passing;
    pass_media(std::move(message), now, out);
    offset_ms_ = timeline_.offset_ms();
    return;
  }
  pass_media(std::move(message), now, out);
}

// While trimming: whether to forward the message.
bool Splice::is_new(const media::Message& message, Clock::time_point now) {
  Track& its = track(message);
  if (its.joined) return end_trimming(now), true;
  const std::int64_t time = message.timestamp_ms + offset_ms_;
  if (same_content_) {
    its.joined = time > its.last_ms || (time == its.last_ms && !find_at(message, time));
  } else {
    its.joined = time > its.last_ms && (!message.is_video() || can_start_at(message, now));
  }
  if (!its.joined && is_behind(time, now)) state_ = State::unrelated;
  end_trimming(now);
  return its.joined;
}

// Trimming ends once each track has joined or counts as missing.
void Splice::end_trimming(Clock::time_point now) {
  if ((video_.joined || lacks(video_, now)) && (audio_.joined || lacks(audio_, now))) state_ = State::passing;
}

// Whether a source at this time has been behind for too long.
bool Splice::is_behind(std::int64_t time, Clock::time_point now) const {
  const auto limit = same_timeline_.value_or(false) ? key_patience
                     : same_content_                ? same_content_patience
                                                    : patience;
  return now - source_begun_ >= limit && time < expected_ms(now) - tolerance_ms;
}

void Splice::pass_media(media::Message message, Clock::time_point now, std::vector<media::Message>& out) {
  const auto mapped = timeline_.map(message.type, message.timestamp_ms);
  if (mapped.discontinuity)
    out.push_back(media::make_message(flv::TagType::script, mapped.timestamp_ms,
                                      media::encode_on_discontinuity("source lost and back")));
  message.timestamp_ms = mapped.timestamp_ms;
  Track& its = track(message);
  its.seen = true;
  its.last_ms = mapped.timestamp_ms;
  newest_at_ = now;
  remember(message);
  out.push_back(std::move(message));
}

void Splice::pass_header(media::Message message, std::vector<media::Message>& out) {
  if (!headers_.update(message)) return;  // unchanged, or larger than a header may be
  // Only a header's order matters: after the newest frame it applies to the next.
  message.timestamp_ms =
      timeline_.newest() < 0 ? std::max<std::int64_t>(message.timestamp_ms, 0) : timeline_.newest();
  out.push_back(std::move(message));
}

// The source's clock and seams have its timestamps.
void Splice::pass_annotation(media::Message message, std::vector<media::Message>& out) {
  if (state_ != State::passing) return;
  message.timestamp_ms = std::max<std::int64_t>(message.timestamp_ms + timeline_.offset_ms(), 0);
  if (message.timestamp_ms < last_annotation_ms_) return;
  // Before the first frame the time is unknown.
  if (timeline_.newest() >= 0) last_annotation_ms_ = message.timestamp_ms;
  out.push_back(std::move(message));
}

// The same message at this time of the stream.
const Splice::Fingerprint* Splice::find_at(const media::Message& message, std::int64_t timestamp_ms) const {
  const std::uint64_t hash = hash_of(message.payload);
  const auto found =
      std::find_if(fingerprints_.rbegin(), fingerprints_.rend(), [&](const Fingerprint& fingerprint) {
        return fingerprint.timestamp_ms == timestamp_ms && fingerprint.hash == hash &&
               fingerprint.type == message.type;
      });
  return found == fingerprints_.rend() ? nullptr : &*found;
}

// The newest equal key frame, at any time.
const Splice::Fingerprint* Splice::find_key(const media::Message& message) const {
  if (message.kind != media::MessageKind::key_frame || message.payload.size() < distinctive_size)
    return nullptr;
  const std::uint64_t hash = hash_of(message.payload);
  const auto found =
      std::find_if(fingerprints_.rbegin(), fingerprints_.rend(), [&](const Fingerprint& fingerprint) {
        return fingerprint.is_key && fingerprint.hash == hash &&
               fingerprint.size_bytes == message.payload.size();
      });
  return found == fingerprints_.rend() ? nullptr : &*found;
}

void Splice::remember(const media::Message& message) {
  fingerprints_.push_back({hash_of(message.payload), message.timestamp_ms,
                           static_cast<std::uint32_t>(message.payload.size()), message.type,
                           message.kind == media::MessageKind::key_frame});
  while (fingerprints_.size() > max_fingerprints ||
         fingerprints_.front().timestamp_ms < message.timestamp_ms - max_overlap_ms)
    fingerprints_.pop_front();
}

}  // namespace srs::live

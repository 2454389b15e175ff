#include "media/splice.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <utility>

#include "media/annotations.h"

namespace srs::media {
namespace {

std::uint64_t hash_of(const Slice& payload) {
  return std::hash<std::string_view>{}(
      std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size()));
}

std::size_t header_index(MessageKind kind) {
  return kind == MessageKind::metadata ? 0 : kind == MessageKind::video_header ? 1 : 2;
}

bool is_frame(const Message& message) {
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
  turns_ms_ = 0;
  video_.brought = audio_.brought = false;
  state_ = timeline_.newest() < 0 ? State::going : State::judging;
  if (state_ == State::going) timeline_name_ = source_name_;
}

void Splice::take(Message message, Clock::time_point now, std::vector<Message>& out) {
  if (is_frame(message)) {
    if (!first_frame_at_) first_frame_at_ = now;
    track(message).brought = true;
  }
  if (state_ == State::judging) return hold(std::move(message), now, out);
  message.timestamp_ms += turns_ms_;
  go_on(std::move(message), now, out);
}

// A message of a source that has been judged.
void Splice::go_on(Message message, Clock::time_point now, std::vector<Message>& out) {
  if (message.is_header()) return pass_header(std::move(message), out);
  if (message.is_audio() || message.is_video()) return take_media(std::move(message), now, out);
  if (message.kind == MessageKind::annotation) return pass_annotation(std::move(message), out);
  if (state_ != State::going) return;
  message.timestamp_ms = timeline_.map(message.type, message.timestamp_ms).timestamp_ms;
  out.push_back(std::move(message));
}

bool Splice::has_had(std::chrono::seconds time, Clock::time_point now) const {
  return first_frame_at_ && now - *first_frame_at_ >= time;
}

// Whether the source seems to be without this track.
bool Splice::lacks(const Track& track, Clock::time_point now) const {
  return !track.seen || (!track.brought && has_had(lone_track_patience, now));
}

// A frame that decoding can start at. Without video each audio frame is one; where no key frame ever comes,
// any.
bool Splice::starts(const Message& message, Clock::time_point now) const {
  return message.kind == MessageKind::key_frame || (is_frame(message) && has_had(key_patience, now)) ||
         (message.is_audio() && lacks(video_, now));
}

void Splice::hold(Message message, Clock::time_point now, std::vector<Message>& out) {
  const bool is_telling = starts(message, now) && is_frame(message);
  const bool is_media = is_frame(message);
  keep(std::move(message));
  const bool is_full = held_.size() >= max_held || held_bytes_ >= max_held_bytes;
  if (!is_telling && !(is_full && is_media)) return;
  judge(held_.back(), now);
  release(now, out);
}

// A flood of headers and scripts without any frame takes no room: the newest are enough.
void Splice::keep(Message message) {
  const bool repeats = !held_.empty() && message.is_header() && held_.back().kind == message.kind;
  while (!held_.empty() && (repeats || held_.size() >= max_held || held_bytes_ >= max_held_bytes)) {
    Message& least = repeats ? held_.back() : held_.front();
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

void Splice::release(Clock::time_point now, std::vector<Message>& out) {
  held_bytes_ = 0;
  for (Message& message : std::exchange(held_, {})) {
    message.timestamp_ms += turns_ms_;
    go_on(std::move(message), now, out);
  }
}

// Where the stream should be by now, had it not been interrupted.
std::int64_t Splice::expected_ms(Clock::time_point now) const {
  return timeline_.newest() + milliseconds(now - newest_at_);
}

// Sources count in 32 bits from where they are connected: behind a wrap that is beneath the stream; and above
// it, if the stream began behind the wrap and what overlaps with it stands before. A timeline of the same
// name is the stream's at any distance, and may have been taken up shifted.
void Splice::unwrap(std::int64_t time, Clock::time_point now) {
  const std::int64_t expected = expected_ms(now);
  const bool is_same = same_timeline_.value_or(false);
  const std::int64_t turns = whole_turns(is_same ? time + timeline_.offset_ms() : time, expected);
  if (is_same || std::abs(time + turns - expected) <= max_overlap_ms) turns_ms_ = turns;
}

void Splice::judge(const Message& first, Clock::time_point now) {
  unwrap(first.timestamp_ms, now);
  const std::int64_t time = first.timestamp_ms + turns_ms_;
  const std::int64_t expected = expected_ms(now);
  const bool is_not_ahead = time <= expected + tolerance_ms;
  if (same_timeline_.value_or(false)) {
    // The stream may have taken it up shifted, behind another timeline.
    const std::int64_t offset = timeline_.offset_ms();
    return join(offset, find_at(first, time + offset) != nullptr);
  }
  if (find_at(first, time)) return join(0, true);
  const bool may_fit = is_not_ahead && same_timeline_.value_or(true);
  if (may_fit && time > timeline_.newest()) return join(0, false);
  if (const Print* print = find_key(first)) return join(print->timestamp_ms - time, true);
  if (may_fit && time > expected - max_overlap_ms) return join(0, false);
  state_ = State::unlike;
}

void Splice::join(std::int64_t offset_ms, bool is_same_content) {
  offset_ms_ = offset_ms;
  timeline_name_ = source_name_;
  same_content_ = is_same_content;
  timeline_.join(offset_ms);
  video_.going = audio_.going = false;
  state_ = State::trimming;
}

void Splice::take_media(Message message, Clock::time_point now, std::vector<Message>& out) {
  const bool has_to_join = state_ == State::trimming || (state_ == State::going && !track(message).going);
  if (has_to_join && !is_new(message, now)) {
    // It may have turned out to be unlike with this very message.
    if (state_ != State::unlike || !starts(message, now)) return;
  }
  if (state_ == State::unlike) {
    if (!starts(message, now)) return;
    timeline_.restart(std::chrono::duration_cast<std::chrono::milliseconds>(now - newest_at_));
    timeline_name_ = source_name_;
    audio_.going = true;
    video_.going = message.is_video() || !video_.seen;
    same_content_ = false;
    state_ = State::going;
    pass_media(std::move(message), now, out);
    offset_ms_ = timeline_.offset_ms();
    return;
  }
  pass_media(std::move(message), now, out);
}

// While trimming: whether the message goes on.
bool Splice::is_new(const Message& message, Clock::time_point now) {
  Track& its = track(message);
  if (its.going) return settle(now), true;
  const std::int64_t time = message.timestamp_ms + offset_ms_;
  if (same_content_) {
    its.going = time > its.last_ms || (time == its.last_ms && !find_at(message, time));
  } else {
    its.going = time > its.last_ms && (!message.is_video() || starts(message, now));
  }
  if (!its.going && is_behind(time, now)) state_ = State::unlike;
  settle(now);
  return its.going;
}

// Nothing is trimmed any more once both tracks go on, or one that there is not is not to be expected.
void Splice::settle(Clock::time_point now) {
  if ((video_.going || lacks(video_, now)) && (audio_.going || lacks(audio_, now))) state_ = State::going;
}

// Whether what is at this time has been waited for in vain.
bool Splice::is_behind(std::int64_t time, Clock::time_point now) const {
  const auto worth = same_timeline_.value_or(false) ? key_patience
                     : same_content_                ? same_content_patience
                                                    : patience;
  return now - source_begun_ >= worth && time < expected_ms(now) - tolerance_ms;
}

void Splice::pass_media(Message message, Clock::time_point now, std::vector<Message>& out) {
  const auto mapped = timeline_.map(message.type, message.timestamp_ms);
  if (mapped.discontinuity)
    out.push_back(make_message(flv::TagType::script, mapped.timestamp_ms,
                               encode_on_discontinuity("source lost and back")));
  message.timestamp_ms = mapped.timestamp_ms;
  Track& its = track(message);
  its.seen = true;
  its.last_ms = mapped.timestamp_ms;
  newest_at_ = now;
  remember(message);
  out.push_back(std::move(message));
}

void Splice::pass_header(Message message, std::vector<Message>& out) {
  if (message.payload.size() > max_header_bytes) return;
  Slice& newest = headers_[header_index(message.kind)];
  const Bytes bytes = message.payload.bytes();
  if (std::equal(bytes.begin(), bytes.end(), newest.bytes().begin(), newest.bytes().end())) return;
  newest = Slice::copy_of(bytes);  // not the whole block that it came in
  // Of a header only the order matters; behind the newest frame it is in force for the next.
  message.timestamp_ms =
      timeline_.newest() < 0 ? std::max<std::int64_t>(message.timestamp_ms, 0) : timeline_.newest();
  out.push_back(std::move(message));
}

// The source's clock and seams are told in its time.
void Splice::pass_annotation(Message message, std::vector<Message>& out) {
  if (state_ != State::going) return;
  message.timestamp_ms = std::max<std::int64_t>(message.timestamp_ms + timeline_.offset_ms(), 0);
  if (message.timestamp_ms < last_annotation_ms_) return;
  // Before the first frame it is not known yet what time it is.
  if (timeline_.newest() >= 0) last_annotation_ms_ = message.timestamp_ms;
  out.push_back(std::move(message));
}

// The same message, at this time of the stream.
const Splice::Print* Splice::find_at(const Message& message, std::int64_t timestamp_ms) const {
  const std::uint64_t hash = hash_of(message.payload);
  const auto found = std::find_if(prints_.rbegin(), prints_.rend(), [&](const Print& print) {
    return print.timestamp_ms == timestamp_ms && print.hash == hash && print.type == message.type;
  });
  return found == prints_.rend() ? nullptr : &*found;
}

// The newest key frame that is the same, at any time.
const Splice::Print* Splice::find_key(const Message& message) const {
  if (message.kind != MessageKind::key_frame || message.payload.size() < telling_size) return nullptr;
  const std::uint64_t hash = hash_of(message.payload);
  const auto found = std::find_if(prints_.rbegin(), prints_.rend(), [&](const Print& print) {
    return print.is_key && print.hash == hash && print.size_bytes == message.payload.size();
  });
  return found == prints_.rend() ? nullptr : &*found;
}

void Splice::remember(const Message& message) {
  prints_.push_back({hash_of(message.payload), message.timestamp_ms,
                     static_cast<std::uint32_t>(message.payload.size()), message.type,
                     message.kind == MessageKind::key_frame});
  while (prints_.size() > max_prints || prints_.front().timestamp_ms < message.timestamp_ms - max_overlap_ms)
    prints_.pop_front();
}

}  // namespace srs::media

#include "srs-hls/cut/segmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

// system_clock counts nanoseconds until 2262; stream times are added to it.
constexpr std::int64_t utc_max_ms = 8'000'000'000'000;

// Streams of a ladder that are further apart do not share a timeline.
constexpr std::int64_t ladder_apart_ms = 60'000;

// The value of `name=value` in a line of words; empty if missing.
std::string_view state_value(std::string_view line, std::string_view name) {
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    const std::string_view one = line.substr(0, end);
    if (one.starts_with(name) && one.size() > name.size() && one[name.size()] == '=')
      return one.substr(name.size() + 1);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return {};
}

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
  Number value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return {};
  return value;
}

// Frame durations with a fraction of a millisecond are rounded up or down, and the end of a part's last frame
// is derived from the frame before it: together up to this error. With less, parts would now and then miss
// their last frame and be too short.
int uneven_ms(double interval_ms) {
  return std::abs(interval_ms - std::round(interval_ms)) < 0.01 ? 0 : 2;
}

// The duration of whole frames nearest to what was asked for.
milliseconds whole_frames(milliseconds asked, double interval_ms) {
  if (interval_ms <= 0) return asked;
  const double frames = std::max(1.0, std::round(static_cast<double>(asked.count()) / interval_ms));
  const int uneven = uneven_ms(interval_ms);
  const double length = frames * interval_ms;
  return milliseconds(
      static_cast<std::int64_t>(uneven == 0 ? std::round(length) : std::ceil(length) + uneven));
}

// Whether parts of whole frames up to this duration last at least 85 % of it (rfc8216bis 4.4.3.7).
bool fits(milliseconds part, double interval_ms) {
  if (interval_ms <= 0) return true;
  const int uneven = uneven_ms(interval_ms);
  const double frames = std::floor(static_cast<double>(part.count() - uneven) / interval_ms + 1e-6);
  return frames * interval_ms - uneven >= 0.85 * static_cast<double>(part.count());
}

}  // namespace

Segmenter::Segmenter(std::string path, const CutSettings& settings, std::vector<Lane> lanes, CutPlan* plan,
                     const Clock& clock, const cli::Log& log)
    : path_(std::move(path)),
      settings_(settings),
      lanes_(std::move(lanes)),
      plan_(plan),
      clock_(clock),
      log_(log),
      rule_(settings.target) {}

void Segmenter::resume() {
  for (Lane& lane : lanes_) {
    const Playlist& playlist = lane.rendition().playlist();
    continues_ |= playlist.next_sequence() > 0;
    if (rule_.target_duration_s() == 0) rule_.settle(playlist.target_duration_s);
    lane.muxer().restore(state_value(playlist.state, "muxer"));
    const auto part_ms = number<std::int64_t>(state_value(playlist.state, "part"), 10);
    const bool asked_before =
        part_ms && std::abs(*part_ms - settings_.part.count()) <= settings_.part.count() / 4;
    if (settings_.part.count() > 0 && playlist.target_duration_s > 0 && asked_before)
      lane.rendition().set_part_target(milliseconds(*part_ms));
  }
  const Playlist& playlist = first_rendition().playlist();
  const auto newest = number<std::int64_t>(state_value(playlist.state, "newest"), 10);
  const auto configuration = number<std::uint64_t>(state_value(playlist.state, "configuration"), 16);
  // Without valid state in the playlist, what comes counts as a new timeline.
  if (!newest || !configuration || *newest < 0 || !Tracks::is_possible(*newest)) return;
  configuration_ = *configuration;
  timestamps_.restore(*newest);
  const auto zero = number<std::int64_t>(state_value(playlist.state, "zero"), 10);
  if (zero && *zero > 0 && *zero < utc_max_ms) program_clock_.restore(ProgramClock::Utc(milliseconds(*zero)));
}

std::int64_t Segmenter::wrap_offset_ms(std::int64_t time_ms) const {
  const auto ladder_ms = plan_ != nullptr ? plan_->reference_ms() : std::nullopt;
  if (ladder_ms) {
    const std::int64_t wrap_offset_ms = media::whole_turns(time_ms, *ladder_ms);
    if (std::abs(time_ms + wrap_offset_ms - *ladder_ms) <= ladder_apart_ms) return wrap_offset_ms;
  }
  const auto newest_ms = timestamps_.newest();
  if (!newest_ms) return 0;
  const std::int64_t wrap_offset_ms = media::whole_turns(time_ms, *newest_ms);
  // Containers begin at 0; frames slightly before it overlap with existing ones.
  return time_ms + wrap_offset_ms < -Timestamps::jump_ms ? 0 : wrap_offset_ms;
}

std::string Segmenter::state(const Lane& lane) const {
  const auto zero = std::chrono::floor<milliseconds>(program_clock_.at(0).time_since_epoch());
  return fmt::format("newest={} configuration={:016x} zero={} part={}", timestamps_.newest().value_or(-1),
                     configuration_, zero.count(), lane.rendition().playlist().part_target.count());
}

bool Segmenter::needs_intervals() const {
  return settings_.part.count() > 0 && (plan_ == nullptr || plan_->part_target().count() == 0) &&
         lanes_[0].rendition().playlist().part_target.count() == 0;
}

void Segmenter::set_intervals(double picture_ms, double sound_ms) {
  for (Lane& lane : lanes_) {
    const bool of_both = lanes_.size() == 1, is_first = &lane == lanes_.data();
    lane.set_intervals(is_first ? picture_ms : 0, of_both || !is_first ? sound_ms : 0);
  }
}

void Segmenter::add(const Frame& frame, std::uint64_t configuration, bool has_video) {
  if (frame.track == Track::video && awaits_key_frame_) {
    if (!frame.key) return;
    awaits_key_frame_ = false;
  }
  count_arrival();
  const bool jumped = std::exchange(new_timeline_, false) || jumps(frame);
  if (jumped) {
    finish();
    last_key_ms_.reset();
  }
  if (open_ && decide_cut(frame, configuration, has_video) != Cut::none) close(&frame);
  if (!open_ && !may_open()) {
    awaits_key_frame_ |= has_video;
    return;
  }
  if (frame.is_key()) last_key_ms_ = frame.time.dts_ms;
  if (!open_) open(frame, configuration, jumped);
  timestamps_.follow(frame.track, frame.time.dts_ms, jumped);
  write(frame);
}

void Segmenter::count_arrival() {
  const auto now = clock_.steady_coarse();
  if (last_arrival_)
    elapsed_ += std::clamp(std::chrono::duration_cast<milliseconds>(now - *last_arrival_), milliseconds(0),
                           milliseconds(1'000));
  last_arrival_ = now;
}

// Whether a segment may begin: after short ones only within the budget.
bool Segmenter::may_open() {
  if (!was_short_ || budget_.consume(clock_.steady_coarse())) return true;
  if (!std::exchange(reported_short_, true))
    log_.warning_by({"very short segments", {}},
                    "{}: very short segments one after the other, because of codec changes, timestamp jumps "
                    "or their size: "
                    "above {:.0f} per second, frames are left out",
                    path_, CutBudget::a_second);
  return false;
}

// Whether the segment is too large or has taken too long. At a key frame three quarters of the limits count,
// since it is a good place to cut.
bool Segmenter::is_due(const Frame& frame, bool at_key_frame) const {
  std::uint64_t size_max = settings_.segment_bytes;
  if (limit_bytes_ > 0) size_max = std::min(size_max, limit_bytes_);
  milliseconds time_max = segment_time_max(settings_.target);
  if (at_key_frame) size_max -= size_max / 4, time_max -= time_max / 4;
  std::size_t size = frame.body.size();
  for (const Lane& lane : lanes_) size += lane.size_bytes();
  return size > size_max || elapsed_ - segment_begun_at_ > time_max;
}

std::size_t Segmenter::held_bytes() const {
  std::size_t size = 0;
  for (const Lane& lane : lanes_) size += lane.held_bytes();
  return size;
}

void Segmenter::report_forced_cut() {
  ++forced_cuts_;
  if (std::exchange(reported_forced_cut_, true)) return;
  log_.warning_by(
      {"segments cut by size and time", {}},
      "{}: a segment of {} MiB that took {} s to come, for {} ms of media: segments are cut by size "
      "and time; are the publisher's timestamps right?",
      path_, held_bytes() >> 20, (elapsed_ - segment_begun_at_).count() / 1'000,
      lanes_[0].duration_so_far().count());
}

// Whether the segment ends before this frame.
Segmenter::Cut Segmenter::decide_cut(const Frame& frame, std::uint64_t configuration, bool has_video) {
  if (frame.is_key()) {
    if (last_key_ms_) rule_.on_gop(milliseconds(frame.time.dts_ms - *last_key_ms_));
    if (cut_at_key_frame(frame, configuration)) return Cut::here;
    if (is_due(frame, true)) {
      report_forced_cut();
      return forced_cut(frame);
    }
  } else if (!has_video) {
    const milliseconds so_far(frame.time.pts_ms - start_ms_);
    if (configuration != configuration_ || rule_.cut_anywhere(so_far)) return Cut::here;
  }
  return decide_cut_by_length(frame, has_video);
}

bool Segmenter::cut_at_key_frame(const Frame& frame, std::uint64_t configuration) {
  const milliseconds so_far(frame.time.pts_ms - start_ms_);
  const bool wanted = configuration != configuration_ || rule_.cut_at_key_frame(so_far);
  if (plan_ == nullptr) return wanted;
  return plan_->cut(first_rendition().playlist().next_sequence() + 1, frame.time.dts_ms, wanted);
}

Segmenter::Cut Segmenter::decide_cut_by_length(const Frame& frame, bool has_video) {
  const milliseconds with_frame(frame.time.dts_ms - start_ms_ + timestamps_.interval_ms(frame.track));
  const bool due = is_due(frame, false), too_long = rule_.too_long(with_frame);
  if (!due && !too_long) return Cut::none;
  if (due) report_forced_cut();
  if (too_long && has_video && timestamps_.goes_on(Track::video, frame.time.dts_ms)) report_long_gop();
  return forced_cut(frame);
}

Segmenter::Cut Segmenter::forced_cut(const Frame& frame) {
  if (plan_ != nullptr)
    plan_->record_start(first_rendition().playlist().next_sequence() + 1, frame.time.dts_ms);
  return Cut::last_resort;
}

void Segmenter::report_long_gop() {
  ++missing_key_frames_;
  if (std::exchange(reported_long_gop_, true)) return;
  log_.warning_by(
      {"no key frames", {}},
      "{}: no key frame within {} s, which the playlist promises as the longest segment: segments are cut "
      "between key frames; set the encoder's key frame interval to 2 s",
      path_, rule_.target_duration_s() > 0 ? rule_.target_duration_s() : 15);
}

void Segmenter::open(const Frame& frame, std::uint64_t configuration, bool jumped) {
  const bool discontinuity = continues_ && (jumped || configuration != configuration_);
  for (bool& one : discontinuity_) one |= discontinuity;
  configuration_ = configuration;
  open_ = true;
  if (settings_.part.count() > 0) announce_parts();
  segment_begun_at_ = elapsed_;
  start_ms_ = frame.time.pts_ms;
  program_clock_.begin(frame.time.dts_ms, frame.arrival.value_or(clock_.utc()), jumped);
  if (plan_ != nullptr) program_clock_.agree(plan_->zero());
  if (plan_ == nullptr) return;
  if (jumped) plan_->record_start(first_rendition().playlist().next_sequence(), frame.time.dts_ms);
  if (!first_rendition().playlist().segments.empty()) {
    if (discontinuity) plan_->record_start(first_rendition().playlist().next_sequence(), frame.time.dts_ms);
    return;
  }
  const std::uint64_t sequence = plan_->join(frame.time.dts_ms);
  for (Lane& lane : lanes_) lane.rendition().start_at(sequence);
}

void Segmenter::write(const Frame& frame) {
  Lane& lane = lane_of(frame.track);
  if (!lane.open()) {
    bool& discontinuity = discontinuity_[&lane - lanes_.data()];
    for (const Lane& other : lanes_) lane.rendition().start_at(other.rendition().playlist().next_sequence());
    lane.begin({std::exchange(discontinuity, false), program_clock_.at(frame.time.pts_ms)}, frame.time.pts_ms,
               frame.time.dts_ms);
  }
  lane.write(frame, timestamps_.interval_ms(frame.track), elapsed_);
}

void Segmenter::close(const Frame* next) {
  if (!std::exchange(open_, false)) return;
  const Lane* const next_lane = next != nullptr ? &lane_of(next->track) : nullptr;
  if (rule_.target_duration_s() == 0)
    for (Lane& lane : lanes_)
      if (lane.has_frames() && rule_.target_duration_s() == 0)
        settle(&lane == next_lane ? milliseconds(next->time.pts_ms - start_ms_) : lane.duration_so_far());
  const milliseconds longest(rule_.target_duration_s() * 1000 + 499);
  milliseconds listed{0};
  std::vector<Lane*> missing;
  for (Lane& lane : lanes_) {
    if (!lane.open() || !lane.has_frames()) {
      missing.push_back(&lane);
      continue;
    }
    lane.finish(&lane == next_lane ? &next->time : nullptr, longest, state(lane));
    listed = lane.rendition().playlist().segments.back().duration;
    continues_ = true;
  }
  for (Lane* lane : missing) add_gap(*lane, listed);
  was_short_ = listed < settings_.target / 4;
  if (settings_.part.count() > 0) settle_parts();
}

// Keeps the sequence numbers equal to those of the other lane.
void Segmenter::add_gap(Lane& lane, milliseconds duration) {
  bool& discontinuity = discontinuity_[&lane - lanes_.data()];
  if (duration.count() > 0 && !lane.rendition().playlist().segments.empty())
    return lane.add_gap({std::exchange(discontinuity, false), program_clock_.at(start_ms_)}, duration,
                        state(lane));
  lane.abandon();
}

double Segmenter::frame_rate() const {
  const double interval = lanes_[0].picture_interval_ms();
  return interval > 0 ? std::round(1'000'000 / interval) / 1'000 : 0;
}

void Segmenter::settle(milliseconds first_duration) {
  const int shared = plan_ != nullptr ? plan_->target_duration_s() : 0;
  rule_.settle(shared > 0 ? shared : rule_.target_duration_for(first_duration));
  if (plan_ != nullptr) plan_->settle(rule_.target_duration_s());
  for (Lane& lane : lanes_) lane.rendition().set_target_duration(rule_.target_duration_s());
}

// Audio frames and pictures differ in duration: takes the next longer part duration that fits all lanes, or
// the requested one if none is near.
milliseconds Segmenter::fitting_part(milliseconds asked) const {
  for (milliseconds part = asked; part <= asked + asked / 2; ++part)
    if (std::all_of(lanes_.begin(), lanes_.end(),
                    [part](const Lane& lane) { return fits(part, lane.frame_interval_ms()); }))
      return part;
  return asked;
}

// Parts are listed before the first segment: the playlist's target durations must be set first.
void Segmenter::announce_parts() {
  if (rule_.target_duration_s() == 0) settle(milliseconds(0));
  const bool is_known = (plan_ != nullptr && plan_->part_target().count() > 0) ||
                        std::any_of(lanes_.begin(), lanes_.end(),
                                    [](const Lane& lane) { return lane.frame_interval_ms() > 0; });
  if (is_known) settle_parts();
}

// All renditions have the same parts.
void Segmenter::settle_parts() {
  milliseconds part = plan_ != nullptr ? plan_->part_target() : milliseconds(0);
  for (const Lane& lane : lanes_)
    if (part.count() == 0 && lane.frame_interval_ms() > 0)
      part = fitting_part(whole_frames(settings_.part, lane.frame_interval_ms()));
  if (part.count() == 0) part = settings_.part;
  if (plan_ != nullptr) plan_->settle_parts(part);
  for (Lane& lane : lanes_)
    if (lane.rendition().playlist().part_target.count() == 0) lane.rendition().set_part_target(part);
}

}  // namespace srs::hls

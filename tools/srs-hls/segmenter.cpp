#include "segmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

// system_clock counts nanoseconds until 2262.
constexpr std::int64_t utc_max_ms = 9'000'000'000'000;

// The value of `name=value` in a line of words; empty if it is not there.
std::string_view word(std::string_view line, std::string_view name) {
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

}  // namespace

Segmenter::Segmenter(std::string path, milliseconds target, SegmentMuxer& muxer, Listing& listing,
                     const Clock& clock, const cli::Log& log)
    : path_(std::move(path)), muxer_(muxer), listing_(listing), clock_(clock), log_(log), rule_(target) {}

void Segmenter::restore() {
  const Playlist& playlist = listing_.playlist();
  rule_.settle(playlist.target_duration_s);
  continues_ = playlist.next_sequence() > 0;
  const auto newest = number<std::int64_t>(word(playlist.state, "newest"), 10);
  const auto configuration = number<std::uint64_t>(word(playlist.state, "configuration"), 16);
  // What comes is something else than a playlist that does not say what it ends with.
  if (!newest || !configuration || *newest < 0) return;
  configuration_ = *configuration;
  timestamps_.restore(*newest);
  const auto zero = number<std::int64_t>(word(playlist.state, "zero"), 10);
  if (zero && *zero > 0 && *zero < utc_max_ms) program_clock_.restore(ProgramClock::Utc(milliseconds(*zero)));
  muxer_.restore(word(playlist.state, "muxer"));
}

std::string Segmenter::state() const {
  const auto zero = std::chrono::floor<milliseconds>(program_clock_.at(0).time_since_epoch());
  return fmt::format("newest={} configuration={:016x} zero={} muxer={}", timestamps_.newest().value_or(-1),
                     configuration_, zero.count(), muxer_.state());
}

void Segmenter::add(const Frame& frame, std::uint64_t configuration, bool has_video) {
  if (frame.track == Track::video && awaits_key_frame_) {
    if (!frame.key) return;
    awaits_key_frame_ = false;
  }
  const bool jumped = jumps(frame);
  if (jumped && open_) finish();
  if (open_) {
    const Cut cut = judge(frame, configuration, has_video);
    if (cut != Cut::none) close(milliseconds(frame.time.pts_ms - start_ms_));
  }
  if (frame.is_key()) last_key_ms_ = frame.time.dts_ms;
  if (!open_) open(frame, configuration, jumped);
  timestamps_.follow(frame.track, frame.time.dts_ms, jumped);
  write(frame);
}

// Whether the segment ends before this frame.
Segmenter::Cut Segmenter::judge(const Frame& frame, std::uint64_t configuration, bool has_video) {
  const milliseconds so_far(frame.time.pts_ms - start_ms_);
  if (frame.is_key()) {
    if (last_key_ms_) rule_.saw_gop(milliseconds(frame.time.dts_ms - *last_key_ms_));
    if (configuration != configuration_ || rule_.cut_at_key_frame(so_far)) return Cut::here;
  } else if (!has_video && (configuration != configuration_ || rule_.cut_anywhere(so_far))) {
    return Cut::here;
  }
  return judge_length(frame, has_video);
}

Segmenter::Cut Segmenter::judge_length(const Frame& frame, bool has_video) {
  const bool too_large = muxer_.size_bytes() + frame.body.size() > segment_size_max;
  const milliseconds with_frame(frame.time.dts_ms - start_ms_ + timestamps_.interval_ms(frame.track));
  if (!too_large && !rule_.too_long(with_frame)) return Cut::none;
  if (has_video && !told_long_gop_) {
    told_long_gop_ = true;
    log_.warning(
        "{}: no key frame within {} s, which the playlist promises as the longest segment: segments are cut "
        "between key frames; set the encoder's key frame interval to 2 s",
        path_, rule_.target_duration_s() > 0 ? rule_.target_duration_s() : 15);
  }
  return Cut::last_resort;
}

void Segmenter::open(const Frame& frame, std::uint64_t configuration, bool jumped) {
  discontinuity_ = continues_ && (jumped || hole_ || configuration != configuration_);
  configuration_ = configuration;
  hole_ = false;
  open_ = true;
  has_frames_ = false;
  begins_with_idr_.reset();
  start_ms_ = end_ms_ = frame.time.pts_ms;
  program_clock_.begin(frame.time.dts_ms, clock_.utc(), jumped);
  muxer_.begin_segment();
}

void Segmenter::write(const Frame& frame) {
  const bool video = frame.track == Track::video;
  const bool written = video ? muxer_.write_video(frame.body, frame.time, frame.key)
                             : muxer_.write_audio(frame.body, frame.time);
  if (!written) return;
  has_frames_ = true;
  if (video && !begins_with_idr_) begins_with_idr_ = frame.idr;
  end_ms_ = std::max(end_ms_, frame.time.pts_ms + timestamps_.interval_ms(frame.track));
}

void Segmenter::finish() {
  if (open_) close(milliseconds(end_ms_ - start_ms_));
  last_key_ms_.reset();
}

void Segmenter::close(milliseconds duration) {
  open_ = false;
  const Slice content = muxer_.end_part(std::nullopt);
  if (!has_frames_) return;
  duration = std::max(duration, milliseconds(1));
  if (rule_.target_duration_s() == 0) settle(duration);
  // Composition times that lie may say more than the decoding times do.
  if (rule_.too_long(duration)) duration = milliseconds(rule_.target_duration_s() * 1000 + 499);
  Segment segment;
  segment.duration = duration;
  segment.program_date_time = program_clock_.at(start_ms_);
  segment.discontinuity = discontinuity_;
  segment.independent = begins_with_idr_.value_or(true);
  if (listing_.add(content.bytes(), std::move(segment), state()))
    continues_ = true;
  else
    hole_ = true;
}

void Segmenter::settle(milliseconds first_duration) {
  rule_.settle(rule_.target_duration_for(first_duration));
  listing_.set_target_duration(rule_.target_duration_s());
}

}  // namespace srs::hls

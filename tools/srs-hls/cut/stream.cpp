#include "srs-hls/cut/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "media/annotations.h"
#include "srs-hls/tracks/frame_interval.h"

namespace srs::hls {
namespace {

using media::MessageKind;

// How long to wait for a track that nothing announces, and how much audio from before the first picture is
// kept.
constexpr std::int64_t patience_ms = 1'000;
constexpr Track all_tracks[] = {Track::video, Track::audio};
constexpr std::size_t metadata_max = 1u << 20, annotation_max = 4'096;
// Limits for held frames.
constexpr std::size_t held_max = 20'000;
constexpr std::uint64_t held_bytes_max = 32u << 20;

}  // namespace

Stream::Stream(Presentation& presentation, const CutSettings& settings, Muxing muxing, CutPlan* plan,
               std::uint8_t video_track, const Clock& clock, const cli::Log& log)
    : presentation_(presentation),
      clock_(clock),
      log_(log),
      muxing_(std::move(muxing)),
      tracks_(presentation.path(), {*muxing_.main, muxing_.audio ? *muxing_.audio : *muxing_.main},
              video_track, log),
      long_gop_(std::max(media::LongGop::default_limit, 2 * settings.target)),
      segmenter_(presentation.path(), settings, make_lanes(), plan, clock, log) {
  const int target_s = CutRule(settings.target).target_duration_for(std::chrono::milliseconds(0));
  for (const auto& rendition : presentation.renditions()) rendition->resume(target_s);
  segmenter_.resume();
}

std::vector<Lane> Stream::make_lanes() {
  std::vector<Lane> lanes{Lane(*muxing_.main, presentation_.main(), presentation_.keys())};
  if (muxing_.audio) lanes.emplace_back(*muxing_.audio, *presentation_.audio(), presentation_.keys());
  return lanes;
}

void Stream::on_message(const media::Message& message) {
  const std::int64_t wrap_offset_ms = wrap_offset_of(message);
  if (wrap_offset_ms == 0) return on_placed(message);
  media::Message placed = message;
  placed.timestamp_ms += wrap_offset_ms;
  on_placed(placed);
}

// An onClock before the first frame may lie on the other side of a wrap: it gets an offset of its own.
std::int64_t Stream::wrap_offset_of(const media::Message& message) {
  if (wrap_offset_ms_) return *wrap_offset_ms_;
  if (!Tracks::is_possible(message.timestamp_ms)) return 0;
  const std::int64_t wrap_offset_ms = segmenter_.wrap_offset_ms(message.timestamp_ms);
  if (!message.is_frame()) return wrap_offset_ms;
  segmenter_.on_first_frame(message.timestamp_ms + wrap_offset_ms);
  return *(wrap_offset_ms_ = wrap_offset_ms);
}

void Stream::on_placed(const media::Message& message) {
  if (message.kind == MessageKind::metadata && message.payload.size() <= metadata_max)
    announced_ = media::announced_tracks(message.payload.bytes());
  if (message.kind == MessageKind::annotation) on_annotation(message);
  if (!message.is_video() && !message.is_audio()) return;
  report_long_gop(message);
  // Held frames belong to the previous configuration.
  if (holding_ && !held_.empty() && message.kind == MessageKind::video_header &&
      tracks_.configured(Track::video))
    release();
  const Track track = message.is_video() ? Track::video : Track::audio;
  const bool was_known = tracks_.configured(track);
  auto frame = tracks_.parse(message);
  if (!was_known && tracks_.configured(track)) presence_.announced(track);
  if (track == Track::audio && tracks_.configuration() != configuration_)
    filler_.configure(tracks_.silence());
  if (message.kind == MessageKind::video_header || message.kind == MessageKind::audio_header ||
      message.is_audio())
    configuration_ = tracks_.configuration();
  if (message.is_header()) describe();
  if (frame) on_frame(*std::move(frame));
}

void Stream::report_long_gop(const media::Message& message) {
  const auto distance = long_gop_.add(message);
  if (!distance) return;
  log_.warning_by(
      {"long GOPs", {}, cli::log_burst},
      "{}: key frames are {:.1f} s apart: segments become as long, and players start as late; set the "
      "encoder's key frame interval to 2 s",
      presentation_.path(), static_cast<double>(distance->count()) / 1000);
}

void Stream::on_annotation(const media::Message& message) {
  const auto name = media::script_name(message.payload.bytes());
  if (name == "onDiscontinuity") after_discontinuity_ = true;
  if (name != "onClock" || message.payload.size() > annotation_max) return;
  if (!Tracks::is_possible(message.timestamp_ms)) return;
  if (const auto utc = media::decode_on_clock(message.payload.bytes()))
    segmenter_.program_clock().on_clock(message.timestamp_ms, *utc);
}

void Stream::on_frame(Frame frame) {
  // A picture that cannot be decoded does not count.
  const bool decodable = frame.track == Track::audio || frame.key || follows_key_;
  follows_key_ |= frame.is_key();
  if (decodable) presence_.on_frame(frame.track, frame.time.dts_ms);
  if (segmenter_.jumps(frame)) filler_.jump(frame.time.dts_ms);
  if (frame.track == Track::audio && !filler_.on_sound(frame.time.dts_ms)) return;
  if (!holding_ && frame.track == Track::video) fill_sound(frame);
  if (!holding_) update_presence(frame);
  if (presence_.is_excluded(frame.track)) return;
  if (!holding_ && starts_over(frame)) {
    segmenter_.finish();
    holding_ = true;
  }
  if (!holding_ && after_discontinuity_) segmenter_.await_key_frame();
  after_discontinuity_ = false;
  if (holding_) return hold(std::move(frame));
  segmenter_.add(frame, configuration_, tracks_.has(Track::video));
  if (frame.is_key()) describe();
}

// Excludes tracks that have become silent and includes those that are back. Where both share segments, audio
// changes at a key frame: a segment that begins elsewhere is useless to a joining player.
void Stream::update_presence(const Frame& frame) {
  const bool sound_may = frame.is_key() || tracks_.apart() || !tracks_.has(Track::video);
  const Track absent = other(frame.track);
  if ((absent == Track::video || sound_may) && tracks_.has(absent) && presence_.is_silent(absent) &&
      !(absent == Track::audio && filler_.on()))
    exclude(absent, "has stopped");
  if (frame.is_key() && presence_.is_back(Track::video)) include(Track::video);
  if (sound_may && presence_.is_back(Track::audio)) include(Track::audio);
}

void Stream::exclude(Track track, std::string_view why) {
  if (!tracks_.apart()) segmenter_.finish();  // the muxer's tracks change here
  presence_.exclude(track);
  tracks_.exclude(track);
  if (track == Track::video) follows_key_ = false;
  configuration_ = tracks_.configuration();
  describe();
  const std::string_view name = track == Track::video ? "video" : "audio",
                         rest = track == Track::video ? "audio" : "video";
  report_absence(track, fmt::format("{} {}: {} goes on alone; {} is taken in when it comes{}", name, why,
                                    rest, name, tracks_.apart() ? "" : ", behind a discontinuity"));
}

void Stream::report_absence(Track track, std::string_view what) {
  if (std::exchange(reported_absence_[static_cast<int>(track)], true)) return;
  log_.warning_by({"tracks without frames", {}}, "{}: {}", presentation_.path(), what);
}

// Fills the audio with silence up to this picture. Audio with segments of its own is filled before one ends.
void Stream::fill_sound(const Frame& picture) {
  if (!filler_.possible() || !tracks_.has(Track::audio)) return;
  const bool segment_may_end = tracks_.apart() && picture.is_key() && presence_.is_late(Track::audio);
  const bool stopped = presence_.is_silent(Track::audio);
  if (!filler_.on() && (segment_may_end || stopped))
    filler_.begin(tracks_.apart() ? segmenter_.segment_start_ms() - 2 * Presence::late_ms
                                  : picture.time.dts_ms - SoundFiller::longest_ms);
  if (stopped) report_absence(Track::audio, "audio has stopped: it is silence until it comes");
  while (const auto silence = filler_.next(picture.time.dts_ms))
    segmenter_.add(*silence, configuration_, tracks_.has(Track::video));
}

void Stream::include(Track track) {
  // Video begins a new segment even when it is apart; audio apart joins the open one.
  if (track == Track::video || !tracks_.apart()) segmenter_.finish();
  presence_.include(track);
  tracks_.include(track);
  configuration_ = tracks_.configuration();
  describe();
  if (!std::exchange(reported_return_[static_cast<int>(track)], true))
    log_.info_by({"tracks that come after all", {}}, "{}: {} is there", presentation_.path(),
                 track == Track::video ? "video" : "audio");
}

// Whether the frame begins another timeline or configuration than the segment's. A change of audio alone
// waits for the next key frame: ADTS and MP3 frames carry their configuration.
bool Stream::starts_over(const Frame& frame) {
  if (segmenter_.jumps(frame)) return true;
  if (configuration_ == segmenter_.segment_configuration()) return false;
  return after_discontinuity_ || frame.is_key() || !tracks_.has(Track::video);
}

void Stream::hold(Frame frame) {
  if (frame.track == Track::video && !frame.key && !holds_key_) return;
  if (frame.is_key() && !holds_key_) {
    holds_key_ = true;
    while (!held_.empty() && held_.front().time.dts_ms < frame.time.dts_ms - patience_ms) {
      held_bytes_ -= held_.front().cost();
      --held_count(held_.front().track);
      held_.pop_front();
    }
  }
  if (held_.empty()) held_since_ = clock_.steady_coarse();
  held_bytes_ += frame.cost();
  ++held_count(frame.track);
  held_.push_back(frame.owned_copy());
  held_.back().arrival = clock_.utc();
  if (may_release()) release();
}

// Measured by the stream's times, which may stand still or go back, and by wall time.
bool Stream::has_waited(std::int64_t time_ms) const {
  if (held_.empty()) return false;
  return std::abs(held_.back().time.dts_ms - held_.front().time.dts_ms) >= time_ms ||
         clock_.steady_coarse() - held_since_ >= std::chrono::milliseconds(2 * time_ms);
}

// Whether each expected track has brought frames to begin with.
bool Stream::frames_known() const {
  const bool nothing_announced = !announced_.audio && !announced_.video;
  const auto known = [&](Track track, bool announced, bool has_frames) {
    if (tracks_.configured(track)) return has_frames;
    return tracks_.known(track) || !(announced || nothing_announced);
  };
  return known(Track::video, announced_.video, holds_key_) &&
         known(Track::audio, announced_.audio, held_count(Track::audio) > 0);
}

// Parts last a whole number of frames, so frame durations have to be known before the first part.
bool Stream::intervals_known() const {
  if (!segmenter_.needs_intervals()) return true;
  return std::all_of(std::begin(all_tracks), std::end(all_tracks), [this](Track track) {
    return !tracks_.has(track) || held_count(track) >= interval_frames_min;
  });
}

bool Stream::may_release() const {
  const std::uint64_t bytes_max = limit_bytes_ > 0 ? std::min(limit_bytes_, held_bytes_max) : held_bytes_max;
  if (held_.size() > held_max || held_bytes_ > bytes_max) return true;
  if (has_waited(Presence::patience_ms)) return true;
  if (!started_ && !(frames_known() && intervals_known()) && !has_waited(start_patience_ms())) return false;
  return holds_key_ || !tracks_.has(Track::video);
}

// An announced track is worth a longer wait: without it the stream soon has a discontinuity.
std::int64_t Stream::start_patience_ms() const {
  const bool announced = announced_.audio || announced_.video ||
                         (tracks_.configured(Track::video) && tracks_.configured(Track::audio));
  return announced ? Presence::patience_ms : patience_ms;
}

void Stream::release() {
  if (tracks_.has(Track::video) && !holds_key_)
    exclude(Track::video, started_ ? "brings no key frame" : "was announced and brings no key frame");
  if (!started_ && tracks_.has(Track::audio) && held_count(Track::audio) == 0)
    exclude(Track::audio, "was announced and brings nothing");
  const bool has_video = tracks_.has(Track::video);
  if (segmenter_.needs_intervals())
    segmenter_.set_intervals(frame_interval_ms(held_, Track::video), frame_interval_ms(held_, Track::audio));
  holding_ = holds_key_ = false;
  started_ = true;
  held_bytes_ = 0;
  held_frames_ = {};
  for (const Frame& frame : std::exchange(held_, {})) segmenter_.add(frame, configuration_, has_video);
  describe();
}

void Stream::end(End how) {
  if (!held_.empty()) release();
  segmenter_.finish();
  describe();
  if (how != End::ended) return;
  for (const auto& rendition : presentation_.renditions()) rendition->end();
}

void Stream::describe() {
  presentation_.describe(tracks_.info(Track::video), tracks_.info(Track::audio), segmenter_.frame_rate());
}

}  // namespace srs::hls

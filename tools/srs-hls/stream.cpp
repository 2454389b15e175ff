#include "stream.h"

#include <algorithm>

#include "media/annotations.h"

namespace srs::hls {
namespace {

using media::MessageKind;

// How long a track that may come is waited for, and how much audio from before the first picture is kept.
constexpr std::int64_t patience_ms = 1'000;
// Without a key frame for this long, audio goes on alone.
constexpr std::int64_t key_frame_patience_ms = 15'000;
constexpr std::size_t metadata_max = 1u << 20, annotation_max = 4'096;
// Of frames that are held back.
constexpr std::size_t held_max = 20'000;
constexpr std::uint64_t held_bytes_max = 32u << 20;

}  // namespace

Stream::Stream(Presentation& presentation, const CutSettings& settings, Muxing muxing, CutPlan* plan,
               std::uint8_t video_track, const Clock& clock, const cli::Log& log)
    : presentation_(presentation),
      log_(log),
      muxing_(std::move(muxing)),
      tracks_(presentation.path(), {*muxing_.main, muxing_.audio ? *muxing_.audio : *muxing_.main},
              video_track, log),
      segmenter_(presentation.path(), settings, lanes(), plan, clock, log) {
  const int target_s = CutRule(settings.target).target_duration_for(std::chrono::milliseconds(0));
  for (const auto& rendition : presentation.renditions()) rendition->resume(target_s);
  segmenter_.resume();
}

std::vector<Lane> Stream::lanes() {
  std::vector<Lane> lanes{Lane(*muxing_.main, presentation_.main(), presentation_.keys())};
  if (muxing_.audio) lanes.emplace_back(*muxing_.audio, *presentation_.audio(), presentation_.keys());
  return lanes;
}

void Stream::take(const media::Message& message) {
  const std::int64_t turns_ms = turns_of(message);
  if (turns_ms == 0) return take_placed(message);
  media::Message placed = message;
  placed.timestamp_ms += turns_ms;
  take_placed(placed);
}

// A clock that comes first may stand on the other side of a wrap: it has turns of its own.
std::int64_t Stream::turns_of(const media::Message& message) {
  if (turns_ms_) return *turns_ms_;
  if (!Tracks::is_possible(message.timestamp_ms)) return 0;
  const std::int64_t turns_ms = segmenter_.turns_ms(message.timestamp_ms);
  if (!message.is_frame()) return turns_ms;
  segmenter_.met(message.timestamp_ms + turns_ms);
  return *(turns_ms_ = turns_ms);
}

void Stream::take_placed(const media::Message& message) {
  if (message.kind == MessageKind::metadata && message.payload.size() <= metadata_max)
    announced_ = media::announced_tracks(message.payload.bytes());
  if (message.kind == MessageKind::annotation) take_annotation(message);
  if (!message.is_video() && !message.is_audio()) return;
  // What is held belongs to the configuration before.
  if (holding_ && !held_.empty() && message.kind == MessageKind::video_header && tracks_.has(Track::video))
    release();
  auto frame = tracks_.take(message);
  if (message.kind == MessageKind::video_header || message.kind == MessageKind::audio_header ||
      message.is_audio())
    configuration_ = tracks_.configuration();
  if (message.is_header()) describe();
  if (frame) take_frame(*std::move(frame));
}

void Stream::take_annotation(const media::Message& message) {
  const auto name = media::script_name(message.payload.bytes());
  if (name == "onDiscontinuity") seam_ = true;
  if (name != "onClock" || message.payload.size() > annotation_max) return;
  if (!Tracks::is_possible(message.timestamp_ms)) return;
  if (const auto utc = media::decode_on_clock(message.payload.bytes()))
    segmenter_.program_clock().tell(message.timestamp_ms, *utc);
}

void Stream::take_frame(Frame frame) {
  if (!holding_ && starts_over(frame)) {
    segmenter_.finish();
    holding_ = true;
  }
  if (!holding_ && seam_) segmenter_.await_key_frame();
  seam_ = false;
  if (holding_) return hold(std::move(frame));
  segmenter_.add(frame, configuration_, tracks_.has(Track::video));
  if (frame.is_key()) describe();
}

// Whether what follows is another timeline or another configuration than what is in the segment. A change
// of audio alone waits for the next key frame: each frame of ADTS and MP3 says what it is.
bool Stream::starts_over(const Frame& frame) {
  if (segmenter_.jumps(frame)) return true;
  if (configuration_ == segmenter_.segment_configuration()) return false;
  return seam_ || frame.is_key() || !tracks_.has(Track::video);
}

void Stream::hold(Frame frame) {
  if (frame.track == Track::video && !frame.key && !holds_key_) return;
  if (frame.is_key() && !holds_key_) {
    holds_key_ = true;
    while (!held_.empty() && held_.front().time.dts_ms < frame.time.dts_ms - patience_ms) {
      held_bytes_ -= held_.front().cost();
      held_.pop_front();
    }
  }
  held_bytes_ += frame.cost();
  held_.push_back(frame.kept());
  if (may_release()) release();
}

std::int64_t Stream::held_ms() const {
  return held_.empty() ? 0 : held_.back().time.dts_ms - held_.front().time.dts_ms;
}

bool Stream::tracks_known() const {
  const bool says_nothing = !announced_.audio && !announced_.video;
  return (tracks_.known(Track::video) || !(announced_.video || says_nothing)) &&
         (tracks_.known(Track::audio) || !(announced_.audio || says_nothing));
}

bool Stream::may_release() const {
  const std::uint64_t bytes_max = limit_bytes_ > 0 ? std::min(limit_bytes_, held_bytes_max) : held_bytes_max;
  if (held_.size() > held_max || held_bytes_ > bytes_max) return true;
  if (!started_ && !tracks_known() && held_ms() < patience_ms) return false;
  return holds_key_ || !tracks_.has(Track::video) || held_ms() >= key_frame_patience_ms;
}

void Stream::release() {
  const bool has_video = tracks_.has(Track::video);
  if (has_video && !holds_key_) {
    log_.warning_by({"sound without pictures", {}}, "{}: no key frame yet; audio goes on alone",
                    presentation_.path());
    segmenter_.await_key_frame();
  }
  holding_ = holds_key_ = false;
  started_ = true;
  held_bytes_ = 0;
  for (const Frame& frame : std::exchange(held_, {})) segmenter_.add(frame, configuration_, has_video);
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

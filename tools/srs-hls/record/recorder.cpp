#include "srs-hls/record/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cli/quantities.h"
#include "media/annotations.h"
#include "srs-hls/record/record_recovery.h"

namespace srs::hls {
namespace {

using media::MessageKind;

// How long to wait for a possible track.
constexpr std::int64_t patience_ms = 1'000;
// Without a key frame, or any picture, for this long, audio continues alone.
constexpr std::int64_t picture_patience_ms = 15'000;
constexpr std::size_t held_max = 20'000;
constexpr std::uint64_t held_bytes_max = 32u << 20;
constexpr std::size_t waiting_audio_max = 2'000, waiting_bytes_max = 8u << 20;
constexpr std::uint64_t piece_bytes_max = 8u << 20;
// In wall time: timestamps that stand still never fill a piece.
constexpr std::chrono::seconds piece_time_max{30};
constexpr std::size_t metadata_max = 1u << 20, annotation_max = 4'096;

int index(Track track) {
  return static_cast<int>(track);
}

}  // namespace

Recorder::Recorder(const Directory& directory, std::string path, const RecordSettings& settings,
                   const Clock& clock, const cli::Log& log)
    : directory_(directory),
      path_(std::move(path)),
      settings_(settings),
      clock_(clock),
      log_(log),
      format_(make_record_format(settings, path_, log)) {
  recover_recordings(directory_, path_, log_);
}

Recorder::~Recorder() = default;

void Recorder::on_message(const media::Message& message) {
  if (!Tracks::is_possible(message.timestamp_ms)) return;
  if (message.kind == MessageKind::metadata && message.payload.size() <= metadata_max)
    announced_ = media::announced_tracks(message.payload.bytes());
  if (message.kind == MessageKind::annotation) on_annotation(message);
  // Held frames belong to the previous configuration.
  const bool new_header = message.kind == MessageKind::video_header && format_->has(Track::video);
  if (holding_ && new_header && holds_key_) release();
  auto frame = format_->parse(message);
  if (!frame || clock_.steady() < retry_at_ || !follow_timeline(*frame)) return;
  if (holding_)
    hold(*std::move(frame));
  else
    record(*std::move(frame));
}

void Recorder::on_annotation(const media::Message& message) {
  if (message.payload.size() > annotation_max) return;
  const auto name = media::script_name(message.payload.bytes());
  after_discontinuity_ |= name == "onDiscontinuity";
  if (name != "onClock") return;
  if (const auto utc = media::decode_on_clock(message.payload.bytes()))
    program_clock_.on_clock(message.timestamp_ms, *utc);
}

// Ends the file where the timeline jumps or another publisher continues: otherwise the gap would be part of
// the file's duration. False: too many files end this way, and the frame is left out.
bool Recorder::follow_timeline(const Frame& frame) {
  const bool jumps = timestamps_.jumps(frame.track, frame.time.dts_ms);
  if (jumps || after_discontinuity_) {
    if (!may_cut(frame)) return false;
    end();
    restarted_ |= jumps;
    after_discontinuity_ = false;
  }
  timestamps_.follow(frame.track, frame.time.dts_ms, jumps);
  return true;
}

// Audio before the first picture is recorded at the start of a stream. If undecodable pictures were left out,
// the file begins with the key frame.
void Recorder::hold(Frame frame) {
  if (frame.track == Track::video && !frame.key && !holds_key_) {
    misses_pictures_ = true;
    return;
  }
  if (frame.is_key() && !holds_key_) {
    holds_key_ = true;
    while (misses_pictures_ && !held_.empty() && held_.front().time.dts_ms < frame.time.dts_ms) {
      held_bytes_ -= held_.front().cost();
      held_.pop_front();
    }
  }
  held_bytes_ += frame.cost();
  held_.push_back(frame.owned_copy());
  if (may_release()) release();
}

bool Recorder::tracks_known() const {
  const bool nothing_announced = !announced_.audio && !announced_.video;
  return (format_->known(Track::video) || !(announced_.video || nothing_announced)) &&
         (format_->known(Track::audio) || !(announced_.audio || nothing_announced));
}

bool Recorder::may_release() const {
  const std::int64_t held_ms = held_.back().time.dts_ms - held_.front().time.dts_ms;
  const std::uint64_t bytes_max = limit_bytes_ > 0 ? std::min(limit_bytes_, held_bytes_max) : held_bytes_max;
  if (held_.size() > held_max || held_bytes_ > bytes_max) return true;
  if (!tracks_known() && held_ms < patience_ms) return false;
  return holds_key_ || !format_->has(Track::video) || held_ms >= picture_patience_ms;
}

void Recorder::release() {
  const auto held = std::exchange(held_, {});
  held_bytes_ = 0;
  awaits_key_ = format_->has(Track::video) && !holds_key_;
  holding_ = holds_key_ = misses_pictures_ = false;
  std::int64_t first_ms = held.front().time.dts_ms;
  for (const Frame& frame : held) first_ms = std::min(first_ms, frame.time.dts_ms);
  program_clock_.begin(held.back().time.dts_ms, clock_.utc(), std::exchange(restarted_, false));
  seen_[0] = seen_[1] = false;
  begin(first_ms, first_ms);
  for (const Frame& frame : held) add(frame);
}

bool Recorder::has_pictures(const Frame& frame) const {
  return format_->has(Track::video) && seen_[0] && frame.time.dts_ms - last_ms_[0] < picture_patience_ms;
}

void Recorder::record(Frame frame) {
  if (frame.track == Track::video && awaits_key_ && !frame.key) return;
  const bool changed = format_->configuration() != configuration_;
  const bool at_point = frame.is_key() || (frame.track == Track::audio && !has_pictures(frame));
  const bool long_enough = frame.time.dts_ms - first_ms_ >= settings_.segment.count();
  const bool first_key = awaits_key_ && frame.is_key();
  if (at_point && (changed || long_enough || first_key)) {
    if (!may_cut(frame)) return;
    cut(frame);
  } else if (changed && frame.track == Track::audio && waiting_audio_.size() < waiting_audio_max &&
             waiting_bytes_ + frame.cost() <= waiting_bytes_max) {
    waiting_bytes_ += frame.cost();
    return waiting_audio_.push_back(frame.owned_copy());
  }
  if (!holding_) add(frame);
}

// Whether a file may end here. Very short files, from a publisher whose codecs or timestamps constantly
// change, are limited in number; the frames of the others are left out.
bool Recorder::may_cut(const Frame& frame) {
  if (!begun_ && held_.empty()) return true;
  const std::int64_t end_ms = begun_ ? std::max(frame.time.dts_ms, end_ms_) : held_.back().time.dts_ms;
  if (end_ms - (begun_ ? first_ms_ : held_.front().time.dts_ms) >= patience_ms) return true;
  if (budget_.consume(clock_.steady())) return true;
  if (!std::exchange(reported_short_, true))
    log_.warning_by({"very short recordings", {}},
                    "{}: codecs or timestamps change all the time: above {:.0f} recordings per second, "
                    "frames are left out",
                    path_, CutBudget::a_second);
  return false;
}

// The other track may continue a little before this frame.
void Recorder::cut(const Frame& frame) {
  finish();
  if (holding_) return;  // it failed
  awaits_key_ = format_->has(Track::video) && !frame.is_key();
  std::int64_t first_ms = frame.time.dts_ms;
  if (!waiting_audio_.empty()) first_ms = std::min(first_ms, waiting_audio_.front().time.dts_ms);
  std::int64_t base_ms = first_ms;
  const Track other = frame.track == Track::video ? Track::audio : Track::video;
  if (seen_[index(other)]) {
    const std::int64_t next =
        last_ms_[index(other)] + std::max<std::int64_t>(timestamps_.interval_ms(other) - 2, 1);
    if (next > base_ms - patience_ms) base_ms = std::min(base_ms, next);
  }
  program_clock_.begin(frame.time.dts_ms, clock_.utc(), std::exchange(restarted_, false));
  begin(first_ms, base_ms);
  waiting_bytes_ = 0;
  for (const Frame& audio : std::exchange(waiting_audio_, {})) add(audio);
}

void Recorder::begin(std::int64_t first_ms, std::int64_t base_ms) {
  begun_ = true;
  first_ms_ = end_ms_ = first_ms;
  key_frames_ = 0;
  configuration_ = format_->configuration();
  piece_ms_.reset();
  format_->begin(base_ms);
}

void Recorder::add(const Frame& frame) {
  if (!begun_) return;
  const bool video = frame.track == Track::video;
  if (piece_is_due(frame)) write_piece(video ? std::optional(frame.time.dts_ms) : std::nullopt);
  if (!begun_) return;  // it failed
  if (!piece_ms_) {
    piece_ms_ = frame.time.dts_ms;
    piece_at_ = clock_.steady_coarse();
  }
  if (frame.is_key()) {
    awaits_key_ = false;
    ++key_frames_;
  }
  last_ms_[index(frame.track)] = frame.time.dts_ms;
  seen_[index(frame.track)] = true;
  end_ms_ = std::max(end_ms_, frame.time.dts_ms + timestamps_.interval_ms(frame.track));
  format_->add(frame);
}

// Pieces end before a picture, so that the duration of their last picture is known.
bool Recorder::piece_is_due(const Frame& frame) const {
  if (!piece_ms_) return false;
  const std::int64_t lasts = frame.time.dts_ms - *piece_ms_;
  const std::uint64_t bytes_max =
      limit_bytes_ > 0 ? std::min(limit_bytes_, piece_bytes_max) : piece_bytes_max;
  if (format_->size_bytes() > bytes_max) return true;
  if (clock_.steady_coarse() - piece_at_ > piece_time_max) return true;
  if (frame.is_key() && 2 * lasts >= format_->piece_ms()) return true;
  const bool picture_comes = frame.track == Track::audio && has_pictures(frame);
  return lasts >= format_->piece_ms() + (picture_comes ? patience_ms : 0);
}

void Recorder::write_piece(std::optional<std::int64_t> next_picture_ms) {
  piece_ms_.reset();
  const Content piece = format_->flush(next_picture_ms);
  if (piece.empty()) return;
  const bool first = !file_;
  if (first)
    if (const auto created = create(); !created) return fail(created.error());
  const std::uint64_t before = file_->size_bytes();
  if (const auto appended = file_->append(piece); !appended)
    return fail(Error(appended.error()).in(fmt::format("{}/{}", directory_.path(), file_->name())));
  figures_.bytes += file_->size_bytes() - before;
  sidecar_.duration = std::chrono::milliseconds(end_ms_ - first_ms_);
  sidecar_.size_bytes = file_->size_bytes();
  sidecar_.key_frames = key_frames_;
  if (!first) return;
  ++figures_.files;
  write_sidecar();
  if (std::exchange(figures_.failing, false)) log_.info("{}: is recorded again", path_);
  log_.info("{}: records into {}/{}", path_, directory_.path(), file_->name());
}

Result<void> Recorder::create() {
  sidecar_ = {};
  sidecar_.path = path_;
  sidecar_.start = program_clock_.at(first_ms_);
  sidecar_.content = format_->describe();
  auto created =
      RecordFile::create(directory_, path_ + "/" + record_name(settings_, sidecar_.start), format_->suffix());
  if (!created) return std::move(created).error();
  file_.emplace(*std::move(created));
  sidecar_.file = file_->name();
  return {};
}

void Recorder::write_sidecar() {
  const auto write = [this](const Sidecar& sidecar) {
    const std::string text = sidecar.text();
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    const auto written = directory_.write(sidecar_name(sidecar.file), bytes);
    if (!written && !figures_.failing) log_.error("{}: {}", path_, written.error().message);
    return written.ok();
  };
  if (unwritten_ && unwritten_->file != sidecar_.file && write(*unwritten_)) unwritten_.reset();
  if (!write(sidecar_) && sidecar_.finished) unwritten_ = sidecar_;
}

// The last picture lasts as long as usual, whatever comes next.
std::optional<std::int64_t> Recorder::pictures_end_ms() const {
  const std::int64_t lasts_ms = timestamps_.interval_ms(Track::video);
  return seen_[0] && lasts_ms > 0 ? std::optional(last_ms_[0] + lasts_ms) : std::nullopt;
}

void Recorder::finish() {
  if (begun_) write_piece(pictures_end_ms());
  if (file_) close_file();
  begun_ = false;
}

void Recorder::close_file() {
  if (const auto patch = format_->finish(file_->size_bytes(), sidecar_.duration))
    if (const auto written = file_->overwrite(*patch); !written)
      log_.error("{}: {}/{}: {}", path_, directory_.path(), file_->name(), written.error().message);
  sidecar_.finished = true;
  write_sidecar();
  file_.reset();
}

// Ends the file with its last whole piece; a new one, beginning with a key frame, is tried later.
void Recorder::fail(const Error& error) {
  ++figures_.errors;
  if (!std::exchange(figures_.failing, true))
    log_.error("{}: recording: {}; a new file is tried every {}", path_, error.message,
               cli::format_duration(settings_.retry));
  if (file_ && file_->size_bytes() == 0) {
    file_->discard();
    file_.reset();
  } else if (file_) {
    close_file();
  }
  begun_ = false;
  holding_ = true;
  holds_key_ = misses_pictures_ = false;
  held_.clear();
  held_bytes_ = 0;
  waiting_audio_.clear();
  waiting_bytes_ = 0;
  retry_at_ = clock_.steady() + settings_.retry;
}

void Recorder::end() {
  if (!held_.empty()) release();
  waiting_bytes_ = 0;
  for (const Frame& audio : std::exchange(waiting_audio_, {})) {
    if (begun_ && format_->configuration() != configuration_) cut(audio);
    add(audio);
  }
  finish();
  holding_ = true;
  holds_key_ = misses_pictures_ = false;
}

}  // namespace srs::hls

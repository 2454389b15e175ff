// Recorder: records one stream into files, independently of its packaging.
//
// A file is cut at the first key frame after --record-segment, and where the codec configuration changes;
// audio without video is cut anywhere. No frame is lost at such a cut: audio of a new configuration waits for
// the key frame that begins the new file. Where the timeline jumps, or another publisher continues, the file
// ends at once, and the next one begins with the next key frame. So a file is as long as its content: the
// last picture lasts one usual frame, not until the stream is back.
//
// A file holds only whole pieces, of about two seconds, so it plays even if the program is killed. A write
// error is reported once, and a new file is tried every few seconds. Memory is bounded, whatever timestamps
// say: a piece in bytes and wall time, held frames in bytes, very short files in number. Belongs to the
// thread of the pipe; writing blocks.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "core/clock.h"
#include "media/message.h"
#include "media/metadata.h"
#include "srs-hls/cut/cut_budget.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/record/record_file.h"
#include "srs-hls/record/record_format.h"
#include "srs-hls/time/program_clock.h"
#include "srs-hls/time/timestamps.h"

namespace srs::hls {

struct RecordFigures {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t errors = 0;  // failed writes
  bool failing = false;
};

class Recorder {
 public:
  // path: of the stream. Recovers its recordings that an earlier run did not finish.
  Recorder(const Directory& directory, std::string path, const RecordSettings& settings, const Clock& clock,
           const cli::Log& log);
  ~Recorder();

  void on_message(const media::Message& message);
  // Finishes the file. The next frame begins a new one.
  void end();

  const RecordFigures& figures() const { return figures_; }
  // Bytes of the stream in memory.
  std::size_t held_bytes() const { return held_bytes_ + waiting_bytes_ + format_->size_bytes(); }
  // From now on pieces are written, and held frames released, at this size at the latest. 0: the default.
  void limit_bytes(std::uint64_t bytes) { limit_bytes_ = bytes; }

 private:
  void on_annotation(const media::Message& message);
  bool follow_timeline(const Frame& frame);
  void hold(Frame frame);
  bool may_cut(const Frame& frame);
  bool may_release() const;
  bool tracks_known() const;
  void release();
  void record(Frame frame);
  bool has_pictures(const Frame& frame) const;
  void begin(std::int64_t first_ms, std::int64_t base_ms);
  void cut(const Frame& frame);
  void add(const Frame& frame);
  bool piece_is_due(const Frame& frame) const;
  void write_piece(std::optional<std::int64_t> next_picture_ms);
  Result<void> create();
  void write_sidecar();
  std::optional<std::int64_t> pictures_end_ms() const;
  void finish();
  void close_file();
  void fail(const Error& error);

  const Directory& directory_;
  const std::string path_;
  const RecordSettings& settings_;
  const Clock& clock_;
  const cli::Log& log_;
  const std::unique_ptr<RecordFormat> format_;
  media::TrackSet announced_;
  Timestamps timestamps_;
  ProgramClock program_clock_;
  RecordFigures figures_;

  bool holding_ = true;  // until it is known what the file begins with
  bool holds_key_ = false;
  bool misses_pictures_ = false;  // undecodable ones before the key frame
  std::deque<Frame> held_;
  std::size_t held_bytes_ = 0;
  std::deque<Frame> waiting_audio_;  // of the next file's configuration
  std::size_t waiting_bytes_ = 0;
  std::uint64_t limit_bytes_ = 0;
  bool awaits_key_ = false;           // pictures cannot be decoded until then
  bool restarted_ = false;            // on a new timeline
  bool after_discontinuity_ = false;  // an onDiscontinuity came, and no frame since
  std::int64_t last_ms_[2] = {0, 0};
  bool seen_[2] = {false, false};  // since the timeline began

  bool begun_ = false;              // a file, even if it is not created yet
  std::optional<RecordFile> file_;  // once its first piece is written
  Sidecar sidecar_;
  std::optional<Sidecar> unwritten_;  // the last one, if the disk was full
  std::uint64_t configuration_ = 0;
  std::int64_t first_ms_ = 0;  // of the file's frames
  std::int64_t end_ms_ = 0;    // where its newest frame ends
  std::uint64_t key_frames_ = 0;
  std::optional<std::int64_t> piece_ms_;  // start of the unwritten piece
  std::chrono::steady_clock::time_point piece_at_{};
  CutBudget budget_;
  bool reported_short_ = false;
  std::chrono::steady_clock::time_point retry_at_{};
};

}  // namespace srs::hls

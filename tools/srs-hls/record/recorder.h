// Recorder: records one stream into files, whatever is made of it elsewhere.
//
// A file is cut at the first key frame after --record-segment, and where the codecs' configuration changes or
// the timeline jumps; sound without pictures is cut anywhere. No frame is lost at a cut: sound of a new
// configuration waits for the key frame that the new file begins with.
//
// A file holds whole pieces only, of two seconds or so, and so it plays whenever the program is killed. When
// it cannot be written, that is said once, and a new file is tried every few seconds. What stands in memory
// is bounded, whatever timestamps say: a piece in bytes and in the time that it was under way, frames that
// wait in bytes, files of next to no length in number. Belongs to the thread of the pipe; writing blocks.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "clock.h"
#include "cut_budget.h"
#include "directory.h"
#include "media/message.h"
#include "media/metadata.h"
#include "program_clock.h"
#include "record/record_file.h"
#include "record/record_format.h"
#include "timestamps.h"

namespace srs::hls {

struct RecordFigures {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t errors = 0;  // attempts to write that failed
  bool failing = false;
};

class Recorder {
 public:
  // path: of the stream. Looks after recordings of it that an earlier run did not finish.
  Recorder(const Directory& directory, std::string path, const RecordSettings& settings, const Clock& clock,
           const cli::Log& log);
  ~Recorder();

  void take(const media::Message& message);
  // Finishes the file. What comes afterwards begins a new one.
  void end();

  const RecordFigures& figures() const { return figures_; }
  // What of the stream is in memory.
  std::size_t held_bytes() const { return held_bytes_ + waiting_bytes_ + format_->size_bytes(); }
  // From now on pieces are written, and frames let go, at this size if not before. 0: at the usual one.
  void limit_bytes(std::uint64_t bytes) { limit_bytes_ = bytes; }

 private:
  void take_annotation(const media::Message& message);
  void hold(Frame frame);
  bool may_cut(const Frame& frame);
  bool may_release() const;
  bool tracks_known() const;
  void release();
  void go_on(Frame frame);
  bool backwards(const Frame& frame) const;
  bool has_pictures(const Frame& frame) const;
  void begin(std::int64_t first_ms, std::int64_t base_ms);
  void cut(const Frame& frame);
  void add(const Frame& frame);
  bool piece_is_due(const Frame& frame) const;
  void write_piece(std::optional<std::int64_t> next_picture_ms);
  Result<void> create();
  void write_sidecar();
  void finish(std::optional<std::int64_t> next_picture_ms);
  void fail(const Error& error);

  const Directory& directory_;
  const std::string path_;
  const RecordSettings& settings_;
  const Clock& clock_;
  const cli::Log& log_;
  const std::unique_ptr<RecordFormat> format_;
  media::AnnouncedTracks announced_;
  Timestamps timestamps_;
  ProgramClock program_clock_;
  RecordFigures figures_;

  bool holding_ = true;  // until it is known what a file is to begin with
  bool holds_key_ = false;
  std::deque<Frame> held_;
  std::size_t held_bytes_ = 0;
  std::deque<Frame> waiting_audio_;  // of the configuration that begins with the next file
  std::size_t waiting_bytes_ = 0;
  std::uint64_t limit_bytes_ = 0;
  bool awaits_key_ = false;  // pictures cannot be decoded until then
  bool cut_wanted_ = false;  // at the next key frame, however short the file is
  bool restarted_ = false;   // the timeline is another one
  std::int64_t last_ms_[2] = {0, 0};
  bool seen_[2] = {false, false};  // since the timeline began

  bool begun_ = false;              // a file, if it is not there yet
  std::optional<RecordFile> file_;  // once its first piece is written
  Sidecar sidecar_;
  std::optional<Sidecar> unwritten_;  // the last one, when the disk was full
  std::uint64_t configuration_ = 0;
  std::int64_t first_ms_ = 0;  // of the file's frames
  std::int64_t end_ms_ = 0;    // where its newest frame ends
  std::uint64_t key_frames_ = 0;
  std::optional<std::int64_t> piece_ms_;  // where the piece begins that is not written yet
  std::chrono::steady_clock::time_point piece_at_{};
  CutBudget budget_;
  bool told_short_ = false;
  std::chrono::steady_clock::time_point retry_at_{};
};

}  // namespace srs::hls

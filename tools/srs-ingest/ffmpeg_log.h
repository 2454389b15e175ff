// What FFmpeg has to say, as log lines of the tool: its warnings and errors with -v, nothing without.
//
// FFmpeg has one log for the whole process. It is pointed at the tool's Log by the first source
// and stays there; lines may come from FFmpeg's own threads.
#pragma once

#include <string>

#include "cli/log.h"

namespace srs::ingest {

// The log must outlive all use of FFmpeg.
void send_ffmpeg_log_to(const cli::Log& log);

// While it lives, keeps the first error that FFmpeg reports from this thread: "moov atom not
// found" tells more than the error number that comes back.
class FfmpegComplaint {
 public:
  FfmpegComplaint();
  ~FfmpegComplaint();
  FfmpegComplaint(const FfmpegComplaint&) = delete;
  FfmpegComplaint& operator=(const FfmpegComplaint&) = delete;

  const std::string& text() const { return text_; }
  // There is one, and no URL with a password in it.
  bool may_be_shown() const { return !text_.empty() && text_.find('@') == text_.npos; }
  void hear(const std::string& line);

 private:
  std::string text_;
};

}  // namespace srs::ingest

// FFmpeg's own log, as log lines of the tool: its warnings and errors with -v, nothing without.
//
// FFmpeg has one log for the whole process. The first source redirects it to the tool's Log, where it stays;
// lines may come from FFmpeg's own threads.
#pragma once

#include <string>

#include "cli/log.h"

namespace srs::ffmpeg {

// The log must outlive all use of FFmpeg.
void send_ffmpeg_log_to(const cli::Log& log);

// While it lives, captures the first error that FFmpeg logs on this thread: "moov atom not found" says more
// than the error number that is returned.
class FfmpegErrorCapture {
 public:
  FfmpegErrorCapture();
  ~FfmpegErrorCapture();
  FfmpegErrorCapture(const FfmpegErrorCapture&) = delete;
  FfmpegErrorCapture& operator=(const FfmpegErrorCapture&) = delete;

  const std::string& text() const { return text_; }
  // There is one, and it has no URL with a password.
  bool may_be_shown() const { return !text_.empty() && text_.find('@') == text_.npos; }
  void on_line(const std::string& line);

 private:
  std::string text_;
};

}  // namespace srs::ffmpeg

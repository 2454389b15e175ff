// FfmpegInput: an open file or URL, and the video and audio stream chosen from it.
//
// Every wait inside FFmpeg ends within a fraction of a second of a stop request, and for network URLs once no
// data has come for the time-out.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "ffmpeg/input_limit.h"
#include "ffmpeg/objects.h"
#include "ffmpeg/pipe_io.h"

namespace srs::ffmpeg {

class FfmpegInput {
 public:
  // Opens and probes. An error names the URL and FFmpeg's reason.
  static Result<std::unique_ptr<FfmpegInput>> open(const std::string& url,
                                                   std::chrono::milliseconds network_timeout,
                                                   std::stop_token stop);
  ~FfmpegInput();

  // The next packet of the chosen streams; false at the end, or after a stop request.
  Result<bool> read(AVPacket& packet);

  // When it was open and its first bytes had come: what was read since then, for probing, is returned first.
  std::chrono::system_clock::time_point probed_since() const { return probed_since_; }

  bool stopped() const { return stop_.stop_requested(); }

  // Null if there is none. Cover art is no video.
  AVStream* video() const { return video_; }
  AVStream* audio() const { return audio_; }
  AVFormatContext& format() const { return *format_; }

 private:
  FfmpegInput(std::string name, std::chrono::milliseconds network_timeout, std::stop_token stop);

  Result<void> open_url(const std::string& url);
  void choose_streams();
  Error failure(const std::string& context, int status) const;
  static int interrupted(void* self);

  std::string name_;                   // the URL without its password
  std::chrono::milliseconds timeout_;  // zero: files may take their time
  std::stop_token stop_;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::system_clock::time_point probed_since_{};
  std::optional<ffmpeg::InputLimit> limit_;  // of format_
  std::unique_ptr<PipeIo> pipe_;             // null unless it is a named pipe; format_ reads from it
  FfmpegPtr<AVFormatContext> format_;
  AVStream* video_ = nullptr;
  AVStream* audio_ = nullptr;
};

// "rtsp" of "rtsp://...", lower case; empty for a path.
std::string scheme_of(const std::string& url);
// For display: without user and password.
std::string shown_url(const std::string& url);

}  // namespace srs::ffmpeg

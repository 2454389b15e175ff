// The FFmpeg source: any file or URL that FFmpeg opens (mp4, ts, mkv, rtsp, hls, udp, ...).
//
// Of the streams in it the best video and the best audio are taken. What FLV carries and players
// know (H.264, HEVC, AV1, VP9, AAC, MP3, Opus) is copied bit for bit; everything else becomes
// H.264 and AAC. A line a track on stderr says which. Timestamps are the source's decoding times
// in milliseconds, all shifted by one amount so that the first is not negative.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cli/log.h"
#include "source.h"

namespace srs::ingest {

struct FfmpegOptions {
  // A network source that is silent for this long has failed.
  std::chrono::milliseconds network_timeout = std::chrono::seconds(10);
};

// Opens nothing yet: what is wrong with the URL is run()'s error. is_live() is true for the
// protocols that only live sources speak (rtsp, udp, srt, ...); HLS and HTTP count as files,
// since waiting loses nothing there. The log must outlive the source.
std::unique_ptr<Source> open_ffmpeg_source(std::string url, const FfmpegOptions& options,
                                           const cli::Log& log);

}  // namespace srs::ingest

// The FFmpeg source: any file or URL that FFmpeg opens (mp4, ts, mkv, rtsp, hls, udp, ...).
//
// The best video and the best audio stream are used. Codecs that FLV carries and players support (H.264,
// HEVC, AV1, VP9, AAC, MP3, Opus) are copied bit for bit; everything else becomes H.264 and AAC. One line per
// track on stderr says which. Timestamps are the source's decoding times in milliseconds, all shifted by the
// same amount so that the first is not negative.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cli/log.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

struct FfmpegOptions {
  // A network source that is silent for this long counts as failed.
  std::chrono::milliseconds network_timeout = std::chrono::seconds(10);
};

// Opens nothing yet: an invalid URL is run()'s error. is_live() is true for protocols of live sources only
// (rtsp, udp, srt, ...); HLS and HTTP count as files, since waiting loses nothing there. The log must outlive
// the source.
std::unique_ptr<Source> open_ffmpeg_source(std::string url, const FfmpegOptions& options,
                                           const cli::Log& log);

}  // namespace srs::ingest

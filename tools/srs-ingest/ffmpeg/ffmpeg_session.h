// FfmpegSession: one run of an FFmpeg source, from the opened input to its end.
//
// Each chosen stream has a lane: its packets go to an FlvTrack, directly or through a Transcoder. The
// interleaver orders the lanes' tags for the sink.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cli/log.h"
#include "ffmpeg/flv_track.h"
#include "ffmpeg/input.h"
#include "ffmpeg/interleaver.h"
#include "ffmpeg/missing_times.h"
#include "srs-ingest/ffmpeg/transcoder.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

class FfmpegSession {
 public:
  // All three must outlive the session. name: for log lines.
  FfmpegSession(ffmpeg::FfmpegInput& input, std::string name, MediaSink& sink, const cli::Log& log);

  // Runs until the end of the input, a failure, or a stop request; everything read before is written.
  Result<void> run(bool is_live);

 private:
  struct Lane {
    AVStream* stream = nullptr;
    std::unique_ptr<Transcoder> transcoder;       // null: copied
    std::unique_ptr<ffmpeg::MissingTimes> times;  // null: times cannot be missing
    std::unique_ptr<ffmpeg::FlvTrack> track;
    std::uint64_t packets = 0;
    std::uint64_t damaged = 0;
  };

  Result<void> prepare();
  bool add_lane(AVStream* stream);
  void write_metadata();
  Result<void> on_packet(Lane& lane, AVPacket& packet);
  void track_packet(Lane& lane, AVPacket& packet);
  Result<void> finish();
  void write_ready();
  void report_damage() const;

  ffmpeg::FfmpegInput& input_;
  std::string name_;
  MediaSink& sink_;
  const cli::Log& log_;
  std::vector<Lane> lanes_;
  std::unique_ptr<ffmpeg::Interleaver> interleaver_;
  std::vector<ffmpeg::TimedTag> tags_;  // of the current packet
  bool metadata_written_ = false;
};

}  // namespace srs::ingest

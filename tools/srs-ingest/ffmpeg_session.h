// FfmpegSession: one run of an FFmpeg source, from the opened input to its end.
//
// For each chosen stream a lane: the packets go to an FlvTrack as they are, or through a Transcoder
// first. The interleaver puts the lanes' tags in order for the sink.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cli/log.h"
#include "ffmpeg_flv_track.h"
#include "ffmpeg_input.h"
#include "ffmpeg_interleaver.h"
#include "ffmpeg_missing_times.h"
#include "ffmpeg_transcoder.h"
#include "source.h"

namespace srs::ingest {

class FfmpegSession {
 public:
  // All three must outlive the session. name: for log lines.
  FfmpegSession(FfmpegInput& input, std::string name, MediaSink& sink, const cli::Log& log);

  // Until the end of the input, a failure, or a stop request; what was read before is written.
  Result<void> run(bool is_live);

 private:
  struct Lane {
    AVStream* stream = nullptr;
    std::unique_ptr<Transcoder> transcoder;  // null: copied
    std::unique_ptr<MissingTimes> times;     // null: none can be missing
    std::unique_ptr<FlvTrack> track;
    std::uint64_t packets = 0;
    std::uint64_t damaged = 0;
  };

  Result<void> prepare();
  bool add_lane(AVStream* stream);
  void write_metadata();
  Result<void> take(Lane& lane, AVPacket& packet);
  void track_packet(Lane& lane, AVPacket& packet);
  Result<void> finish();
  void write_ready();
  void report_damage() const;

  FfmpegInput& input_;
  std::string name_;
  MediaSink& sink_;
  const cli::Log& log_;
  std::vector<Lane> lanes_;
  std::unique_ptr<Interleaver> interleaver_;
  std::vector<TimedTag> tags_;  // of the packet at hand
  bool metadata_written_ = false;
};

}  // namespace srs::ingest

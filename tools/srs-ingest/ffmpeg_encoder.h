// The encoders that everything else than copying uses: H.264 (libx264) and AAC (FFmpeg's own), set
// for live: no B-frames, no look-ahead, key frames at fixed times.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "ffmpeg_objects.h"

namespace srs::ingest {

struct VideoEncoding {
  int width = 0;   // even
  int height = 0;  // even
  AVRational time_base{1, 1000};
  AVRational frame_rate{30, 1};  // for rate control
  AVRational sample_aspect_ratio{0, 1};
  const char* preset = "veryfast";
  std::int64_t bitrate = 0;  // bits a second; 0: constant quality, bounded by what the size needs
  int threads = 0;           // 0: as many as there are processors
  // Key frames are where the caller sets AVFrame::pict_type to I; this many frames bound it.
  int max_gop_frames = 600;
};

struct AudioEncoding {
  int sample_rate = 48000;
  int channels = 2;
  std::int64_t bitrate = 128'000;
};

// yuv420p in; out come Annex B packets, the parameter sets are in extradata.
Result<FfmpegPtr<AVCodecContext>> open_h264_encoder(const VideoEncoding& encoding);
// Planar float in, frame_size samples a frame (the last may be shorter), time base 1/sample_rate.
Result<FfmpegPtr<AVCodecContext>> open_aac_encoder(const AudioEncoding& encoding);

using PacketSink = std::function<void(AVPacket&)>;

// Encodes a frame; null: what is still inside comes out and the encoder is finished.
Result<void> encode(AVCodecContext& encoder, const AVFrame* frame, const PacketSink& sink);

}  // namespace srs::ingest

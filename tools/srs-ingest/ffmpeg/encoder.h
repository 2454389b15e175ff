// The encoders for everything that is not copied: H.264 (libx264) and AAC (FFmpeg's own), configured for
// live: no B-frames, no look-ahead, key frames at fixed times.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "ffmpeg/objects.h"

namespace srs::ingest {

struct VideoEncoding {
  int width = 0;   // even
  int height = 0;  // even
  AVRational time_base{1, 1000};
  AVRational frame_rate{30, 1};  // for rate control
  AVRational sample_aspect_ratio{0, 1};
  const char* preset = "veryfast";
  std::int64_t bitrate = 0;  // bits per second; 0: constant quality, bounded by the picture size
  int threads = 0;           // 0: one per processor
  // Key frames are where the caller sets AVFrame::pict_type to I, and at least every so many frames.
  int max_gop_frames = 600;
};

struct AudioEncoding {
  int sample_rate = 48000;
  int channels = 2;
  std::int64_t bitrate = 128'000;
};

// Takes yuv420p, returns Annex B packets; the parameter sets are in extradata.
Result<ffmpeg::FfmpegPtr<AVCodecContext>> open_h264_encoder(const VideoEncoding& encoding);
// Takes planar float, frame_size samples per frame (the last may be shorter), time base 1/sample_rate.
Result<ffmpeg::FfmpegPtr<AVCodecContext>> open_aac_encoder(const AudioEncoding& encoding);

using PacketSink = std::function<void(AVPacket&)>;

// Encodes a frame; null: flushes and finishes the encoder.
Result<void> encode(AVCodecContext& encoder, const AVFrame* frame, const PacketSink& sink);

}  // namespace srs::ingest

#include "srs-ingest/ffmpeg/encoder.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <new>

namespace srs::ingest {
namespace {

Result<ffmpeg::FfmpegPtr<AVCodecContext>> allocate(const char* name) {
  const AVCodec* codec = avcodec_find_encoder_by_name(name);
  if (!codec) return Error{Errc::unsupported, std::string("this FFmpeg has no encoder ") + name};
  ffmpeg::FfmpegPtr<AVCodecContext> context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  return context;
}

// Bits per second that H.264 needs at most for good quality at this size.
std::int64_t max_bitrate(const VideoEncoding& encoding) {
  const double rate = std::clamp(av_q2d(encoding.frame_rate), 10.0, 60.0);
  const double bits = 0.15 * encoding.width * encoding.height * rate;
  return std::max<std::int64_t>(static_cast<std::int64_t>(bits), 500'000);
}

}  // namespace

Result<ffmpeg::FfmpegPtr<AVCodecContext>> open_h264_encoder(const VideoEncoding& encoding) {
  auto allocated = allocate("libx264");
  if (!allocated) return allocated;
  AVCodecContext& context = **allocated;
  context.width = encoding.width;
  context.height = encoding.height;
  context.time_base = encoding.time_base;
  context.framerate = encoding.frame_rate;
  context.sample_aspect_ratio = encoding.sample_aspect_ratio;
  context.pix_fmt = AV_PIX_FMT_YUV420P;
  context.gop_size = encoding.max_gop_frames;
  context.max_b_frames = 0;
  context.thread_count = encoding.threads;
  context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (encoding.bitrate > 0) {
    context.bit_rate = encoding.bitrate;
    context.rc_max_rate = encoding.bitrate;
  } else {
    av_opt_set(context.priv_data, "crf", "23", 0);
    context.rc_max_rate = max_bitrate(encoding);
  }
  context.rc_buffer_size = static_cast<int>(std::min<std::int64_t>(context.rc_max_rate, 1 << 30));
  av_opt_set(context.priv_data, "preset", encoding.preset, 0);
  av_opt_set(context.priv_data, "tune", "zerolatency", 0);
  av_opt_set(context.priv_data, "forced-idr", "1", 0);
  // Key frames only where segments are cut, not at scene changes.
  av_opt_set(context.priv_data, "x264-params", "scenecut=0", 0);
  if (const int status = avcodec_open2(&context, nullptr, nullptr); status < 0)
    return ffmpeg::ffmpeg_error("cannot encode H.264", status);
  return allocated;
}

Result<ffmpeg::FfmpegPtr<AVCodecContext>> open_aac_encoder(const AudioEncoding& encoding) {
  auto allocated = allocate("aac");
  if (!allocated) return allocated;
  AVCodecContext& context = **allocated;
  context.sample_rate = encoding.sample_rate;
  context.time_base = {1, encoding.sample_rate};
  context.sample_fmt = AV_SAMPLE_FMT_FLTP;
  av_channel_layout_default(&context.ch_layout, encoding.channels);
  context.bit_rate = encoding.bitrate;
  context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (const int status = avcodec_open2(&context, nullptr, nullptr); status < 0)
    return ffmpeg::ffmpeg_error("cannot encode AAC", status);
  return allocated;
}

Result<void> encode(AVCodecContext& encoder, const AVFrame* frame, const PacketSink& sink) {
  if (const int status = avcodec_send_frame(&encoder, frame); status < 0 && status != AVERROR_EOF)
    return ffmpeg::ffmpeg_error("encoding", status);
  const auto packet = ffmpeg::make_packet();
  while (true) {
    const int status = avcodec_receive_packet(&encoder, packet.get());
    if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return {};
    if (status < 0) return ffmpeg::ffmpeg_error("encoding", status);
    sink(*packet);
    av_packet_unref(packet.get());
  }
}

}  // namespace srs::ingest

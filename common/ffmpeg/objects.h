// FFmpeg's objects with owners, and FFmpeg's error numbers as Errors.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <string>

#include "core/result.h"
#include "core/slice.h"

namespace srs::ffmpeg {

struct FfmpegFree {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
  void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
};

template <class T>
using FfmpegPtr = std::unique_ptr<T, FfmpegFree>;

// These throw std::bad_alloc, as new does.
FfmpegPtr<AVPacket> make_packet();
FfmpegPtr<AVFrame> make_frame();
FfmpegPtr<AVCodecParameters> copy_parameters(const AVCodecParameters& from);

// status: a negative number of FFmpeg's. "context: No such file or directory".
Error ffmpeg_error(const std::string& context, int status);

inline constexpr AVRational milliseconds_base{1, 1000};

inline Bytes bytes_of(const AVPacket& packet) {
  return {packet.data, packet.data ? static_cast<std::size_t>(packet.size) : 0};
}
inline Bytes extradata_of(const AVCodecParameters& parameters) {
  return {parameters.extradata,
          parameters.extradata ? static_cast<std::size_t>(parameters.extradata_size) : 0};
}

}  // namespace srs::ffmpeg

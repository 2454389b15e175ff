// The filters of a Transcoder, from the decoder's to the encoder's format.
#include "srs-ingest/ffmpeg/transcoder.h"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/pixdesc.h>
}

#include <fmt/format.h>

#include <new>

namespace srs::ingest {
namespace {

std::string layout_name(const AVFrame& frame) {
  AVChannelLayout layout{};
  // Some decoders give the number of channels, but not their layout.
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&layout, frame.ch_layout.nb_channels);
  else
    av_channel_layout_copy(&layout, &frame.ch_layout);
  char name[128] = "";
  av_channel_layout_describe(&layout, name, sizeof name);
  av_channel_layout_uninit(&layout);
  return name;
}

std::string video_source(const AVFrame& frame, AVRational time_base) {
  const AVRational sar = frame.sample_aspect_ratio;
  return fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}:pixel_aspect={}/{}", frame.width,
                     frame.height, frame.format, time_base.num, time_base.den, sar.num,
                     sar.den > 0 ? sar.den : 1);
}

std::string audio_source(const AVFrame& frame, AVRational time_base) {
  return fmt::format("sample_rate={}:sample_fmt={}:channel_layout={}:time_base={}/{}", frame.sample_rate,
                     frame.format, layout_name(frame), time_base.num, time_base.den);
}

}  // namespace

bool Transcoder::filters_fit(const AVFrame& frame) const {
  if (is_video())
    return frame.width == format_->width && frame.height == format_->height &&
           frame.format == format_->format;
  return frame.sample_rate == format_->sample_rate && frame.format == format_->format &&
         frame.ch_layout.nb_channels == format_->ch_layout.nb_channels;
}

Result<void> Transcoder::open_filters(const AVFrame& frame) {
  graph_.reset(avfilter_graph_alloc());
  if (!graph_) throw std::bad_alloc();
  // At most two threads: the encoder needs the others.
  graph_->nb_threads = 2;
  const bool video = is_video();
  const std::string from = video ? video_source(frame, stream_base_) : audio_source(frame, stream_base_);
  const std::string chain =
      video ? fmt::format("{}scale={}:{},format=yuv420p", interlaced_ ? "yadif=deint=interlaced," : "",
                          encoder_->width, encoder_->height)
            : fmt::format("aresample={0}:async={0},aformat=sample_fmts=fltp:channel_layouts=stereo",
                          encoder_->sample_rate);
  int status = avfilter_graph_create_filter(&graph_in_, avfilter_get_by_name(video ? "buffer" : "abuffer"),
                                            "in", from.c_str(), nullptr, graph_.get());
  if (status >= 0)
    status =
        avfilter_graph_create_filter(&graph_out_, avfilter_get_by_name(video ? "buffersink" : "abuffersink"),
                                     "out", nullptr, nullptr, graph_.get());
  if (status < 0) return graph_.reset(), ffmpeg::ffmpeg_error("converting", status);
  AVFilterInOut* inputs = avfilter_inout_alloc();
  AVFilterInOut* outputs = avfilter_inout_alloc();
  if (!inputs || !outputs) throw std::bad_alloc();
  *outputs = {av_strdup("in"), graph_in_, 0, nullptr};
  *inputs = {av_strdup("out"), graph_out_, 0, nullptr};
  status = avfilter_graph_parse_ptr(graph_.get(), chain.c_str(), &inputs, &outputs, nullptr);
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  if (status >= 0) status = avfilter_graph_config(graph_.get(), nullptr);
  if (status < 0) return graph_.reset(), ffmpeg::ffmpeg_error("converting", status);
  if (!video) av_buffersink_set_frame_size(graph_out_, static_cast<unsigned>(encoder_->frame_size));
  format_->width = frame.width;
  format_->height = frame.height;
  format_->format = frame.format;
  format_->sample_rate = frame.sample_rate;
  av_channel_layout_copy(&format_->ch_layout, &frame.ch_layout);
  return {};
}

}  // namespace srs::ingest

// Transcoder: turns the packets of a stream in any codec into H.264 or AAC packets.
//
// A chain of decoder, filters and encoder, in the thread of the source. The encoder is opened once, for the
// stream's initial parameters; later formats are converted to them. When timestamps jump, everything after
// the decoder is restarted.
#pragma once

#include <cstdint>
#include <optional>

#include "ffmpeg/objects.h"
#include "srs-ingest/ffmpeg/encoder.h"

namespace srs::ingest {

class Transcoder {
 public:
  // An error: no decoder, or insufficient stream parameters.
  static Result<std::unique_ptr<Transcoder>> open(const AVStream& stream, AVRational frame_rate);

  // Undecodable packets are counted and left out. Null: the end.
  Result<void> push(const AVPacket* packet, const PacketSink& sink);

  // The parameters of the output, for FlvTrack.
  const AVCodecParameters& parameters() const { return *parameters_; }
  AVRational time_base() const { return encoder_->time_base; }
  std::uint64_t damaged() const { return damaged_; }

 private:
  Transcoder() = default;

  bool is_video() const { return decoder_->codec_type == AVMEDIA_TYPE_VIDEO; }
  Result<void> open_decoder(const AVStream& stream);
  Result<void> choose_encoding(AVRational frame_rate);
  Result<void> open_encoder();
  Result<void> open_filters(const AVFrame& frame);
  bool filters_fit(const AVFrame& frame) const;
  bool jumped(const AVFrame& frame);
  Result<void> filter(AVFrame* frame, const PacketSink& sink);
  Result<void> drain_filters(const PacketSink& sink);
  Result<void> encode_frame(AVFrame& frame, const PacketSink& sink);
  Result<void> finish_encoder(const PacketSink& sink);

  AVRational stream_base_{1, 1000};
  VideoEncoding video_encoding_;
  AudioEncoding audio_encoding_;
  bool interlaced_ = false;
  ffmpeg::FfmpegPtr<AVCodecContext> decoder_;
  ffmpeg::FfmpegPtr<AVCodecContext> encoder_;
  ffmpeg::FfmpegPtr<AVCodecParameters> parameters_;
  ffmpeg::FfmpegPtr<AVFilterGraph> graph_;
  AVFilterContext* graph_in_ = nullptr;   // owned by graph_
  AVFilterContext* graph_out_ = nullptr;  // owned by graph_
  ffmpeg::FfmpegPtr<AVFrame> decoded_ = ffmpeg::make_frame();
  ffmpeg::FfmpegPtr<AVFrame> filtered_ = ffmpeg::make_frame();
  ffmpeg::FfmpegPtr<AVFrame> format_ =
      ffmpeg::make_frame();                       // the format the filters were opened for; no data
  std::optional<std::int64_t> expected_pts_;      // of the next decoded frame, in stream_base_
  std::optional<std::int64_t> last_encoded_pts_;  // in the encoder's time base
  std::optional<std::int64_t> last_key_pts_;      // likewise
  std::uint64_t damaged_ = 0;
};

}  // namespace srs::ingest

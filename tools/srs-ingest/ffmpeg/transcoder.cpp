#include "srs-ingest/ffmpeg/transcoder.h"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mathematics.h>
}

#include <algorithm>
#include <new>

namespace srs::ingest {
namespace {

constexpr std::int64_t key_interval_ms = 2'000;
// Larger gaps are not filled with silence, but are timestamp jumps.
constexpr std::int64_t max_gap_ms = 2'000;
constexpr AVRational video_base{1, 90'000};
constexpr int max_dimension = 8192;

}  // namespace

Result<std::unique_ptr<Transcoder>> Transcoder::open(const AVStream& stream, AVRational frame_rate) {
  std::unique_ptr<Transcoder> made(new Transcoder);
  made->stream_base_ = stream.time_base;
  made->interlaced_ = stream.codecpar->field_order > AV_FIELD_PROGRESSIVE;
  if (auto opened = made->open_decoder(stream); !opened) return std::move(opened).error();
  if (auto chosen = made->choose_encoding(frame_rate); !chosen) return std::move(chosen).error();
  if (auto opened = made->open_encoder(); !opened) return std::move(opened).error();
  return made;
}

Result<void> Transcoder::open_decoder(const AVStream& stream) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!codec)
    return Error{Errc::unsupported,
                 std::string("this FFmpeg cannot decode ") + avcodec_get_name(stream.codecpar->codec_id)};
  decoder_.reset(avcodec_alloc_context3(codec));
  if (!decoder_) throw std::bad_alloc();
  int status = avcodec_parameters_to_context(decoder_.get(), stream.codecpar);
  decoder_->pkt_timebase = stream.time_base;
  decoder_->thread_count = 0;
  if (status >= 0) status = avcodec_open2(decoder_.get(), codec, nullptr);
  if (status < 0)
    return ffmpeg::ffmpeg_error(std::string("cannot decode ") + avcodec_get_name(codec->id), status);
  return {};
}

// The first parameters decide the output; the decoder's may change later.
Result<void> Transcoder::choose_encoding(AVRational frame_rate) {
  if (!is_video()) {
    if (decoder_->sample_rate <= 0 || decoder_->ch_layout.nb_channels <= 0)
      return Error{Errc::unsupported, "the sample rate is not known"};
    if (decoder_->sample_rate % 11025 == 0) audio_encoding_.sample_rate = 44100;
    return {};
  }
  if (decoder_->width < 2 || decoder_->height < 2 || decoder_->width > max_dimension ||
      decoder_->height > max_dimension)
    return Error{Errc::unsupported, "the picture size is not known, or not one to encode"};
  video_encoding_.width = decoder_->width & ~1;
  video_encoding_.height = decoder_->height & ~1;
  video_encoding_.time_base = video_base;
  if (frame_rate.num > 0 && frame_rate.den > 0) video_encoding_.frame_rate = frame_rate;
  video_encoding_.sample_aspect_ratio = decoder_->sample_aspect_ratio;
  return {};
}

Result<void> Transcoder::open_encoder() {
  auto opened = is_video() ? open_h264_encoder(video_encoding_) : open_aac_encoder(audio_encoding_);
  if (!opened) return std::move(opened).error();
  encoder_ = std::move(*opened);
  parameters_.reset(avcodec_parameters_alloc());
  if (!parameters_ || avcodec_parameters_from_context(parameters_.get(), encoder_.get()) < 0)
    throw std::bad_alloc();
  last_encoded_pts_.reset();
  last_key_pts_.reset();
  return {};
}

Result<void> Transcoder::push(const AVPacket* packet, const PacketSink& sink) {
  const int sent = avcodec_send_packet(decoder_.get(), packet);
  if (sent < 0 && sent != AVERROR_EOF) return ++damaged_, Result<void>();
  while (true) {
    const int status = avcodec_receive_frame(decoder_.get(), decoded_.get());
    if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) break;
    if (status < 0) {
      ++damaged_;
      continue;
    }
    decoded_->pts = decoded_->best_effort_timestamp;
    if (decoded_->pts == AV_NOPTS_VALUE) decoded_->pts = expected_pts_.value_or(0);
    if (auto filtered = filter(decoded_.get(), sink); !filtered) return filtered;
    av_frame_unref(decoded_.get());
  }
  if (packet) return {};
  if (auto filtered = filter(nullptr, sink); !filtered) return filtered;
  return encode(*encoder_, nullptr, sink);
}

// Whether this frame does not follow the one before: then buffered data belongs to another time.
bool Transcoder::jumped(const AVFrame& frame) {
  const std::int64_t max_gap = av_rescale_q(max_gap_ms, ffmpeg::milliseconds_base, stream_base_);
  // A slide show is no jump; audio has no such gaps without one.
  const std::int64_t tolerated = is_video() ? 15 * max_gap : max_gap;
  const bool jump =
      expected_pts_ && (frame.pts > *expected_pts_ + tolerated || frame.pts < *expected_pts_ - max_gap);
  std::int64_t duration = frame.pkt_duration;
  if (!is_video() && frame.sample_rate > 0)
    duration = av_rescale_q(frame.nb_samples, {1, frame.sample_rate}, stream_base_);
  expected_pts_ = frame.pts + std::max<std::int64_t>(duration, 0);
  return jump;
}

Result<void> Transcoder::filter(AVFrame* frame, const PacketSink& sink) {
  if (frame) {
    const bool jump = jumped(*frame);
    if (graph_ && (jump || !filters_fit(*frame))) {
      if (av_buffersrc_add_frame(graph_in_, nullptr) >= 0)
        if (auto drained = drain_filters(sink); !drained) return drained;
      graph_.reset();
    }
    if (jump) {
      if (auto finished = finish_encoder(sink); !finished) return finished;
    }
    if (!graph_) {
      if (auto opened = open_filters(*frame); !opened) return opened;
    }
  }
  if (!graph_) return {};
  if (const int status = av_buffersrc_add_frame(graph_in_, frame); status < 0)
    return ffmpeg::ffmpeg_error("converting", status);
  return drain_filters(sink);
}

Result<void> Transcoder::drain_filters(const PacketSink& sink) {
  while (true) {
    const int status = av_buffersink_get_frame(graph_out_, filtered_.get());
    if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return {};
    if (status < 0) return ffmpeg::ffmpeg_error("converting", status);
    filtered_->pts =
        av_rescale_q(filtered_->pts, av_buffersink_get_time_base(graph_out_), encoder_->time_base);
    auto encoded = encode_frame(*filtered_, sink);
    av_frame_unref(filtered_.get());
    if (!encoded) return encoded;
  }
}

Result<void> Transcoder::encode_frame(AVFrame& frame, const PacketSink& sink) {
  // Encoders need increasing times: of two pictures with the same time one is dropped.
  if (last_encoded_pts_ && frame.pts <= *last_encoded_pts_) {
    if (is_video()) return {};
    frame.pts = *last_encoded_pts_ + 1;
  }
  last_encoded_pts_ = frame.pts;
  if (is_video()) {
    const std::int64_t interval =
        av_rescale_q(key_interval_ms, ffmpeg::milliseconds_base, encoder_->time_base);
    const bool key = !last_key_pts_ || frame.pts - *last_key_pts_ >= interval;
    frame.pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    if (key) last_key_pts_ = frame.pts;
  }
  return encode(*encoder_, &frame, sink);
}

Result<void> Transcoder::finish_encoder(const PacketSink& sink) {
  if (auto finished = encode(*encoder_, nullptr, sink); !finished) return finished;
  return open_encoder();
}

}  // namespace srs::ingest

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
}

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>

#include "codec/codec.h"
#include "codec_description.h"
#include "ffmpeg/input_limit.h"
#include "sources.h"

namespace srs::probe {
namespace {

std::string ffmpeg_error(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

// The names that our own codec readers give, so that a stream is called the same over every protocol.
std::string codec_name(AVCodecID id) {
  switch (id) {
    case AV_CODEC_ID_H264:
      return std::string(codec::name(codec::VideoCodec::avc));
    case AV_CODEC_ID_HEVC:
      return std::string(codec::name(codec::VideoCodec::hevc));
    case AV_CODEC_ID_AV1:
      return std::string(codec::name(codec::VideoCodec::av1));
    case AV_CODEC_ID_VP9:
      return std::string(codec::name(codec::VideoCodec::vp9));
    case AV_CODEC_ID_AAC:
      return std::string(codec::name(codec::AudioCodec::aac));
    case AV_CODEC_ID_OPUS:
      return std::string(codec::name(codec::AudioCodec::opus));
    case AV_CODEC_ID_MP3:
      return std::string(codec::name(codec::AudioCodec::mp3));
    default:
      return avcodec_get_name(id);
  }
}

std::string level_name(const AVCodecParameters& parameters) {
  if (parameters.level <= 0) return {};
  const double factor = parameters.codec_id == AV_CODEC_ID_HEVC ? 30 : 10;
  const double level = parameters.level / factor;
  if (parameters.codec_id != AV_CODEC_ID_H264 && parameters.codec_id != AV_CODEC_ID_HEVC)
    return std::to_string(parameters.level);
  return std::to_string(static_cast<int>(level)) + "." +
         std::to_string(static_cast<int>(std::lround(level * 10)) % 10);
}

TrackDescription describe(const AVStream& stream) {
  const AVCodecParameters& parameters = *stream.codecpar;
  TrackDescription description;
  description.codec = codec_name(parameters.codec_id);
  if (const char* profile = avcodec_profile_name(parameters.codec_id, parameters.profile))
    description.profile = profile;
  description.level = level_name(parameters);
  description.width = static_cast<std::uint32_t>(std::max(0, parameters.width));
  description.height = static_cast<std::uint32_t>(std::max(0, parameters.height));
  description.bit_depth = static_cast<std::uint32_t>(std::max(0, parameters.bits_per_raw_sample));
  if (stream.avg_frame_rate.num > 0 && stream.avg_frame_rate.den > 0)
    description.frame_rate = av_q2d(stream.avg_frame_rate);
  description.sample_rate = static_cast<std::uint32_t>(std::max(0, parameters.sample_rate));
  description.channels = static_cast<std::uint32_t>(std::max(0, parameters.ch_layout.nb_channels));
  return description;
}

std::int64_t to_ms(std::int64_t time, AVRational base) {
  return av_rescale_q(time, base, {1, 1000});
}

class FfmpegSource {
 public:
  explicit FfmpegSource(Session& session) : session_(session), packet_(av_packet_alloc()) {}
  FfmpegSource(const FfmpegSource&) = delete;
  ~FfmpegSource() {
    av_packet_free(&packet_);
    avformat_close_input(&format_);
  }

  Result<void> run(const std::string& url) {
    if (auto opened = open(url); !opened) return session_.enough() ? Result<void>{} : std::move(opened);
    Stream& stream = session_.streams().emplace_back(
        media::StreamInfo{url.find('@') == url.npos ? url : "", format_->iformat->name});
    while (session_.go_on()) {
      limit_->begin_call();
      const int code = av_read_frame(format_, packet_);
      if (code == AVERROR(EAGAIN)) continue;
      if (code < 0) {
        if (session_.enough()) return {};
        stream.on_end(code == AVERROR_EOF ? StreamEnd::ended : StreamEnd::lost);
        if (code == AVERROR_EOF) return {};
        return failure(code);
      }
      take(stream, *packet_);
      av_packet_unref(packet_);
    }
    return {};
  }

 private:
  bool is_over() { return !session_.go_on() || limit_->is_over(); }

  Error failure(int code) const {
    const std::string complaint = limit_->complaint();
    return complaint.empty() ? Error{Errc::io, ffmpeg_error(code)} : Error{Errc::too_large, complaint};
  }

  Result<void> open(const std::string& url) {
    av_log_set_level(AV_LOG_FATAL);  // what goes wrong is said once, by us
    format_ = avformat_alloc_context();
    if (format_ == nullptr) throw std::bad_alloc();
    AVDictionary* settings = nullptr;
    limit_.emplace(*format_, settings);
    format_->interrupt_callback = {
        [](void* source) { return static_cast<FfmpegSource*>(source)->is_over() ? 1 : 0; }, this};
    av_dict_set(&settings, "rtsp_transport", "tcp", 0);
    limit_->begin_call();
    int code = avformat_open_input(&format_, url.c_str(), nullptr, &settings);
    av_dict_free(&settings);
    if (code >= 0) code = avformat_find_stream_info(format_, nullptr);
    if (code < 0 || !limit_->complaint().empty()) return failure(code);
    limit_->opened();
    return {};
  }

  void take(Stream& stream, const AVPacket& packet) {
    const AVStream& input = *format_->streams[packet.stream_index];
    const bool is_video = input.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
    if (!is_video && input.codecpar->codec_type != AVMEDIA_TYPE_AUDIO) return;
    const TrackKind kind = is_video ? TrackKind::video : TrackKind::audio;
    const unsigned id = id_of(input);
    Track& track = stream.track(kind, id);
    if (track.description().codec.empty()) track.description() = describe(input);
    const std::int64_t dts = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
    if (dts == AV_NOPTS_VALUE) return track.on_corrupt(track.last_ms(), "a packet without a timestamp");
    const std::int64_t pts = packet.pts != AV_NOPTS_VALUE ? packet.pts : dts;
    Frame frame;
    frame.decoding_ms = to_ms(dts, input.time_base);
    frame.offset_ms = to_ms(pts, input.time_base) - frame.decoding_ms;
    frame.size_bytes = static_cast<std::size_t>(packet.size);
    frame.key_frame = (packet.flags & AV_PKT_FLAG_KEY) != 0;
    if ((packet.flags & AV_PKT_FLAG_CORRUPT) != 0)
      track.on_corrupt(frame.decoding_ms, "a packet that arrived damaged");
    stream.on_frame(kind, id, frame, session_.now());
  }

  // 0, 1, ... among the tracks of its kind.
  unsigned id_of(const AVStream& wanted) const {
    unsigned id = 0;
    for (int i = 0; i < wanted.index; ++i)
      if (format_->streams[i]->codecpar->codec_type == wanted.codecpar->codec_type) ++id;
    return id;
  }

  Session& session_;
  std::optional<ffmpeg::InputLimit> limit_;  // of format_
  AVFormatContext* format_ = nullptr;
  AVPacket* packet_;
};

}  // namespace

Result<void> read_ffmpeg(Session& session, const std::string& url) {
  avformat_network_init();
  return FfmpegSource(session).run(url);
}

}  // namespace srs::probe

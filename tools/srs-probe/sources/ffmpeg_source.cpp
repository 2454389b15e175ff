extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
}

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "codec/parameter_sets.h"
#include "codec/table.h"
#include "ffmpeg/input_limit.h"
#include "srs-probe/sources/sources.h"
#include "srs-probe/streams/codec_description.h"
#include "srs-probe/streams/decode_times.h"
#include "srs-probe/streams/in_band_sets.h"

namespace srs::probe {
namespace {

std::string ffmpeg_error(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

// The codec's row, if it is video that srs-ingest copies; or else the row of "unknown".
const codec::VideoRow& video_row(const AVCodecParameters& parameters) {
  return codec::row(codec::video_codec_of_ffmpeg(avcodec_get_name(parameters.codec_id)));
}

// The names of the table, so that a stream is called the same over every protocol. AC-3, E-AC-3 and FLAC
// keep FFmpeg's names ("ac3"), which reports have had so far.
std::string codec_name(AVCodecID id) {
  const std::string ffmpeg = avcodec_get_name(id);
  if (id == AV_CODEC_ID_AC3 || id == AV_CODEC_ID_EAC3 || id == AV_CODEC_ID_FLAC) return ffmpeg;
  const codec::VideoCodec video = codec::video_codec_of_ffmpeg(ffmpeg);
  if (video != codec::VideoCodec::unknown) return std::string(codec::name(video));
  const codec::AudioCodec audio = codec::audio_codec_of_ffmpeg(ffmpeg);
  return audio != codec::AudioCodec::unknown ? std::string(codec::name(audio)) : ffmpeg;
}

std::string level_name(const AVCodecParameters& parameters) {
  if (parameters.level <= 0) return {};
  const unsigned divisor = video_row(parameters).level_divisor;
  if (divisor == 0) return std::to_string(parameters.level);
  const double level = parameters.level / static_cast<double>(divisor);
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

// Containers whose frames are played by their times: in an MP4 fragment all pictures come before the audio.
// HLS may have either container; codec tags of four letters indicate MP4.
bool is_played_by_time(const AVFormatContext& format) {
  const std::string_view name = format.iformat->name;
  if (name.find("mov") != name.npos) return true;
  constexpr std::uint32_t letters = 0x20'20'20'20;
  if (name != "hls" && name != "dash") return false;
  for (unsigned i = 0; i < format.nb_streams; ++i)
    if (format.streams[i]->codecpar->codec_tag >= letters) return true;
  return false;
}

// Reads a descriptor for FFmpeg; interruptible.
class DescriptorIo {
 public:
  DescriptorIo(Session& session, int fd, std::vector<std::uint8_t> begin)
      : session_(session), fd_(fd), begin_(std::move(begin)) {
    session_.on_bytes(begin_.size());
    auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_size));
    context_ = buffer != nullptr ? avio_alloc_context(buffer, buffer_size, 0, this, &read, nullptr, nullptr)
                                 : nullptr;
    if (context_ == nullptr) throw std::bad_alloc();
  }
  DescriptorIo(const DescriptorIo&) = delete;
  ~DescriptorIo() {
    av_freep(&context_->buffer);
    avio_context_free(&context_);
  }
  AVIOContext* context() const { return context_; }

 private:
  static constexpr int buffer_size = 64 << 10;

  static int read(void* self, std::uint8_t* to, int size) {
    auto& io = *static_cast<DescriptorIo*>(self);
    if (io.at_ < io.begin_.size()) {
      const std::size_t part = std::min(io.begin_.size() - io.at_, static_cast<std::size_t>(size));
      std::copy_n(io.begin_.begin() + static_cast<std::ptrdiff_t>(io.at_), part, to);
      io.at_ += part;
      return static_cast<int>(part);
    }
    while (io.session_.tick()) {
      pollfd input{io.fd_, POLLIN, 0};
      if (::poll(&input, 1, tick_ms) <= 0) continue;
      const auto got = ::read(io.fd_, to, static_cast<std::size_t>(size));
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) return AVERROR(errno);
      io.session_.on_bytes(static_cast<std::size_t>(got));
      return got == 0 ? AVERROR_EOF : static_cast<int>(got);
    }
    return AVERROR_EXIT;
  }

  Session& session_;
  const int fd_;
  const std::vector<std::uint8_t> begin_;
  std::size_t at_ = 0;
  AVIOContext* context_ = nullptr;
};

class FfmpegSource {
 public:
  explicit FfmpegSource(Session& session) : session_(session), packet_(av_packet_alloc()) {}
  FfmpegSource(const FfmpegSource&) = delete;
  ~FfmpegSource() {
    av_packet_free(&packet_);
    avformat_close_input(&format_);
  }

  // io: read instead of url; may be null.
  Result<void> run(const std::string& url, const std::string& name, AVIOContext* io) {
    if (auto opened = open(url, io); !opened) return session_.enough() ? Result<void>{} : std::move(opened);
    Stream& stream = session_.streams().emplace_back(media::StreamInfo{name, format_->iformat->name, {}, {}});
    if (is_played_by_time(*format_)) stream.order_by_time();
    add_tracks(stream);
    auto read = read_all(stream);
    for (auto& [index, input] : inputs_)
      if (read) add(stream, index, input.times.flush());
    if (read && !session_.enough()) stream.on_end(StreamEnd::ended);
    if (!read) stream.on_end(StreamEnd::lost);
    return read;
  }

 private:
  // State of one FFmpeg stream.
  struct Input {
    TrackKind kind = TrackKind::video;
    unsigned id = 0;
    codec::VideoCodec codec = codec::VideoCodec::unknown;
    DecodeTimes times;
    InBandSets sets;
    unsigned nal_length_size = 0;  // 0: start codes
  };

  bool is_over() { return !session_.tick() || limit_->is_over(); }

  Error failure(int code) const {
    const std::string exceeded = limit_->exceeded_limit();
    return exceeded.empty() ? Error{Errc::io, ffmpeg_error(code)} : Error{Errc::too_large, exceeded};
  }

  Result<void> open(const std::string& url, AVIOContext* io) {
    av_log_set_level(AV_LOG_FATAL);  // errors are reported once, by us
    format_ = avformat_alloc_context();
    if (format_ == nullptr) throw std::bad_alloc();
    AVDictionary* settings = nullptr;
    limit_.emplace(*format_, settings);
    format_->interrupt_callback = {
        [](void* source) { return static_cast<FfmpegSource*>(source)->is_over() ? 1 : 0; }, this};
    format_->pb = io;
    av_dict_set(&settings, "rtsp_transport", "tcp", 0);
    limit_->begin_call();
    int code = avformat_open_input(&format_, url.c_str(), nullptr, &settings);
    av_dict_free(&settings);
    if (code >= 0) code = avformat_find_stream_info(format_, nullptr);
    if (code < 0 || !limit_->exceeded_limit().empty()) return failure(code);
    limit_->opened();
    return {};
  }

  // Adds all tracks that the container announces, with or without frames.
  void add_tracks(Stream& stream) {
    for (unsigned i = 0; i < format_->nb_streams; ++i)
      if ((format_->streams[i]->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0) input_of(stream, i);
  }

  // Null: neither video nor audio.
  Input* input_of(Stream& stream, unsigned index) {
    if (const auto known = inputs_.find(index); known != inputs_.end()) return &known->second;
    const AVStream& from = *format_->streams[index];
    const bool is_video = from.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
    if (!is_video && from.codecpar->codec_type != AVMEDIA_TYPE_AUDIO) return nullptr;
    Input& input = inputs_[index];
    input.kind = is_video ? TrackKind::video : TrackKind::audio;
    input.id = id_of(from);
    input.codec = video_row(*from.codecpar).codec;
    stream.track(input.kind, input.id).description() = describe(from);
    configure(input, from);
    return &input;
  }

  static void configure(Input& input, const AVStream& from) {
    if (codec::row(input.codec).nal == nullptr || from.codecpar->extradata_size <= 0) return;
    const Bytes extradata(from.codecpar->extradata, static_cast<std::size_t>(from.codecpar->extradata_size));
    if (codec::is_annex_b(extradata)) {
      (void)input.sets.scan(input.codec, extradata, 0);
      return;
    }
    input.nal_length_size = nal_length_size(input.codec, extradata);
    input.sets.configure(input.codec, extradata);
  }

  Result<void> read_all(Stream& stream) {
    while (session_.tick()) {
      limit_->begin_call();
      const int code = av_read_frame(format_, packet_);
      if (code == AVERROR(EAGAIN)) continue;
      if (code < 0) {
        if (session_.enough() || code == AVERROR_EOF) return {};
        return failure(code);
      }
      on_packet(stream, *packet_);
      av_packet_unref(packet_);
    }
    return {};
  }

  void on_packet(Stream& stream, const AVPacket& packet) {
    const auto index = static_cast<unsigned>(packet.stream_index);
    Input* const input = input_of(stream, index);
    if (input == nullptr) return;
    const AVStream& from = *format_->streams[index];
    Track& track = stream.track(input->kind, input->id);
    TimedFrame timed;
    if (packet.dts != AV_NOPTS_VALUE) timed.decoding_ms = to_ms(packet.dts, from.time_base);
    if (packet.pts != AV_NOPTS_VALUE) timed.shown_ms = to_ms(packet.pts, from.time_base);
    timed.lasts_us = lasts_us(packet, from);
    timed.frame.size_bytes = static_cast<std::size_t>(packet.size);
    timed.frame.key_frame = (packet.flags & AV_PKT_FLAG_KEY) != 0;
    if ((packet.flags & AV_PKT_FLAG_CORRUPT) != 0)
      track.on_corrupt(timed.decoding_ms.value_or(track.last_ms()), "a packet that arrived damaged");
    if (timed.frame.key_frame && packet.size > 0)
      follow(*input, track, {packet.data, static_cast<std::size_t>(packet.size)});
    add(stream, index, input->times.push(std::move(timed)));
  }

  // The first sets found are those FFmpeg has already described, unless it had them from a header.
  static void follow(Input& input, Track& track, Bytes picture) {
    const bool is_first = input.sets.empty();
    auto changed = input.sets.scan(input.codec, picture, input.nal_length_size);
    if (changed && !is_first) track.on_in_band_description(*std::move(changed));
  }

  static std::int64_t lasts_us(const AVPacket& packet, const AVStream& from) {
    if (packet.duration > 0) return av_rescale_q(packet.duration, from.time_base, {1, 1'000'000});
    const AVRational rate = from.avg_frame_rate.num > 0 ? from.avg_frame_rate : from.r_frame_rate;
    return rate.num > 0 && rate.den > 0 ? av_rescale_q(1, {rate.den, rate.num}, {1, 1'000'000}) : 0;
  }

  void add(Stream& stream, unsigned index, const std::vector<Frame>& frames) {
    const Input& input = inputs_[index];
    for (const Frame& frame : frames) stream.on_frame(input.kind, input.id, frame, session_.now());
  }

  // Its number among the tracks of its kind: 0, 1, ...
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
  std::map<unsigned, Input> inputs_;
};

}  // namespace

Result<void> read_ffmpeg(Session& session, const std::string& url, const std::string& stream) {
  avformat_network_init();
  return FfmpegSource(session).run(url, stream, nullptr);
}

Result<void> read_ffmpeg(Session& session, int fd, std::vector<std::uint8_t> begin,
                         const std::string& stream) {
  const DescriptorIo io(session, fd, std::move(begin));
  return FfmpegSource(session).run("", stream, io.context());
}

}  // namespace srs::probe

#include "srs-ingest/ffmpeg/ffmpeg_session.h"

#include <fmt/format.h>

#include "ffmpeg/metadata.h"

namespace srs::ingest {
namespace {

// How long one track may wait for the other: a file's tracks may be far apart, a live source must not delay
// the players.
constexpr std::int64_t file_span_ms = 10'000;
constexpr std::int64_t live_span_ms = 400;

AVRational frame_rate_of(const AVStream& stream) {
  const AVRational average = stream.avg_frame_rate;
  return average.num > 0 && average.den > 0 ? average : stream.r_frame_rate;
}

// FFmpeg's long name without the text in brackets.
std::string decoded_name(AVCodecID codec) {
  const AVCodecDescriptor* known = avcodec_descriptor_get(codec);
  std::string name = known ? known->long_name ? known->long_name : known->name : "unknown codec";
  if (const auto bracket = name.find(" ("); bracket != name.npos) name.resize(bracket);
  return name;
}

// "H.264 High 1280x720", "AAC LC 48000 Hz stereo".
std::string describe(const AVCodecParameters& parameters) {
  const codec::VideoCodec video = ffmpeg::copied_video_codec(parameters);
  const codec::AudioCodec audio = ffmpeg::copied_audio_codec(parameters);
  std::string text;
  if (video != codec::VideoCodec::unknown) {
    text = codec::name(video);
  } else if (audio != codec::AudioCodec::unknown) {
    text = codec::name(audio);
  } else {
    text = decoded_name(parameters.codec_id);
  }
  if (const char* profile = avcodec_profile_name(parameters.codec_id, parameters.profile))
    text += fmt::format(" {}", profile);
  if (parameters.codec_type == AVMEDIA_TYPE_VIDEO) {
    if (parameters.width > 0) text += fmt::format(" {}x{}", parameters.width, parameters.height);
    return text;
  }
  if (parameters.sample_rate > 0) text += fmt::format(" {} Hz", parameters.sample_rate);
  const int channels = parameters.ch_layout.nb_channels;
  if (channels > 0)
    text += channels == 1 ? " mono" : channels == 2 ? " stereo" : fmt::format(" {} channels", channels);
  return text;
}

bool can_copy(const AVCodecParameters& parameters) {
  return ffmpeg::copied_video_codec(parameters) != codec::VideoCodec::unknown ||
         ffmpeg::copied_audio_codec(parameters) != codec::AudioCodec::unknown;
}

}  // namespace

FfmpegSession::FfmpegSession(ffmpeg::FfmpegInput& input, std::string name, MediaSink& sink,
                             const cli::Log& log)
    : input_(input), name_(std::move(name)), sink_(sink), log_(log) {}

// False: the stream cannot be used; this was logged.
bool FfmpegSession::add_lane(AVStream* stream) {
  if (!stream) return false;
  const bool video = stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  Lane lane;
  lane.stream = stream;
  const AVRational rate = frame_rate_of(*stream);
  if (can_copy(*stream->codecpar)) {
    lane.track = std::make_unique<ffmpeg::FlvTrack>(*stream->codecpar, stream->time_base, rate);
    if (stream->codecpar->video_delay > 0) {
      const AVRational frame = rate.num > 0 && rate.den > 0 ? av_inv_q(rate) : AVRational{1, 25};
      lane.times = std::make_unique<ffmpeg::MissingTimes>(av_rescale_q(1, frame, stream->time_base));
    }
    log_.info("{}: copying {}", name_, describe(*stream->codecpar));
  } else {
    auto transcoder = Transcoder::open(*stream, rate);
    if (!transcoder) {
      log_.warning("{}: leaving out the {}: {}: {}", name_, video ? "video" : "audio",
                   describe(*stream->codecpar), transcoder.error().message);
      stream->discard = AVDISCARD_ALL;
      return false;
    }
    lane.transcoder = std::move(*transcoder);
    lane.track =
        std::make_unique<ffmpeg::FlvTrack>(lane.transcoder->parameters(), lane.transcoder->time_base(), rate);
    log_.info("{}: transcoding {} to {}", name_, describe(*stream->codecpar), video ? "H.264" : "AAC");
  }
  lanes_.push_back(std::move(lane));
  return true;
}

Result<void> FfmpegSession::prepare() {
  add_lane(input_.video());
  add_lane(input_.audio());
  if (lanes_.empty())
    return Error{Errc::unsupported, name_ + ": it holds no video or audio that can be used"};
  return {};
}

void FfmpegSession::write_metadata() {
  ffmpeg::StreamDescription description;
  for (const Lane& lane : lanes_) {
    const AVCodecParameters* parameters =
        lane.transcoder ? &lane.transcoder->parameters() : lane.stream->codecpar;
    const bool video = parameters->codec_type == AVMEDIA_TYPE_VIDEO;
    (video ? description.video : description.audio) = parameters;
    if (video) description.frame_rate = frame_rate_of(*lane.stream);
  }
  const std::int64_t duration = input_.format().duration;
  if (duration != AV_NOPTS_VALUE && duration > 0)
    description.duration_s = static_cast<double>(duration) / AV_TIME_BASE;
  sink_.write(flv::TagType::script, 0, ffmpeg::build_metadata(description));
}

void FfmpegSession::track_packet(Lane& lane, AVPacket& packet) {
  if (auto added = lane.track->add(packet, tags_); !added) {
    if (lane.damaged++ == 0) log_.debug("{}: a packet is left out: {}", name_, added.error().message);
  }
  const auto index = static_cast<std::size_t>(&lane - lanes_.data());
  for (ffmpeg::TimedTag& tag : tags_) interleaver_->push(index, std::move(tag));
  tags_.clear();
}

Result<void> FfmpegSession::on_packet(Lane& lane, AVPacket& packet) {
  ++lane.packets;
  const PacketSink to_track = [&](AVPacket& made) { track_packet(lane, made); };
  if (lane.transcoder) return lane.transcoder->push(&packet, to_track);
  if (lane.times)
    lane.times->push(packet, to_track);
  else
    track_packet(lane, packet);
  return {};
}

Result<void> FfmpegSession::finish() {
  Result<void> finished;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    const PacketSink to_track = [&](AVPacket& made) { track_packet(lane, made); };
    if (lane.times) lane.times->flush(to_track);
    if (lane.transcoder) {
      auto pushed = lane.transcoder->push(nullptr, to_track);
      if (finished && !pushed) finished = std::move(pushed);
      lane.damaged += lane.transcoder->damaged();
    }
    interleaver_->end(i);
  }
  write_ready();
  report_damage();
  return finished;
}

void FfmpegSession::write_ready() {
  while (auto tag = interleaver_->pop()) {
    if (!metadata_written_) write_metadata();
    metadata_written_ = true;
    sink_.write(tag->type, tag->dts_ms, std::move(tag->payload));
  }
}

void FfmpegSession::report_damage() const {
  for (const Lane& lane : lanes_)
    if (lane.damaged > 0)
      log_.warning("{}: {} of {} {} packets were damaged and left out", name_, lane.damaged, lane.packets,
                   lane.stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? "video" : "audio");
}

Result<void> FfmpegSession::run(bool is_live) {
  if (auto prepared = prepare(); !prepared) return prepared;
  interleaver_ = std::make_unique<ffmpeg::Interleaver>(lanes_.size(), is_live ? live_span_ms : file_span_ms);
  const auto packet = ffmpeg::make_packet();
  Result<void> outcome;
  while (outcome) {
    auto more = input_.read(*packet);
    if (!more) {
      outcome = std::move(more).error();
      break;
    }
    if (!*more) break;
    for (Lane& lane : lanes_)
      if (lane.stream->index == packet->stream_index) {
        outcome = on_packet(lane, *packet);
        break;
      }
    av_packet_unref(packet.get());
    write_ready();
  }
  auto finished = finish();
  if (outcome && !finished) outcome = std::move(finished);
  if (outcome && !metadata_written_ && !input_.stopped())
    return Error{Errc::invalid_data, name_ + ": it holds no media"};
  return outcome;
}

}  // namespace srs::ingest

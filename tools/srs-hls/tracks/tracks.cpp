#include "srs-hls/tracks/tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "codec/nal_syntax.h"
#include "codec/table.h"
#include "mp4/track.h"

namespace srs::hls {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;
using flv::PacketKind;

// The container name of recordings.
constexpr std::string_view recording = "recording";
constexpr const char* flv_carries_it = " (fragmented MP4 does not carry it here; --record-format flv does)";

bool needs_fmp4(VideoCodec codec, std::string_view container) {
  return container == "MPEG-TS" && codec != VideoCodec::unknown;
}

bool needs_fmp4(AudioCodec codec, std::string_view container) {
  return container == "MPEG-TS" && !codec::row(codec).mp4.entry.empty();
}

template <class Codec>
std::string why_not(Codec codec, std::string_view container) {
  if (container == recording) return flv_carries_it;
  if (std::is_same_v<Codec, VideoCodec> && codec == Codec::unknown) return "";
  return needs_fmp4(codec, container) ? " (it needs --format fmp4)"
                                      : fmt::format(" ({} segments of HLS do not carry it)", container);
}

// How long a stream may be without a supported track before this is logged.
constexpr std::int64_t nothing_patience_ms = 2'000;

// Presentation and decoding times differ by this much at most: more is an encoder's mistake.
constexpr std::int32_t composition_max_ms = 10'000;

MediaTime time_of(const media::Message& message, std::int32_t composition_time_ms,
                  std::uint32_t nanosecond_offset) {
  const std::int32_t offset_ms = std::clamp(composition_time_ms, -composition_max_ms, composition_max_ms);
  return {message.timestamp_ms, message.timestamp_ms + offset_ms, nanosecond_offset};
}

}  // namespace

std::optional<Frame> Tracks::parse(const media::Message& message) {
  if (!is_possible(message.timestamp_ms)) {
    if (!std::exchange(reported_times_, true))
      log_.warning_by({"impossible times", {}}, "{}: frames with impossible timestamps are left out", path_);
    return {};
  }
  std::optional<Frame> frame;
  if (message.is_video()) frame = parse_video(message);
  if (message.is_audio()) frame = parse_audio(message);
  if (message.is_frame() && !refusal_.empty()) report_if_nothing_is_left(message.timestamp_ms);
  return frame;
}

// The refused track may be the only one, or the other may be late: waits before it logs.
void Tracks::report_if_nothing_is_left(std::int64_t time_ms) {
  if (reported_nothing_is_left_) return;
  if (configured(Track::video) || configured(Track::audio)) {
    nothing_since_ms_.reset();
    return;
  }
  if (!nothing_since_ms_) nothing_since_ms_ = time_ms;
  if (time_ms - *nothing_since_ms_ < nothing_patience_ms) return;
  reported_nothing_is_left_ = true;
  log_.error_by({"streams of which nothing is left", {}}, "{}: there is nothing that HLS could carry: {}{}",
                path_, refusal_, fmp4_would_carry_ ? "" : "; send H.264 and AAC");
}

std::optional<Frame> Tracks::parse_video(const media::Message& message) {
  const auto video = flv::parse_video(message.payload.bytes(), video_track_);
  if (!video || (video->multitrack ? video->track_id : 0) != video_track_) return {};
  if (video->kind != PacketKind::sequence_start && video->kind != PacketKind::coded_frames) return {};
  const auto name = codec::name(video->codec);
  if (!muxers_.video.supports(video->codec)) {
    refuse(Track::video, name, why_not(video->codec, muxers_.video.container()),
           needs_fmp4(video->codec, muxers_.video.container()));
    return {};
  }
  if (video->kind == PacketKind::sequence_start) {
    configure(Track::video, static_cast<std::uint8_t>(video->codec), video->body, name);
    return {};
  }
  if (!configured(Track::video)) return {};
  Frame frame{Track::video,    video->key_frame,
              false,           time_of(message, video->composition_time_ms, video->nanosecond_offset),
              message.payload, video->body};
  if (frame.key && state_of(Track::video).info.width == 0) learn_size(video->codec, frame.body);
  if (frame.key)
    frame.idr =
        codec::is_random_access(video->codec, frame.body, state_of(Track::video).info.nal_length_size);
  return frame;
}

// VP9 states the picture size in its key frames.
void Tracks::learn_size(VideoCodec codec, Bytes key_frame) {
  State& state = state_of(Track::video);
  mp4::VideoTrack track{codec, {state.record.begin() + 1, state.record.end()}};
  mp4::update_size(track, key_frame);
  state.info.width = track.width;
  state.info.height = track.height;
}

std::optional<Frame> Tracks::parse_audio(const media::Message& message) {
  const auto audio = flv::parse_audio(message.payload.bytes());
  if (!audio || (audio->multitrack && audio->track_id != 0)) return {};
  if (audio->kind != PacketKind::sequence_start && audio->kind != PacketKind::coded_frames) return {};
  const auto name = codec::name(audio->codec);
  if (!muxers_.audio.supports(audio->codec)) {
    refuse(Track::audio, name, why_not(audio->codec, muxers_.audio.container()),
           needs_fmp4(audio->codec, muxers_.audio.container()));
    return {};
  }
  const auto codec = static_cast<std::uint8_t>(audio->codec);
  const codec::AudioRow& row = codec::row(audio->codec);
  if (audio->kind == PacketKind::sequence_start) {
    if (row.record_in_each_frame) return {};
    configure(Track::audio, codec, audio->body, name);
    return {};
  }
  // MP3, AC-3 and E-AC-3 have no sequence header: their frames begin with all that identifies their
  // configuration.
  if (row.frame_record != nullptr) {
    const codec::FrameRecord record = row.frame_record(audio->body);
    if (record.size == 0 && row.record_in_each_frame) return {};
    if (record.size > 0 && configure(Track::audio, codec, record.view(), name) && record.channels > 0)
      state_of(Track::audio).info.channels = record.channels;
  }
  const State& state = state_of(Track::audio);
  if (!state.configured || state.record[0] != codec || audio->body.empty()) return {};
  return Frame{Track::audio,    false,      false, time_of(message, 0, audio->nanosecond_offset),
               message.payload, audio->body};
}

// Whether the configuration was new and is accepted.
bool Tracks::configure(Track track, std::uint8_t codec, Bytes record, std::string_view codec_name) {
  State& state = state_of(track);
  const auto same = [&](const std::vector<std::uint8_t>& known) {
    return known.size() == record.size() + 1 && known[0] == codec &&
           std::equal(record.begin(), record.end(), known.begin() + 1);
  };
  if (state.known && same(state.record)) return false;
  if (record.size() > mp4::record_size_max) {
    state.record.assign(1, codec);
    refuse(track, codec_name, fmt::format(": a codec configuration of {} bytes", record.size()));
    return false;
  }
  state.record.assign(1, codec);
  state.record.insert(state.record.end(), record.begin(), record.end());
  const auto configured = track == Track::video
                              ? muxers_.video.configure_video(static_cast<VideoCodec>(codec), record)
                              : muxers_.audio.configure_audio(static_cast<AudioCodec>(codec), record);
  if (!configured) {
    refuse(track, codec_name, ": " + configured.error().message);
    return false;
  }
  if (state.excluded) exclude_from_muxer(track);
  state.known = state.configured = true;
  state.info = track == Track::video ? video_info(static_cast<VideoCodec>(codec), record)
                                     : audio_info(static_cast<AudioCodec>(codec), record);
  configuration_ = hash();
  return true;
}

void Tracks::refuse(Track track, std::string_view codec_name, const std::string& why, bool fmp4_would_carry) {
  State& state = state_of(track);
  state.known = true;
  if (std::exchange(state.configured, false)) configuration_ = hash();
  const bool video = track == Track::video;
  std::string line = fmt::format("{} {} is left out{}", codec_name, video ? "video" : "audio", why);
  refusal_ = line;
  fmp4_would_carry_ = fmp4_would_carry;
  const bool other_goes_on = configured(other(track));
  if (reported_refusals_.size() < 16 && reported_refusals_.insert(line).second)
    log_.warning_by({"tracks that are left out", {}}, "{}: {}{}", path_, line,
                    !other_goes_on ? ""
                    : video        ? "; audio goes on"
                                   : "; video goes on");
}

std::optional<codec::SilentFrame> Tracks::silence() const {
  const State& state = state_of(Track::audio);
  if (!state.configured) return {};
  return codec::silent_frame(static_cast<AudioCodec>(state.record[0]), Bytes(state.record).subspan(1));
}

void Tracks::exclude(Track track) {
  state_of(track).excluded = true;
  exclude_from_muxer(track);
  configuration_ = hash();
}

void Tracks::include(Track track) {
  State& state = state_of(track);
  if (!std::exchange(state.excluded, false) || !state.configured) return;
  const Bytes record = Bytes(state.record).subspan(1);
  // It was accepted before.
  if (track == Track::video)
    (void)muxers_.video.configure_video(static_cast<VideoCodec>(state.record[0]), record);
  else
    (void)muxers_.audio.configure_audio(static_cast<AudioCodec>(state.record[0]), record);
  configuration_ = hash();
}

void Tracks::exclude_from_muxer(Track track) {
  if (track == Track::video)
    muxers_.video.exclude_video();
  else
    muxers_.audio.exclude_audio();
}

std::uint64_t Tracks::hash() const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (const State& state : states_) {
    const bool counts = state.configured && (!state.excluded || apart());
    add(counts);
    if (!counts) continue;
    for (const std::uint8_t byte : state.record) add(byte);
  }
  return hash;
}

}  // namespace srs::hls

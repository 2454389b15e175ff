#include "tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mp4/audio_frames.h"
#include "mp4/track.h"
#include "mux/avc_access_unit.h"

namespace srs::hls {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;
using flv::PacketKind;

// ISO 11172-3 2.4.1.3
bool begins_with_sync(Bytes frame) {
  return frame.size() >= 4 && frame[0] == 0xff && (frame[1] & 0xe0) == 0xe0;
}

std::string why_not(VideoCodec codec, std::string_view container) {
  if (codec == VideoCodec::unknown) return "";
  return container == "MPEG-TS" ? " (it needs --format fmp4)"
                                : fmt::format(" ({} segments of HLS do not carry it)", container);
}

std::string why_not(AudioCodec codec, std::string_view container) {
  const bool fits_fmp4 = codec == AudioCodec::opus || codec == AudioCodec::flac;
  return container == "MPEG-TS" && fits_fmp4
             ? " (it needs --format fmp4)"
             : fmt::format(" ({} segments of HLS do not carry it)", container);
}

// Pictures are shown this far from when they are decoded at most: more is an encoder's mistake.
constexpr std::int32_t composition_max_ms = 10'000;

MediaTime time_of(const media::Message& message, std::int32_t composition_time_ms,
                  std::uint32_t nanosecond_offset) {
  const std::int32_t offset_ms = std::clamp(composition_time_ms, -composition_max_ms, composition_max_ms);
  return {message.timestamp_ms, message.timestamp_ms + offset_ms, nanosecond_offset};
}

}  // namespace

std::optional<Frame> Tracks::take(const media::Message& message) {
  if (!is_possible(message.timestamp_ms)) {
    if (!std::exchange(told_times_, true))
      log_.warning_by({"impossible times", {}}, "{}: frames at times that no stream has are left out", path_);
    return {};
  }
  if (message.is_video()) return take_video(message);
  if (message.is_audio()) return take_audio(message);
  return {};
}

std::optional<Frame> Tracks::take_video(const media::Message& message) {
  const auto video = flv::parse_video(message.payload.bytes(), video_track_);
  if (!video || (video->multitrack ? video->track_id : 0) != video_track_) return {};
  if (video->kind != PacketKind::sequence_start && video->kind != PacketKind::coded_frames) return {};
  const auto name = codec::name(video->codec);
  if (!muxers_.video.takes(video->codec)) {
    leave_out(Track::video, name, why_not(video->codec, muxers_.video.container()));
    return {};
  }
  if (video->kind == PacketKind::sequence_start) {
    configure(Track::video, static_cast<std::uint8_t>(video->codec), video->body, name);
    return {};
  }
  if (!has(Track::video)) return {};
  Frame frame{Track::video,    video->key_frame,
              false,           time_of(message, video->composition_time_ms, video->nanosecond_offset),
              message.payload, video->body};
  if (frame.key && state_of(Track::video).info.width == 0) learn_size(video->codec, frame.body);
  if (frame.key) frame.idr = has_idr(video->codec, frame.body);
  return frame;
}

// VP9 says in its key frames how large pictures are.
void Tracks::learn_size(VideoCodec codec, Bytes key_frame) {
  State& state = state_of(Track::video);
  mp4::VideoTrack track{codec, {state.record.begin() + 1, state.record.end()}};
  mp4::learn_size(track, key_frame);
  state.info.width = track.width;
  state.info.height = track.height;
}

// Whether nothing that follows needs a picture from before.
bool Tracks::has_idr(VideoCodec codec, Bytes body) const {
  const unsigned length_size = state_of(Track::video).info.nal_length_size;
  if (codec == VideoCodec::avc) return hls::has_idr(body, length_size);
  if (codec == VideoCodec::hevc) return hls::has_random_access_picture(body, length_size);
  return true;
}

std::optional<Frame> Tracks::take_audio(const media::Message& message) {
  const auto audio = flv::parse_audio(message.payload.bytes());
  if (!audio || (audio->multitrack && audio->track_id != 0)) return {};
  if (audio->kind != PacketKind::sequence_start && audio->kind != PacketKind::coded_frames) return {};
  const auto name = codec::name(audio->codec);
  if (!muxers_.audio.takes(audio->codec)) {
    leave_out(Track::audio, name, why_not(audio->codec, muxers_.audio.container()));
    return {};
  }
  const auto codec = static_cast<std::uint8_t>(audio->codec);
  const bool bare = audio->codec == AudioCodec::ac3 || audio->codec == AudioCodec::eac3;
  if (audio->kind == PacketKind::sequence_start) {
    if (bare) return {};
    configure(Track::audio, codec, audio->body, name);
    return {};
  }
  // MP3 has no sequence header; its frames begin with all there is to know: version, layer and rate.
  if (audio->codec == AudioCodec::mp3 && begins_with_sync(audio->body)) {
    const std::uint8_t header[] = {audio->body[0], audio->body[1],
                                   static_cast<std::uint8_t>(audio->body[2] & 0x0c)};
    configure(Track::audio, codec, header, name);
  }
  // Nor have AC-3 and E-AC-3: rate and channels count.
  if (bare) {
    const auto header = mp4::read_audio_frame(audio->codec, audio->body);
    if (!header) return {};
    const std::uint8_t record[] = {static_cast<std::uint8_t>(header->sample_rate / 1'000),
                                   static_cast<std::uint8_t>(header->channels)};
    if (configure(Track::audio, codec, record, name)) state_of(Track::audio).info.channels = header->channels;
  }
  const State& state = state_of(Track::audio);
  if (!state.configured || state.record[0] != codec || audio->body.empty()) return {};
  return Frame{Track::audio,    false,      false, time_of(message, 0, audio->nanosecond_offset),
               message.payload, audio->body};
}

// Whether the track has this configuration now and did not have it before.
bool Tracks::configure(Track track, std::uint8_t codec, Bytes record, std::string_view codec_name) {
  State& state = state_of(track);
  const auto same = [&](const std::vector<std::uint8_t>& known) {
    return known.size() == record.size() + 1 && known[0] == codec &&
           std::equal(record.begin(), record.end(), known.begin() + 1);
  };
  if (state.known && same(state.record)) return false;
  if (record.size() > mp4::record_size_max) {
    state.record.assign(1, codec);
    leave_out(track, codec_name, fmt::format(": a codec configuration of {} bytes", record.size()));
    return false;
  }
  state.record.assign(1, codec);
  state.record.insert(state.record.end(), record.begin(), record.end());
  const auto configured = track == Track::video
                              ? muxers_.video.configure_video(static_cast<VideoCodec>(codec), record)
                              : muxers_.audio.configure_audio(static_cast<AudioCodec>(codec), record);
  if (!configured) {
    leave_out(track, codec_name, ": " + configured.error().message);
    return false;
  }
  state.known = state.configured = true;
  state.info = track == Track::video ? video_info(static_cast<VideoCodec>(codec), record)
                                     : audio_info(static_cast<AudioCodec>(codec), record);
  configuration_ = hash();
  return true;
}

void Tracks::leave_out(Track track, std::string_view codec_name, const std::string& why) {
  State& state = state_of(track);
  state.known = true;
  if (std::exchange(state.configured, false)) configuration_ = hash();
  const bool video = track == Track::video;
  std::string line = fmt::format("{} {} is left out{}", codec_name, video ? "video" : "audio", why);
  if (told_.size() < 16 && told_.insert(line).second)
    log_.warning_by({"tracks that are left out", {}}, "{}: {}; {} goes on", path_, line,
                    video ? "audio" : "video");
}

std::uint64_t Tracks::hash() const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (const State& state : states_) {
    add(state.configured);
    if (!state.configured) continue;
    for (const std::uint8_t byte : state.record) add(byte);
  }
  return hash;
}

}  // namespace srs::hls

#include "flv_streams.h"

#include <algorithm>

#include "amf/value.h"
#include "codec/nal.h"
#include "codec_description.h"

namespace srs::probe {
namespace {

using flv::PacketKind;
using media::Message;

// A multitrack packet is asked for each of these track ids in turn.
constexpr std::uint8_t max_tracks = 16;
// Of what a pipe says of a stream.
constexpr std::size_t text_size_max = 256;
constexpr std::size_t metadata_max = 1u << 20;

bool nals_are_whole(Bytes picture, unsigned length_size) {
  codec::LengthPrefixedNals nals(picture, length_size);
  while (nals.next()) {
  }
  return !nals.failed();
}

}  // namespace

void FlvStreams::on_begin(media::ChannelId channel, const media::StreamInfo& info) {
  // Plain FLV is one stream, whatever it is called.
  if (!wanted_path_.empty() && channel != 0 && info.path != wanted_path_) return;
  if (!make_room()) {
    ++not_seen_;
    return;
  }
  media::StreamInfo kept = info;
  for (std::string* text : {&kept.path, &kept.origin, &kept.via, &kept.timeline})
    if (text->size() > text_size_max) text->resize(text_size_max);
  Stream& stream = streams_.emplace_back(std::move(kept));
  channels_[channel] = {&stream, {}};
}

bool FlvStreams::make_room() {
  if (streams_.size() < streams_max) return true;
  const auto ended = std::find_if(streams_.begin(), streams_.end(),
                                  [](const Stream& stream) { return stream.end() != StreamEnd::open; });
  if (ended == streams_.end()) return false;
  if (forget_) forget_(*ended);
  streams_.erase(ended);
  return true;
}

void FlvStreams::on_end(media::ChannelId channel, media::EndReason reason) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  found->second.stream->on_end(reason == media::EndReason::ended ? StreamEnd::ended : StreamEnd::lost);
  channels_.erase(found);
}

void FlvStreams::on_message(media::ChannelId channel, Message message) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  const Stream& stream = *found->second.stream;
  // Headers and scripts may say any time.
  if (limit_ms_ > 0 && message.is_frame() && stream.has_media() &&
      message.timestamp_ms - stream.first_ms() >= limit_ms_) {
    past_limit_ = true;
    return;
  }
  switch (message.type) {
    case flv::TagType::video:
      return take_video(found->second, message);
    case flv::TagType::audio:
      return take_audio(*found->second.stream, message);
    case flv::TagType::script:
      return take_script(*found->second.stream, message);
  }
}

void FlvStreams::take_video(Channel& channel, const Message& message) {
  const auto video = flv::parse_video(message.payload.bytes());
  if (!video) {
    channel.stream->track(TrackKind::video, 0).on_corrupt(message.timestamp_ms, video.error().message);
    return;
  }
  if (!video->multitrack) return take_video_track(channel, message, *video);
  for (std::uint8_t id = 0; id < max_tracks; ++id) {
    const auto one = flv::parse_video(message.payload.bytes(), id);
    if (one && one->track_id == id) take_video_track(channel, message, *one);
  }
}

void FlvStreams::take_video_track(Channel& channel, const Message& message, const flv::VideoPayload& video) {
  Track& track = channel.stream->track(TrackKind::video, video.track_id);
  if (track.description().codec.empty()) track.description().codec = codec::name(video.codec);
  unsigned& length_size = channel.nal_length_sizes[video.track_id];
  if (video.kind == PacketKind::sequence_start) {
    auto description = describe_video(video.codec, video.body);
    if (!description)
      return track.on_corrupt(message.timestamp_ms, "video configuration: " + description.error().message);
    length_size = nal_length_size(video.codec, video.body);
    track.on_description(*std::move(description), video.body);
    return;
  }
  if (video.kind != PacketKind::coded_frames) return;
  if (video.body.empty()) {
    track.on_corrupt(message.timestamp_ms, "an empty picture");
  } else if (length_size > 0 && !nals_are_whole(video.body, length_size)) {
    track.on_corrupt(message.timestamp_ms, "a picture whose NAL units are cut short");
  }
  const Frame frame{message.timestamp_ms, video.composition_time_ms, message.payload.size(), video.key_frame};
  channel.stream->on_frame(TrackKind::video, video.track_id, frame, now_());
}

void FlvStreams::take_audio(Stream& stream, const Message& message) {
  const auto audio = flv::parse_audio(message.payload.bytes());
  if (!audio) {
    stream.track(TrackKind::audio, 0).on_corrupt(message.timestamp_ms, audio.error().message);
    return;
  }
  if (!audio->multitrack) return take_audio_track(stream, message, *audio);
  for (std::uint8_t id = 0; id < max_tracks; ++id) {
    const auto one = flv::parse_audio(message.payload.bytes(), id);
    if (one && one->track_id == id) take_audio_track(stream, message, *one);
  }
}

void FlvStreams::take_audio_track(Stream& stream, const Message& message, const flv::AudioPayload& audio) {
  Track& track = stream.track(TrackKind::audio, audio.track_id);
  if (track.description().codec.empty()) {
    track.description().codec = codec::name(audio.codec);
    // AAC's own configuration says it better, and comes first.
    if (audio.codec != codec::AudioCodec::aac) {
      track.description().sample_rate = audio.sample_rate;
      track.description().channels = audio.channels;
    }
  }
  if (audio.kind == PacketKind::sequence_start) {
    auto description = describe_audio(audio.codec, audio.body);
    if (!description)
      return track.on_corrupt(message.timestamp_ms, "audio configuration: " + description.error().message);
    track.on_description(*std::move(description), audio.body);
    return;
  }
  if (audio.kind != PacketKind::coded_frames) return;
  if (audio.body.empty()) track.on_corrupt(message.timestamp_ms, "an empty audio frame");
  stream.on_frame(TrackKind::audio, audio.track_id, {message.timestamp_ms, 0, message.payload.size(), false},
                  now_());
}

void FlvStreams::take_script(Stream& stream, const Message& message) {
  const Bytes payload = message.payload.bytes();
  if (media::script_name(payload) == "onDiscontinuity") stream.on_discontinuity();
  if (message.kind != media::MessageKind::metadata || payload.size() > metadata_max) return;
  const auto values = amf::decode_all(payload);
  if (values.size() < 2) return;
  const double frame_rate = values[1].number_at("framerate").value_or(0);
  if (frame_rate > 0 && frame_rate < 1000) stream.on_declared_frame_rate(frame_rate);
}

}  // namespace srs::probe

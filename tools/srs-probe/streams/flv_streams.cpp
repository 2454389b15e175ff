#include "srs-probe/streams/flv_streams.h"

#include <algorithm>

#include "amf/value.h"
#include "codec/nal.h"
#include "codec/table.h"
#include "media/metadata.h"
#include "srs-probe/streams/codec_description.h"

namespace srs::probe {
namespace {

using flv::PacketKind;
using media::Message;

// Track ids looked for in multitrack packets.
constexpr std::uint8_t max_tracks = 16;
// Limit for the texts of a stream's information.
constexpr std::size_t text_size_max = 256;
constexpr std::size_t metadata_max = 1u << 20;

// NAL unit length size without a sequence header.
constexpr unsigned usual_length_size = 4;

bool nals_are_whole(Bytes picture, unsigned length_size) {
  codec::LengthPrefixedNals nals(picture, length_size);
  while (nals.next()) {
  }
  return !nals.failed();
}

}  // namespace

void FlvStreams::on_begin(pipe::ChannelId channel, const media::StreamInfo& info) {
  // Plain FLV is one stream, whatever its name.
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

void FlvStreams::on_end(pipe::ChannelId channel, media::EndReason reason) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  found->second.stream->on_end(reason == media::EndReason::ended ? StreamEnd::ended : StreamEnd::lost);
  channels_.erase(found);
}

void FlvStreams::on_message(pipe::ChannelId channel, Message message) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  const Stream& stream = *found->second.stream;
  // Headers and scripts may have any time.
  if (limit_ms_ > 0 && message.is_frame() && stream.has_media() &&
      message.timestamp_ms - stream.first_ms() >= limit_ms_) {
    past_limit_ = true;
    return;
  }
  switch (message.type) {
    case flv::TagType::video:
      return on_video(found->second, message);
    case flv::TagType::audio:
      return on_audio(*found->second.stream, message);
    case flv::TagType::script:
      return on_script(*found->second.stream, message);
  }
}

void FlvStreams::on_video(Channel& channel, const Message& message) {
  const auto video = flv::parse_video(message.payload.bytes());
  if (!video) {
    channel.stream->track(TrackKind::video, 0).on_corrupt(message.timestamp_ms, video.error().message);
    return;
  }
  if (!video->multitrack) return on_video_track(channel, message, *video);
  for (std::uint8_t id = 0; id < max_tracks; ++id) {
    const auto one = flv::parse_video(message.payload.bytes(), id);
    if (one && one->track_id == id) on_video_track(channel, message, *one);
  }
}

void FlvStreams::on_video_track(Channel& channel, const Message& message, const flv::VideoPayload& video) {
  Track& track = channel.stream->track(TrackKind::video, video.track_id);
  if (track.description().codec.empty()) track.description().codec = codec::name(video.codec);
  unsigned& length_size = channel.nal_length_sizes[video.track_id];
  if (video.kind == PacketKind::sequence_start) {
    auto description = describe_video(video.codec, video.body);
    if (!description)
      return track.on_corrupt(message.timestamp_ms, "video configuration: " + description.error().message);
    length_size = nal_length_size(video.codec, video.body);
    channel.sets[video.track_id].configure(video.codec, video.body);
    track.on_description(*std::move(description), video.body);
    return;
  }
  if (video.kind != PacketKind::coded_frames) return;
  check_picture(channel, message, video, track);
  const Frame frame{message.timestamp_ms, video.composition_time_ms, message.payload.size(), video.key_frame};
  channel.stream->on_frame(TrackKind::video, video.track_id, frame, now_());
}

void FlvStreams::check_picture(Channel& channel, const Message& message, const flv::VideoPayload& video,
                               Track& track) {
  if (video.body.empty()) return track.on_corrupt(message.timestamp_ms, "an empty picture");
  if (!codec::row(video.codec).nal_units) return;
  track.on_needs_header();
  const unsigned known = channel.nal_length_sizes[video.track_id];
  const unsigned length_size = known > 0 ? known : usual_length_size;
  if (!nals_are_whole(video.body, length_size)) {
    if (codec::is_annex_b(video.body))
      return track.on_corrupt(message.timestamp_ms,
                              "a picture with start codes (Annex B), where NAL units have their lengths");
    if (known > 0) track.on_corrupt(message.timestamp_ms, "a picture whose NAL units are cut short");
    return;
  }
  if (!video.key_frame) return;
  if (auto changed = channel.sets[video.track_id].scan(video.codec, video.body, length_size))
    track.on_in_band_description(*std::move(changed));
}

void FlvStreams::on_audio(Stream& stream, const Message& message) {
  const auto audio = flv::parse_audio(message.payload.bytes());
  if (!audio) {
    stream.track(TrackKind::audio, 0).on_corrupt(message.timestamp_ms, audio.error().message);
    return;
  }
  if (!audio->multitrack) return on_audio_track(stream, message, *audio);
  for (std::uint8_t id = 0; id < max_tracks; ++id) {
    const auto one = flv::parse_audio(message.payload.bytes(), id);
    if (one && one->track_id == id) on_audio_track(stream, message, *one);
  }
}

void FlvStreams::on_audio_track(Stream& stream, const Message& message, const flv::AudioPayload& audio) {
  Track& track = stream.track(TrackKind::audio, audio.track_id);
  if (track.description().codec.empty()) {
    track.description().codec = codec::name(audio.codec);
    // In front of a packet type (AAC) the tag header says the same for every stream: the configuration, which
    // comes first, tells.
    if (!codec::row(audio.codec).flv.packet_type) {
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
  if (codec::row(audio.codec).needs_header) track.on_needs_header();
  if (audio.body.empty()) track.on_corrupt(message.timestamp_ms, "an empty audio frame");
  stream.on_frame(TrackKind::audio, audio.track_id, {message.timestamp_ms, 0, message.payload.size(), false},
                  now_());
}

void FlvStreams::on_script(Stream& stream, const Message& message) {
  const Bytes payload = message.payload.bytes();
  if (media::script_name(payload) == "onDiscontinuity") stream.on_discontinuity();
  if (message.kind != media::MessageKind::metadata || payload.size() > metadata_max) return;
  const auto announced = media::announced_tracks(payload);
  if (announced.video) stream.on_announced(TrackKind::video);
  if (announced.audio) stream.on_announced(TrackKind::audio);
  const auto values = amf::decode_all(payload);
  if (values.size() < 2) return;
  const double frame_rate = values[1].number_at("framerate").value_or(0);
  if (frame_rate > 0 && frame_rate < 1000) stream.on_declared_frame_rate(frame_rate);
}

}  // namespace srs::probe

#include "media/message.h"

#include "flv/payload.h"

namespace srs::media {
namespace {

MessageKind classify_video(Bytes payload) {
  const auto video = flv::parse_video(payload);
  if (!video) return MessageKind::video_frame;
  if (video->kind == flv::PacketKind::sequence_start) return MessageKind::video_header;
  if (video->kind == flv::PacketKind::metadata) return MessageKind::video_metadata;
  if (video->key_frame && video->track_id == 0) return MessageKind::key_frame;
  return MessageKind::video_frame;
}

MessageKind classify_audio(Bytes payload) {
  const auto audio = flv::parse_audio(payload);
  return audio && audio->kind == flv::PacketKind::sequence_start ? MessageKind::audio_header
                                                                 : MessageKind::audio_frame;
}

MessageKind classify_script(Bytes payload) {
  const std::string_view name = script_name(payload);
  if (name == "onMetaData") return MessageKind::metadata;
  if (name == "onStream" || name == "onDiscontinuity" || name == "onClock" || name == "onStall")
    return MessageKind::annotation;
  return MessageKind::script;
}

}  // namespace

MessageKind classify(flv::TagType type, Bytes payload) {
  switch (type) {
    case flv::TagType::video:
      return classify_video(payload);
    case flv::TagType::audio:
      return classify_audio(payload);
    case flv::TagType::script:
      break;
  }
  return classify_script(payload);
}

HeaderKey header_key(const Message& message) {
  HeaderKey key{message.kind, 0};
  if (message.is_video()) {
    if (const auto video = flv::parse_video(message.payload.bytes())) key.track_id = video->track_id;
  } else if (message.is_audio()) {
    if (const auto audio = flv::parse_audio(message.payload.bytes())) key.track_id = audio->track_id;
  }
  return key;
}

bool is_other_key_frame(const Message& message) {
  // The first byte rules out most messages: it must be Enhanced RTMP's, with the frame type of a key frame.
  if (message.kind != MessageKind::video_frame || message.payload.empty()) return false;
  if ((message.payload.data()[0] & 0xf0) != 0x90) return false;
  const auto video = flv::parse_video(message.payload.bytes());
  return video && video->key_frame && video->track_id != 0;
}

Message make_message(flv::TagType type, std::int64_t timestamp_ms, Slice payload) {
  Message message;
  message.type = type;
  message.kind = classify(type, payload.bytes());
  message.timestamp_ms = timestamp_ms;
  message.payload = std::move(payload);
  return message;
}

std::string_view script_name(Bytes payload) {
  ByteReader reader(payload);
  if (reader.u8() != 2) return {};  // AMF0 string
  const Bytes name = reader.bytes(reader.u16());
  return {reinterpret_cast<const char*>(name.data()), name.size()};
}

}  // namespace srs::media

#include "media/message.h"

#include "flv/payload.h"

namespace srs::media {
namespace {

MessageKind classify_video(Bytes payload) {
  const auto video = flv::parse_video(payload);
  if (!video) return MessageKind::video_frame;
  if (video->kind == flv::PacketKind::sequence_start) return MessageKind::video_header;
  if (video->kind == flv::PacketKind::coded_frames && video->key_frame) return MessageKind::key_frame;
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
  const Bytes name = reader.take(reader.u16());
  return {reinterpret_cast<const char*>(name.data()), name.size()};
}

}  // namespace srs::media

#include "media/metadata.h"

#include <algorithm>

#include "amf/value.h"

namespace srs::media {
namespace {

// hasVideo and hasAudio say so outright; otherwise the codec id or another member implies it.
bool announces(const amf::Value& metadata, std::string_view flag,
               std::initializer_list<std::string_view> hints) {
  if (const amf::Value* said = metadata.find(flag); said && said->as_boolean()) return *said->as_boolean();
  return std::any_of(hints.begin(), hints.end(), [&](std::string_view hint) {
    const amf::Value* value = metadata.find(hint);
    return value && !value->is_null() && value->as_number() != 0.0;
  });
}

constexpr std::string_view audio_members[] = {
    "hasAudio",      "audiocodecid", "audiodatarate", "audiosamplerate", "audiosamplesize",
    "audiochannels", "stereo",       "audiodelay",    "audiosize",       "audioTrackIdInfoMap"};
constexpr std::string_view video_members[] = {
    "hasVideo",  "videocodecid", "videodatarate", "width",        "height",        "displayWidth",
    "framerate", "fps",          "videosize",     "hasKeyframes", "displayHeight", "videoTrackIdInfoMap"};

}  // namespace

TrackSet announced_tracks(Bytes metadata_payload) {
  ByteReader reader(metadata_payload);
  if (!amf::decode(reader)) return {};
  const auto metadata = amf::decode(reader);
  if (!metadata) return {};
  return {
      announces(*metadata, "hasAudio", {"audiocodecid", "audiosamplerate", "audiochannels", "audiodatarate"}),
      announces(*metadata, "hasVideo", {"videocodecid", "width", "framerate", "videodatarate"})};
}

Slice without_tracks(Bytes metadata_payload, TrackSet tracks) {
  ByteReader reader(metadata_payload);
  const auto name = amf::decode(reader);
  auto metadata = name ? amf::decode(reader) : Result<amf::Value>(name.error());
  amf::Object* object = metadata ? metadata->as_object() : nullptr;
  if (object == nullptr) return {};
  std::erase_if(object->members, [&](const amf::Member& member) {
    return (tracks.audio && std::ranges::find(audio_members, member.first) != std::end(audio_members)) ||
           (tracks.video && std::ranges::find(video_members, member.first) != std::end(video_members));
  });
  if (tracks.audio) metadata->set("hasAudio", false);
  if (tracks.video) metadata->set("hasVideo", false);
  return Slice::copy_of(amf::encode_all({*name, *std::move(metadata)}));
}

}  // namespace srs::media

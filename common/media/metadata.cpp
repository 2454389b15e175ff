#include "media/metadata.h"

#include <algorithm>

#include "amf/value.h"

namespace srs::media {
namespace {

// hasVideo/hasAudio say it outright; else the codec id or one of the others gives it away.
bool announces(const amf::Value& metadata, std::string_view flag,
               std::initializer_list<std::string_view> hints) {
  if (const amf::Value* said = metadata.find(flag); said && said->as_boolean()) return *said->as_boolean();
  return std::any_of(hints.begin(), hints.end(), [&](std::string_view hint) {
    const amf::Value* value = metadata.find(hint);
    return value && !value->is_null() && value->as_number() != 0.0;
  });
}

}  // namespace

AnnouncedTracks announced_tracks(Bytes metadata_payload) {
  ByteReader reader(metadata_payload);
  if (!amf::decode(reader)) return {};
  const auto metadata = amf::decode(reader);
  if (!metadata) return {};
  return {
      announces(*metadata, "hasAudio", {"audiocodecid", "audiosamplerate", "audiochannels", "audiodatarate"}),
      announces(*metadata, "hasVideo", {"videocodecid", "width", "framerate", "videodatarate"})};
}

}  // namespace srs::media

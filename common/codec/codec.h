// Codecs: the names of what streams carry, whatever container or protocol they come in.
#pragma once

#include <cstdint>
#include <string_view>

namespace srs::codec {

enum class VideoCodec : std::uint8_t { unknown, h263, screen, vp6, avc, hevc, vvc, av1, vp8, vp9 };

enum class AudioCodec : std::uint8_t {
  unknown,
  pcm,
  adpcm,
  mp3,
  nellymoser,
  g711a,
  g711u,
  aac,
  speex,
  opus,
  ac3,
  eac3,
  flac,
};

// For people: "H.264", "AAC", "unknown".
std::string_view name(VideoCodec codec);
std::string_view name(AudioCodec codec);

}  // namespace srs::codec

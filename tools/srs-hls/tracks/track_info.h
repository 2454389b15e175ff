// TrackInfo: a track's attributes in a multivariant playlist (RFC 8216 4.3.4.2), from its codec
// configuration.
#pragma once

#include <cstdint>
#include <string>

#include "codec/codec.h"
#include "core/byte_reader.h"

namespace srs::hls {

struct TrackInfo {
  std::string codecs;       // RFC 6381: "avc1.64001f"; empty: not known
  std::uint32_t width = 0;  // as shown; 0: not known
  std::uint32_t height = 0;
  double frame_rate = 0;  // from the configuration; 0: not in it
  unsigned channels = 0;
  unsigned nal_length_size = 4;
};

TrackInfo video_info(codec::VideoCodec codec, Bytes record);
TrackInfo audio_info(codec::AudioCodec codec, Bytes record);

}  // namespace srs::hls

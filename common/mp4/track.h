// Track: what a track of a fragmented MP4 is, from its codec's configuration, and its times.
//
// A value. Video counts in 1/90000 s, sound in its own samples.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "codec/vui.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::mp4 {

inline constexpr std::uint32_t video_timescale = 90'000;
// Of a codec's configuration: real ones have some hundred bytes.
inline constexpr std::size_t record_size_max = 64 * 1024;

struct VideoTrack {
  codec::VideoCodec codec = codec::VideoCodec::unknown;
  std::vector<std::uint8_t> record;  // the content of avcC, hvcC, av1C or vpcC
  std::uint32_t width = 0;           // as shown; 0: not known yet, see learn_size()
  std::uint32_t height = 0;
  unsigned nal_length_size = 4;
  codec::SampleAspect aspect{};           // H.264 and H.265 only, from the SPS
  std::optional<codec::Colour> colour{};  // likewise
};

struct AudioTrack {
  codec::AudioCodec codec = codec::AudioCodec::unknown;
  std::vector<std::uint8_t> record;  // AudioSpecificConfig, or the content of dOps, dfLa, dac3, dec3
  std::uint32_t sample_rate = 0;     // and timescale; 0: not known yet, see learn()
  unsigned channels = 2;
  unsigned sample_bits = 16;        // of FLAC; the others have none, and say 16
  std::uint32_t frame_samples = 0;  // of each frame; 0: they differ, or say it themselves
};

// H.264, H.265, AV1 or VP9, with the configuration record that FLV and MP4 share. An error, as for sound: a
// record above record_size_max, and what the fields of MP4 cannot say (sides above 65535).
Result<VideoTrack> describe_video(codec::VideoCodec codec, Bytes record);
// AAC (AudioSpecificConfig), Opus (identification header), FLAC (STREAMINFO, with or without what stands
// before it), MP3, AC-3, E-AC-3 (these three say what they are in each frame: the record may be empty).
Result<AudioTrack> describe_audio(codec::AudioCodec codec, Bytes record);

// VP9, and AV1 whose record holds no sequence header: from a key frame.
void learn_size(VideoTrack& track, Bytes key_frame);
// MP3, AC-3 and E-AC-3: from a frame. Whether anything changed.
bool learn(AudioTrack& track, Bytes frame);

// How long a frame of sound is, in samples at the track's rate; 0: it cannot be told.
std::uint32_t samples_in(const AudioTrack& track, Bytes frame);

// An AV1 temporal unit without its temporal delimiters, which MP4 leaves out ("AV1 in ISOBMFF" 2.4).
Bytes without_temporal_delimiter(Bytes temporal_unit);

}  // namespace srs::mp4

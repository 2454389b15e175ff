// Track: describes a track of a fragmented MP4 and its times, from its codec's configuration.
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
// For a codec's configuration: real ones have some hundred bytes.
inline constexpr std::size_t record_size_max = 64 * 1024;

struct VideoTrack {
  codec::VideoCodec codec = codec::VideoCodec::unknown;
  std::vector<std::uint8_t> record;  // the content of avcC, hvcC, av1C or vpcC
  std::uint32_t width = 0;           // as shown; 0: not known yet, see update_size()
  std::uint32_t height = 0;
  unsigned nal_length_size = 4;
  codec::SampleAspect aspect{};           // H.264 and H.265 only, from the SPS
  std::optional<codec::Colour> colour{};  // likewise
};

struct AudioTrack {
  codec::AudioCodec codec = codec::AudioCodec::unknown;
  std::vector<std::uint8_t> record;  // AudioSpecificConfig, or the content of dOps, dfLa, dac3, dec3
  std::uint32_t sample_rate = 0;     // and timescale; 0: not known yet, see update_format()
  unsigned channels = 2;
  unsigned sample_bits = 16;        // of FLAC; the others have none: 16
  std::uint32_t frame_samples = 0;  // of each frame; 0: see samples_in()
};

// For codecs whose row in codec/table.h has a sample entry, with the configuration record that FLV and MP4
// share. Errors, also for sound: any other codec, a record above record_size_max, and what does not fit in
// the fields of MP4 (sides above 65535).
Result<VideoTrack> describe_video(codec::VideoCodec codec, Bytes record);
// Codecs whose frames describe themselves, as MP3, AC-3 and E-AC-3, need no record.
Result<AudioTrack> describe_audio(codec::AudioCodec codec, Bytes record);

// Sets the size from a key frame, where the record has none: VP9, and AV1 without a sequence header in its
// record.
void update_size(VideoTrack& track, Bytes key_frame);
// Sets the format from a frame, for codecs that have no record. Returns whether anything changed.
bool update_format(AudioTrack& track, Bytes frame);

// The duration of an audio frame, in samples at the track's rate; 0: unknown.
std::uint32_t samples_in(const AudioTrack& track, Bytes frame);

}  // namespace srs::mp4

#include "mp4/track.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/aac.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/bit_reader.h"
#include "codec/hevc.h"
#include "codec/opus.h"
#include "codec/vp9.h"
#include "core/byte_writer.h"
#include "mp4/audio_frames.h"

namespace srs::mp4 {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

std::vector<std::uint8_t> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

// Boxes tell sizes of pictures in 16 bits.
constexpr std::uint32_t side_max = 0xffff;
// Above what any device plays; products with times of streams stay within 64 bits.
constexpr std::uint32_t sample_rate_max = 768'000;

Result<VideoTrack> checked(Result<VideoTrack> track) {
  if (!track || (track->width <= side_max && track->height <= side_max)) return track;
  return Error{Errc::unsupported,
               fmt::format("pictures of {}x{} do not fit into MP4", track->width, track->height)};
}

Result<AudioTrack> checked(Result<AudioTrack> track) {
  if (!track || track->sample_rate <= sample_rate_max) return track;
  return Error{Errc::unsupported, fmt::format("a sample rate of {} Hz", track->sample_rate)};
}

Error too_large(Bytes record) {
  return Error{Errc::invalid_data, fmt::format("a codec configuration of {} bytes", record.size())};
}

template <class Sps>
void take_picture(VideoTrack& track, const Sps& sps) {
  if (!sps) return;
  track.width = sps->width;
  track.height = sps->height;
  track.aspect = {sps->sar_width, sps->sar_height};
  track.colour = sps->colour;
}

Result<VideoTrack> describe_avc(Bytes record) {
  const auto config = codec::parse_avc_config(record);
  if (!config) return config.error();
  VideoTrack track{VideoCodec::avc, copy(record)};
  track.nal_length_size = config->nal_length_size;
  if (!config->sps.empty()) take_picture(track, codec::parse_avc_sps(config->sps.front()));
  return track;
}

// "hvc1" promises that all parameter sets are in the record (ISO 14496-15 8.4.1.1.2).
void set_array_completeness(std::vector<std::uint8_t>& record) {
  constexpr std::size_t head = 23;
  if (record.size() < head) return;
  std::size_t at = head;
  for (unsigned arrays = record[22]; arrays > 0 && at + 3 <= record.size(); --arrays) {
    record[at] |= 0x80;
    unsigned units = static_cast<unsigned>(record[at + 1] << 8 | record[at + 2]);
    at += 3;
    for (; units > 0 && at + 2 <= record.size(); --units)
      at += 2 + static_cast<std::size_t>(record[at] << 8 | record[at + 1]);
  }
}

Result<VideoTrack> describe_hevc(Bytes record) {
  const auto config = codec::parse_hevc_config(record);
  if (!config) return config.error();
  VideoTrack track{VideoCodec::hevc, copy(record)};
  set_array_completeness(track.record);
  track.nal_length_size = config->nal_length_size;
  if (!config->sps.empty()) take_picture(track, codec::parse_hevc_sps(config->sps.front()));
  return track;
}

Result<VideoTrack> describe_av1(Bytes record) {
  const auto config = codec::parse_av1_config(record);
  if (!config) return config.error();
  VideoTrack track{VideoCodec::av1, copy(record)};
  track.width = config->width;
  track.height = config->height;
  return track;
}

// Some writers put the version and flags of the vpcC box in front, some do not.
Result<VideoTrack> describe_vp9(Bytes record) {
  const auto config = codec::parse_vp_config(record);
  if (!config) return config.error();
  constexpr std::size_t bare_size = 8;
  const Bytes bare = record.size() >= bare_size + 4 ? record.subspan(4) : record;
  return VideoTrack{VideoCodec::vp9, copy(bare)};
}

Result<AudioTrack> describe_aac(Bytes record) {
  const auto config = codec::parse_aac_config(record);
  if (!config) return config.error();
  AudioTrack track{AudioCodec::aac, copy(record)};
  track.sample_rate = config->sample_rate;
  track.channels = config->channels;
  if (config->core_sample_rate == 0) return Error{Errc::invalid_data, "AAC of no sample rate"};
  track.frame_samples = config->samples_per_frame * (config->sample_rate / config->core_sample_rate);
  return track;
}

// dOps (Opus in ISOBMFF 4.3.2) is big-endian where OpusHead is little-endian.
Result<AudioTrack> describe_opus(Bytes head) {
  const auto config = codec::parse_opus_config(head);
  if (!config) return config.error();
  ByteWriter box;
  box.u8(0);
  box.u8(config->channels);
  box.u16(config->pre_skip);
  box.u32(config->input_sample_rate);
  box.u16(static_cast<std::uint16_t>(config->output_gain));
  box.u8(config->mapping_family);
  constexpr std::size_t mapping_at = 19;
  if (config->mapping_family != 0 && head.size() >= mapping_at + 2u + config->channels)
    box.bytes(head.subspan(mapping_at, 2u + config->channels));
  AudioTrack track{AudioCodec::opus, box.release()};
  track.sample_rate = codec::opus_sample_rate;
  track.channels = config->channels;
  return track;
}

Result<AudioTrack> describe_flac(Bytes record) {
  constexpr std::size_t info_size = 34;
  constexpr std::uint8_t magic[] = {'f', 'L', 'a', 'C'};
  if (record.size() >= 4 && std::equal(std::begin(magic), std::end(magic), record.begin()))
    record = record.subspan(4);
  if (record.size() >= info_size + 4 && (record[0] & 0x7f) == 0) record = record.subspan(4);
  if (record.size() < info_size) return Error{Errc::invalid_data, "FLAC without its STREAMINFO"};
  record = record.first(info_size);
  ByteWriter box;
  box.u32(0x80000000 | info_size);  // the last metadata block, STREAMINFO
  box.bytes(record);
  AudioTrack track{AudioCodec::flac, box.release()};
  track.sample_rate = static_cast<std::uint32_t>(record[10] << 12 | record[11] << 4 | record[12] >> 4);
  track.channels = (record[12] >> 1 & 7) + 1u;
  track.sample_bits = ((record[12] & 1u) << 4 | record[13] >> 4) + 1u;
  if (track.sample_rate == 0) return Error{Errc::invalid_data, "FLAC of no sample rate"};
  return track;
}

// The uncompressed header of a VP9 key frame (VP9 bitstream specification 6.2).
void learn_vp9_size(VideoTrack& track, Bytes frame) {
  codec::BitReader bits(frame);
  if (bits.bits(2) != 2) return;
  unsigned profile = bits.bits(1);
  profile |= bits.bits(1) << 1;
  if (profile == 3) bits.bits(1);
  if (bits.bits(1) == 1 || bits.bits(1) == 1) return;  // shows another frame, or is no key frame
  bits.bits(2);
  if (bits.bits(24) != 0x498342) return;
  if (profile >= 2) bits.bits(1);
  constexpr unsigned rgb = 7;
  if (bits.bits(3) != rgb) {
    bits.bits(1);
    if (profile & 1) bits.bits(3);
  } else if (profile & 1) {
    bits.bits(1);
  }
  const std::uint32_t width = bits.bits(16) + 1, height = bits.bits(16) + 1;
  if (bits.failed() || width > side_max || height > side_max) return;
  track.width = width;
  track.height = height;
}

// The bit rate in dec3, 13 bits in front, is that of the frame it was made from: another one is no change.
bool same_box(AudioCodec codec, Bytes a, Bytes b) {
  const std::size_t rate_size = codec == AudioCodec::eac3 ? 2 : 0;
  if (a.size() != b.size() || a.size() < rate_size) return false;
  return std::equal(a.begin() + static_cast<std::ptrdiff_t>(rate_size), a.end(),
                    b.begin() + static_cast<std::ptrdiff_t>(rate_size));
}

}  // namespace

Result<VideoTrack> describe_video(VideoCodec codec, Bytes record) {
  if (record.size() > record_size_max) return too_large(record);
  switch (codec) {
    case VideoCodec::avc:
      return checked(describe_avc(record));
    case VideoCodec::hevc:
      return checked(describe_hevc(record));
    case VideoCodec::av1:
      return checked(describe_av1(record));
    case VideoCodec::vp9:
      return describe_vp9(record);
    default:
      return Error{Errc::unsupported, fmt::format("{} is not for MP4 here", codec::name(codec))};
  }
}

Result<AudioTrack> describe_audio(AudioCodec codec, Bytes record) {
  if (record.size() > record_size_max) return too_large(record);
  switch (codec) {
    case AudioCodec::aac:
      return checked(describe_aac(record));
    case AudioCodec::opus:
      return checked(describe_opus(record));
    case AudioCodec::flac:
      return checked(describe_flac(record));
    case AudioCodec::mp3:
    case AudioCodec::ac3:
    case AudioCodec::eac3:
      return AudioTrack{codec, {}};
    default:
      return Error{Errc::unsupported, fmt::format("{} is not for MP4 here", codec::name(codec))};
  }
}

void learn_size(VideoTrack& track, Bytes key_frame) {
  if (track.codec == VideoCodec::vp9) return learn_vp9_size(track, key_frame);
  if (track.codec != VideoCodec::av1) return;
  // A record whose OBUs are those of the key frame: the sequence header is among them.
  std::vector<std::uint8_t> record(
      track.record.begin(), track.record.begin() + std::min<std::ptrdiff_t>(4, std::ssize(track.record)));
  const Bytes units = without_temporal_delimiter(key_frame);
  record.insert(record.end(), units.begin(), units.end());
  const auto config = codec::parse_av1_config(record);
  if (!config || config->width > side_max || config->height > side_max) return;
  track.width = config->width;
  track.height = config->height;
}

bool learn(AudioTrack& track, Bytes frame) {
  const auto header = read_audio_frame(track.codec, frame);
  if (!header) return false;
  const bool same = header->sample_rate == track.sample_rate && header->channels == track.channels &&
                    same_box(track.codec, header->box, track.record);
  if (same) return false;
  track.sample_rate = header->sample_rate;
  track.channels = header->channels;
  track.record = header->box;
  return true;
}

std::uint32_t samples_in(const AudioTrack& track, Bytes frame) {
  if (track.frame_samples > 0) return track.frame_samples;
  if (track.codec == AudioCodec::opus) return samples_in_opus(frame);
  if (track.codec == AudioCodec::flac) return samples_in_flac(frame, track.record);
  const auto header = read_audio_frame(track.codec, frame);
  return header ? header->samples : 0;
}

Bytes without_temporal_delimiter(Bytes temporal_unit) {
  // OBU header: type in bits 6 to 3, has_size_field in bit 1; a delimiter is empty.
  while (temporal_unit.size() >= 2 && (temporal_unit[0] & 0x78) == 0x10 && (temporal_unit[0] & 0x04) == 0 &&
         (temporal_unit[0] & 0x02) != 0 && temporal_unit[1] == 0)
    temporal_unit = temporal_unit.subspan(2);
  return temporal_unit;
}

}  // namespace srs::mp4

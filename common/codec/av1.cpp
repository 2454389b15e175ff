#include "codec/av1.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "codec/bit_reader.h"

namespace srs::codec {
namespace {

constexpr std::uint32_t obu_sequence_header = 1;

struct TimingInfo {
  double frame_rate = 0;
  unsigned buffer_delay_bits = 0;  // 0: no decoder model
};

TimingInfo read_timing_info(BitReader& reader) {
  TimingInfo timing;
  const double units_in_tick = reader.bits(32);
  const double time_scale = reader.bits(32);
  if (reader.flag()) {  // equal_picture_interval
    const double ticks_per_picture = reader.ue() + 1.0;
    if (units_in_tick > 0) timing.frame_rate = time_scale / units_in_tick / ticks_per_picture;
  }
  if (reader.flag()) {  // decoder_model_info_present_flag
    timing.buffer_delay_bits = reader.bits(5) + 1;
    reader.skip(32 + 5 + 5);
  }
  return timing;
}

void skip_operating_points(BitReader& reader, unsigned buffer_delay_bits) {
  const bool has_display_delay = reader.flag();
  const std::uint32_t count = reader.bits(5) + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    reader.skip(12);
    if (reader.bits(5) > 7) reader.skip(1);
    if (buffer_delay_bits > 0 && reader.flag()) reader.skip(2 * buffer_delay_bits + 1);
    if (has_display_delay && reader.flag()) reader.skip(4);
  }
}

// 5.5.1, as far as the size; leaves config as it is if the header is malformed.
void read_sequence_header(Bytes obu, Av1Config& config) {
  BitReader reader(obu);
  reader.skip(3 + 1);
  TimingInfo timing;
  if (reader.flag()) {  // reduced_still_picture_header
    reader.skip(5);
  } else {
    if (reader.flag()) timing = read_timing_info(reader);
    skip_operating_points(reader, timing.buffer_delay_bits);
  }
  const unsigned width_bits = reader.bits(4) + 1, height_bits = reader.bits(4) + 1;
  const std::uint32_t width = reader.bits(width_bits) + 1, height = reader.bits(height_bits) + 1;
  if (reader.failed()) return;
  config.width = width;
  config.height = height;
  config.frame_rate = timing.frame_rate;
}

// 4.10.5; sizes of more than 32 bits fail.
std::size_t read_leb128(ByteReader& reader) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 5; ++i) {
    const std::uint64_t byte = reader.u8();
    value |= (byte & 0x7f) << (7 * i);
    if (!(byte & 0x80)) return static_cast<std::size_t>(value);
  }
  reader.fail();
  return 0;
}

}  // namespace

Result<Av1Config> parse_av1_config(Bytes record) {
  ByteReader reader(record);
  const std::uint8_t version = reader.u8(), profile_level = reader.u8(), flags = reader.u8();
  reader.skip(1);  // initial presentation delay
  if (reader.failed()) return Error{Errc::invalid_data, "AV1 configuration record is cut short"};
  if (version != 0x81) return Error{Errc::invalid_data, "AV1 configuration record has an unknown version"};
  Av1Config config;
  config.profile = profile_level >> 5;
  config.level_idx = profile_level & 0x1f;
  config.high_tier = (flags & 0x80) != 0;
  config.bit_depth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8;
  config.monochrome = (flags & 0x10) != 0;
  while (reader.remaining() > 0) {
    const std::uint8_t header = reader.u8();
    if (header & 4) reader.skip(1);  // extension
    const Bytes obu = header & 2 ? reader.bytes(read_leb128(reader)) : reader.rest();
    if (reader.failed()) break;
    if ((header >> 3 & 15u) == obu_sequence_header) read_sequence_header(obu, config);
  }
  return config;
}

std::string av1_profile_name(const Av1Config& config) {
  switch (config.profile) {
    case 0:
      return "Main";
    case 1:
      return "High";
    case 2:
      return "Professional";
    default:
      return fmt::format("profile {}", config.profile);
  }
}

std::string av1_level_name(const Av1Config& config) {
  if (config.level_idx == 31) return "max";
  return fmt::format("{}.{}", 2 + config.level_idx / 4, config.level_idx % 4);
}

std::string codec_string(const Av1Config& config) {
  return fmt::format("av01.{}.{:02}{}.{:02}", config.profile, config.level_idx, config.high_tier ? 'H' : 'M',
                     config.bit_depth);
}

Result<Description> describe_av1(Bytes record) {
  auto config = parse_av1_config(record);
  if (!config) return std::move(config).error();
  Description description;
  description.codec_string = codec_string(*config);
  description.profile = av1_profile_name(*config);
  description.level = av1_level_name(*config);
  description.bit_depth = config->bit_depth;
  description.width = config->width;
  description.height = config->height;
  description.frame_rate = config->frame_rate;
  return description;
}

Bytes without_temporal_delimiters(Bytes temporal_unit) {
  // OBU header: type in bits 6 to 3, has_size_field in bit 1; a delimiter is empty.
  while (temporal_unit.size() >= 2 && (temporal_unit[0] & 0x78) == 0x10 && (temporal_unit[0] & 0x04) == 0 &&
         (temporal_unit[0] & 0x02) != 0 && temporal_unit[1] == 0)
    temporal_unit = temporal_unit.subspan(2);
  return temporal_unit;
}

// A record with the OBUs of the key frame: the sequence header is among them.
std::optional<PictureSize> av1_key_frame_size(Bytes record, Bytes key_frame) {
  const Bytes head = record.first(std::min<std::size_t>(4, record.size()));
  std::vector<std::uint8_t> whole(head.begin(), head.end());
  const Bytes units = without_temporal_delimiters(key_frame);
  whole.insert(whole.end(), units.begin(), units.end());
  const auto config = parse_av1_config(whole);
  if (!config) return {};
  return PictureSize{config->width, config->height};
}

}  // namespace srs::codec

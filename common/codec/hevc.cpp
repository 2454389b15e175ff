#include "codec/hevc.h"

#include <fmt/format.h>

namespace srs::codec {
namespace {

std::uint32_t reversed(std::uint32_t value) {
  std::uint32_t result = 0;
  for (int i = 0; i < 32; ++i) result |= (value >> i & 1u) << (31 - i);
  return result;
}

void read_array(ByteReader& reader, HevcConfig& config) {
  const auto type = static_cast<HevcNalType>(reader.u8() & 0x3f);
  const unsigned count = reader.u16();
  for (unsigned i = 0; i < count && !reader.failed(); ++i) {
    const Bytes unit = reader.bytes(reader.u16());
    if (unit.empty()) continue;
    if (type == HevcNalType::vps) config.vps.emplace_back(unit.begin(), unit.end());
    if (type == HevcNalType::sps) config.sps.emplace_back(unit.begin(), unit.end());
    if (type == HevcNalType::pps) config.pps.emplace_back(unit.begin(), unit.end());
  }
}

Description description_of(const HevcConfig& config) {
  Description description;
  description.codec_string = codec_string(config);
  description.profile = hevc_profile_name(config.profile);
  description.level = hevc_level_name(config.profile);
  description.bit_depth = config.bit_depth;
  return description;
}

void add_picture(const HevcSps& sps, Description& to) {
  to.width = sps.width;
  to.height = sps.height;
  to.frame_rate = sps.frame_rate;
  to.aspect = {sps.sar_width, sps.sar_height};
  to.colour = sps.colour;
}

}  // namespace

Result<HevcConfig> parse_hevc_config(Bytes record) {
  ByteReader reader(record);
  // Version 0 was written before the specification was final, and still is.
  if (reader.u8() > 1) return Error{Errc::invalid_data, "HEVC configuration record has an unknown version"};
  HevcConfig config;
  const std::uint8_t general = reader.u8();
  config.profile.space = general >> 6;
  config.profile.high_tier = (general & 0x20) != 0;
  config.profile.idc = general & 0x1f;
  config.profile.compatibility_flags = reader.u32();
  for (auto& flags : config.profile.constraint_flags) flags = reader.u8();
  config.profile.level_idc = reader.u8();
  reader.skip(3);  // spatial segmentation, parallelism
  config.chroma_format_idc = reader.u8() & 3;
  config.bit_depth = static_cast<std::uint8_t>(8 + (reader.u8() & 7));
  reader.skip(3);  // chroma bit depth, average frame rate (which writers leave 0)
  config.nal_length_size = static_cast<std::uint8_t>((reader.u8() & 3) + 1);
  const unsigned arrays = reader.u8();
  for (unsigned i = 0; i < arrays && !reader.failed(); ++i) read_array(reader, config);
  if (reader.failed()) return Error{Errc::invalid_data, "HEVC configuration record is cut short"};
  if (config.nal_length_size == 3)
    return Error{Errc::invalid_data, "HEVC configuration record has NAL lengths of 3 bytes"};
  return config;
}

std::string hevc_profile_name(const HevcProfile& profile) {
  switch (profile.idc) {
    case 1:
      return "Main";
    case 2:
      return "Main 10";
    case 3:
      return "Main Still Picture";
    case 4:
      return "Rext";
    case 5:
      return "High Throughput";
    case 9:
      return "Screen Content";
    default:
      return fmt::format("profile {}", profile.idc);
  }
}

std::string hevc_level_name(const HevcProfile& profile) {
  return fmt::format("{}.{}", profile.level_idc / 30, profile.level_idc % 30 / 3);
}

std::string codec_string(const HevcConfig& config) {
  const HevcProfile& profile = config.profile;
  std::string text = "hvc1.";
  if (profile.space > 0) text += static_cast<char>('A' + profile.space - 1);
  text += fmt::format("{}.{:X}.{}{}", profile.idc, reversed(profile.compatibility_flags),
                      profile.high_tier ? 'H' : 'L', profile.level_idc);
  std::size_t used = profile.constraint_flags.size();
  while (used > 0 && profile.constraint_flags[used - 1] == 0) --used;
  for (std::size_t i = 0; i < used; ++i) text += fmt::format(".{:X}", profile.constraint_flags[i]);
  return text;
}

Result<Description> describe_hevc(Bytes record) {
  auto config = parse_hevc_config(record);
  if (!config) return std::move(config).error();
  Description description = description_of(*config);
  description.nal_length_size = config->nal_length_size;
  description.has_sps = !config->sps.empty();
  if (!description.has_sps) return description;
  auto sps = parse_hevc_sps(config->sps.front());
  if (sps)
    add_picture(*sps, description);
  else
    description.picture_error = std::move(sps).error();
  return description;
}

Result<Description> describe_hevc_sps(Bytes nal) {
  auto sps = parse_hevc_sps(nal);
  if (!sps) return std::move(sps).error();
  HevcConfig config;
  config.profile = sps->profile;
  config.bit_depth = sps->bit_depth;
  Description description = description_of(config);
  add_picture(*sps, description);
  return description;
}

// "hvc1" promises that all parameter sets are in the record (ISO 14496-15 8.4.1.1.2).
std::vector<std::uint8_t> hevc_box(Bytes from) {
  std::vector<std::uint8_t> record(from.begin(), from.end());
  constexpr std::size_t head = 23;
  if (record.size() < head) return record;
  std::size_t at = head;
  for (unsigned arrays = record[22]; arrays > 0 && at + 3 <= record.size(); --arrays) {
    record[at] |= 0x80;
    unsigned units = static_cast<unsigned>(record[at + 1] << 8 | record[at + 2]);
    at += 3;
    for (; units > 0 && at + 2 <= record.size(); --units)
      at += 2 + static_cast<std::size_t>(record[at] << 8 | record[at + 1]);
  }
  return record;
}

}  // namespace srs::codec

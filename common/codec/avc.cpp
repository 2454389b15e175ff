#include "codec/avc.h"

#include <fmt/format.h>

namespace srs::codec {
namespace {

Error cut_short() {
  return {Errc::invalid_data, "AVC configuration record is cut short"};
}

std::vector<std::vector<std::uint8_t>> read_units(ByteReader& reader, unsigned count) {
  std::vector<std::vector<std::uint8_t>> units;
  for (unsigned i = 0; i < count && !reader.failed(); ++i) {
    const Bytes unit = reader.bytes(reader.u16());
    if (!unit.empty()) units.emplace_back(unit.begin(), unit.end());
  }
  return units;
}

Description description_of(const AvcConfig& config) {
  Description description;
  description.codec_string = codec_string(config);
  description.profile = avc_profile_name(config.profile_idc, config.constraint_flags);
  description.level = avc_level_name(config.profile_idc, config.constraint_flags, config.level_idc);
  return description;
}

void add_picture(const AvcSps& sps, Description& to) {
  to.width = sps.width;
  to.height = sps.height;
  to.bit_depth = sps.bit_depth;
  to.frame_rate = sps.frame_rate;
  to.aspect = {sps.sar_width, sps.sar_height};
  to.colour = sps.colour;
}

}  // namespace

Result<AvcConfig> parse_avc_config(Bytes record) {
  ByteReader reader(record);
  if (reader.u8() != 1 && !record.empty())
    return Error{Errc::invalid_data, "AVC configuration record has an unknown version"};
  AvcConfig config;
  config.profile_idc = reader.u8();
  config.constraint_flags = reader.u8();
  config.level_idc = reader.u8();
  config.nal_length_size = static_cast<std::uint8_t>((reader.u8() & 3) + 1);
  config.sps = read_units(reader, reader.u8() & 0x1f);
  config.pps = read_units(reader, reader.u8());
  // High profiles add chroma format and bit depths here. Not every writer does, and the SPS has them too.
  if (reader.failed()) return cut_short();
  if (config.nal_length_size == 3)
    return Error{Errc::invalid_data, "AVC configuration record has NAL lengths of 3 bytes"};
  return config;
}

std::string avc_profile_name(std::uint8_t profile_idc, std::uint8_t constraint_flags) {
  const bool set1 = constraint_flags & 0x40, set3 = constraint_flags & 0x10;
  const bool set4 = constraint_flags & 0x08, set5 = constraint_flags & 0x04;
  switch (profile_idc) {
    case 44:
      return "CAVLC 4:4:4 Intra";
    case 66:
      return set1 ? "Constrained Baseline" : "Baseline";
    case 77:
      return "Main";
    case 88:
      return "Extended";
    case 100:
      return set4 && set5 ? "Constrained High" : set4 ? "Progressive High" : "High";
    case 110:
      return set3 ? "High 10 Intra" : "High 10";
    case 118:
      return "Multiview High";
    case 122:
      return set3 ? "High 4:2:2 Intra" : "High 4:2:2";
    case 128:
      return "Stereo High";
    case 244:
      return set3 ? "High 4:4:4 Intra" : "High 4:4:4 Predictive";
    default:
      return fmt::format("profile {}", profile_idc);
  }
}

std::string avc_level_name(std::uint8_t profile_idc, std::uint8_t constraint_flags, std::uint8_t level_idc) {
  // Level 1b is level_idc 11 with constraint_set3 in the old profiles and 9 in the High ones (A.3.1, A.3.2).
  const bool old_profile = profile_idc == 66 || profile_idc == 77 || profile_idc == 88;
  if (level_idc == 9 || (old_profile && level_idc == 11 && (constraint_flags & 0x10))) return "1b";
  return fmt::format("{}.{}", level_idc / 10, level_idc % 10);
}

std::string codec_string(const AvcConfig& config) {
  return fmt::format("avc1.{:02x}{:02x}{:02x}", config.profile_idc, config.constraint_flags,
                     config.level_idc);
}

Result<Description> describe_avc(Bytes record) {
  auto config = parse_avc_config(record);
  if (!config) return std::move(config).error();
  Description description = description_of(*config);
  description.nal_length_size = config->nal_length_size;
  description.has_sps = !config->sps.empty();
  if (!description.has_sps) return description;
  auto sps = parse_avc_sps(config->sps.front());
  if (sps)
    add_picture(*sps, description);
  else
    description.picture_error = std::move(sps).error();
  return description;
}

Result<Description> describe_avc_sps(Bytes nal) {
  auto sps = parse_avc_sps(nal);
  if (!sps) return std::move(sps).error();
  AvcConfig config;
  config.profile_idc = sps->profile_idc;
  config.constraint_flags = sps->constraint_flags;
  config.level_idc = sps->level_idc;
  Description description = description_of(config);
  add_picture(*sps, description);
  return description;
}

}  // namespace srs::codec

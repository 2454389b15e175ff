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
    const Bytes unit = reader.take(reader.u16());
    if (unit.empty()) continue;
    std::vector<std::uint8_t> copy(unit.begin(), unit.end());
    if (type == HevcNalType::vps) config.vps.push_back(std::move(copy));
    if (type == HevcNalType::sps) config.sps.push_back(std::move(copy));
    if (type == HevcNalType::pps) config.pps.push_back(std::move(copy));
  }
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

}  // namespace srs::codec

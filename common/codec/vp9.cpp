#include "codec/vp9.h"

#include <fmt/format.h>

#include "codec/bit_reader.h"

namespace srs::codec {

Result<VpConfig> parse_vp_config(Bytes record) {
  // The full box starts with version 1 and no flags. Without it these would be level 0 and a
  // bit depth of 0, which there is not.
  if (record.size() >= 4 && record[0] == 1 && record[1] == 0 && record[2] == 0 && record[3] == 0)
    record = record.subspan(4);
  ByteReader reader(record);
  VpConfig config;
  config.profile = reader.u8();
  config.level = reader.u8();
  const std::uint8_t format = reader.u8();
  config.bit_depth = format >> 4;
  config.chroma_subsampling = format >> 1 & 7;
  reader.skip(3);  // colour
  reader.skip(reader.u16());
  if (reader.failed()) return Error{Errc::invalid_data, "VP9 configuration record is cut short"};
  if (config.profile > 3 || config.bit_depth < 8 || config.bit_depth > 12)
    return Error{Errc::invalid_data, "VP9 configuration record is malformed"};
  return config;
}

std::string vp9_codec_string(const VpConfig& config) {
  return fmt::format("vp09.{:02}.{:02}.{:02}", config.profile, config.level, config.bit_depth);
}

Result<Description> describe_vp9(Bytes record) {
  auto config = parse_vp_config(record);
  if (!config) return std::move(config).error();
  Description description;
  description.codec_string = vp9_codec_string(*config);
  description.profile = fmt::format("{}", config->profile);
  if (config->level > 0) description.level = fmt::format("{}.{}", config->level / 10, config->level % 10);
  description.bit_depth = config->bit_depth;
  return description;
}

std::vector<std::uint8_t> vp9_box(Bytes record) {
  constexpr std::size_t bare_size = 8;
  const Bytes bare = record.size() >= bare_size + 4 ? record.subspan(4) : record;
  return {bare.begin(), bare.end()};
}

// The uncompressed header of a VP9 key frame (VP9 bitstream specification 6.2).
std::optional<PictureSize> vp9_key_frame_size(Bytes /*record*/, Bytes frame) {
  BitReader bits(frame);
  if (bits.bits(2) != 2) return {};
  unsigned profile = bits.bits(1);
  profile |= bits.bits(1) << 1;
  if (profile == 3) bits.bits(1);
  if (bits.bits(1) == 1 || bits.bits(1) == 1) return {};  // shows another frame, or is no key frame
  bits.bits(2);
  if (bits.bits(24) != 0x498342) return {};
  if (profile >= 2) bits.bits(1);
  constexpr unsigned rgb = 7;
  if (bits.bits(3) != rgb) {
    bits.bits(1);
    if (profile & 1) bits.bits(3);
  } else if (profile & 1) {
    bits.bits(1);
  }
  const std::uint32_t width = bits.bits(16) + 1, height = bits.bits(16) + 1;
  if (bits.failed()) return {};
  return PictureSize{width, height};
}

}  // namespace srs::codec

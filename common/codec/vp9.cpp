#include "codec/vp9.h"

#include <fmt/format.h>

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

}  // namespace srs::codec

#include "codec/opus.h"

#include <algorithm>
#include <iterator>

namespace srs::codec {

Result<OpusConfig> parse_opus_config(Bytes head) {
  static constexpr std::uint8_t magic[] = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd'};
  ByteReader reader(head);
  const Bytes start = reader.take(sizeof magic);
  if (!std::equal(start.begin(), start.end(), std::begin(magic), std::end(magic)))
    return Error{Errc::invalid_data, "Opus header does not start with OpusHead"};
  const std::uint8_t version = reader.u8();
  OpusConfig config;
  config.channels = reader.u8();
  // Unlike all else here, Ogg's numbers are little-endian.
  const auto u16 = [&reader] {
    const std::uint8_t low_byte = reader.u8();
    return static_cast<std::uint16_t>(low_byte | reader.u8() << 8);
  };
  config.pre_skip = u16();
  const std::uint32_t low = u16();
  config.input_sample_rate = low | static_cast<std::uint32_t>(u16()) << 16;
  config.output_gain = static_cast<std::int16_t>(u16());
  config.mapping_family = reader.u8();
  if (reader.failed()) return Error{Errc::invalid_data, "Opus header is cut short"};
  if (version > 15) return Error{Errc::unsupported, "Opus header has an unknown version"};
  if (config.channels == 0) return Error{Errc::invalid_data, "Opus header has no channels"};
  return config;
}

}  // namespace srs::codec

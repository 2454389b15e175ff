#include "codec/opus.h"

#include <algorithm>
#include <iterator>

#include "core/byte_writer.h"

namespace srs::codec {

Result<OpusConfig> parse_opus_config(Bytes head) {
  static constexpr std::uint8_t magic[] = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd'};
  ByteReader reader(head);
  const Bytes start = reader.bytes(sizeof magic);
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

Result<Description> describe_opus(Bytes head) {
  auto config = parse_opus_config(head);
  if (!config) return std::move(config).error();
  Description description;
  description.codec_string = "opus";
  description.sample_rate = opus_sample_rate;
  description.channels = config->channels;
  return description;
}

// dOps (Opus in ISOBMFF 4.3.2) is big-endian where OpusHead is little-endian.
Result<AudioEntry> opus_entry(Bytes head) {
  auto config = parse_opus_config(head);
  if (!config) return std::move(config).error();
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
  AudioEntry entry{box.release()};
  entry.sample_rate = opus_sample_rate;
  entry.channels = config->channels;
  return entry;
}

std::uint32_t samples_in_opus(Bytes packet, Bytes /*box*/) {
  if (packet.empty()) return 0;
  const unsigned config = packet[0] >> 3;
  constexpr std::uint32_t silk[] = {480, 960, 1'920, 2'880};
  std::uint32_t frame = 0;
  if (config < 12)
    frame = silk[config & 3];
  else if (config < 16)
    frame = (config & 1) != 0 ? 960 : 480;
  else
    frame = 120u << (config & 3);
  const unsigned code = packet[0] & 3;
  if (code == 0) return frame;
  if (code < 3) return 2 * frame;
  return packet.size() < 2 ? 0 : frame * (packet[1] & 0x3fu);
}

}  // namespace srs::codec

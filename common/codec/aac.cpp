#include "codec/aac.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "codec/bit_reader.h"
#include "core/byte_writer.h"

namespace srs::codec {
namespace {

constexpr std::uint32_t sample_rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                          22050, 16000, 12000, 11025, 8000,  7350};
constexpr unsigned escaped_rate = 15;
constexpr std::uint8_t type_lc = 2, type_ltp = 4, type_sbr = 5, type_ld = 23, type_ps = 29;

// The index of a rate, escaped_rate if the table lacks it.
unsigned rate_index(std::uint32_t sample_rate) {
  const auto found = std::find(std::begin(sample_rates), std::end(sample_rates), sample_rate);
  if (found == std::end(sample_rates)) return escaped_rate;
  return static_cast<unsigned>(found - std::begin(sample_rates));
}

std::uint8_t read_object_type(BitReader& reader) {
  const std::uint32_t type = reader.bits(5);
  return static_cast<std::uint8_t>(type == 31 ? 32 + reader.bits(6) : type);
}

std::uint32_t read_sample_rate(BitReader& reader) {
  const std::uint32_t index = reader.bits(4);
  if (index == escaped_rate) return reader.bits(24);
  return index < std::size(sample_rates) ? sample_rates[index] : 0;
}

// Table 1.19; 0 for what it reserves.
std::uint8_t channels_of(std::uint8_t channel_configuration) {
  static constexpr std::uint8_t channels[16] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};
  return channels[channel_configuration & 15];
}

// 4.5.1.1: counts the channels of a program config element.
std::uint8_t read_program_config(BitReader& reader) {
  reader.skip(4 + 2 + 4);
  const unsigned pairs_or_singles = reader.bits(4) + reader.bits(4) + reader.bits(4);
  const unsigned lfe = reader.bits(2), associated = reader.bits(3), coupling = reader.bits(4);
  if (reader.flag()) reader.skip(4);
  if (reader.flag()) reader.skip(4);
  if (reader.flag()) reader.skip(3);
  unsigned channels = lfe;
  for (unsigned i = 0; i < pairs_or_singles; ++i) {
    channels += reader.flag() ? 2 : 1;
    reader.skip(4);
  }
  reader.skip(4 * lfe + 4 * associated + 5 * coupling);
  reader.skip((8 - reader.position() % 8) % 8);
  reader.skip(std::size_t{8} * reader.bits(8));  // a comment
  return static_cast<std::uint8_t>(channels);
}

bool has_general_audio_config(std::uint8_t type) {
  return (type >= 1 && type <= 4) || type == 6 || type == 7 || type == 17 || (type >= 19 && type <= 23);
}

// 4.4.1 GASpecificConfig, up to the end for the types that a sync extension may follow.
void read_general_audio_config(BitReader& reader, AacConfig& config) {
  const bool short_frames = reader.flag();
  const bool low_delay = config.object_type == type_ld;
  config.samples_per_frame = low_delay ? (short_frames ? 480 : 512) : (short_frames ? 960 : 1024);
  if (reader.flag()) reader.skip(14);  // delay of the core coder
  reader.skip(1);                      // extensionFlag, of the error resilient types
  if (config.channel_configuration == 0) config.channels = read_program_config(reader);
}

// Backward compatible signalling, behind everything that an old decoder reads.
void read_sync_extension(BitReader& reader, AacConfig& config) {
  if (reader.remaining() < 16 || reader.bits(11) != 0x2b7) return;
  if (read_object_type(reader) != type_sbr || !reader.flag()) return;
  const std::uint32_t sample_rate = read_sample_rate(reader);
  if (reader.failed() || sample_rate == 0) return;
  config.sbr = true;
  config.sample_rate = sample_rate;
  if (reader.remaining() >= 12 && reader.bits(11) == 0x548) config.ps = reader.flag();
}

}  // namespace

Result<AacConfig> parse_aac_config(Bytes bytes) {
  BitReader reader(bytes);
  AacConfig config;
  config.object_type = read_object_type(reader);
  config.core_sample_rate = config.sample_rate = read_sample_rate(reader);
  config.channel_configuration = static_cast<std::uint8_t>(reader.bits(4));
  config.channels = channels_of(config.channel_configuration);
  if (config.object_type == type_sbr || config.object_type == type_ps) {
    config.sbr = true;
    config.ps = config.object_type == type_ps;
    config.sample_rate = read_sample_rate(reader);
    config.object_type = read_object_type(reader);
  }
  if (reader.failed() || config.object_type == 0)
    return Error{Errc::invalid_data, "AAC configuration is cut short or empty"};
  if (config.core_sample_rate == 0 || config.sample_rate == 0)
    return Error{Errc::invalid_data, "AAC configuration has no sample rate"};
  if (has_general_audio_config(config.object_type)) read_general_audio_config(reader, config);
  if (reader.failed()) return Error{Errc::invalid_data, "AAC configuration is cut short"};
  if (config.object_type <= type_ltp && !config.sbr) read_sync_extension(reader, config);
  if (config.ps && config.channels == 1) config.channels = 2;
  return config;
}

std::optional<AdtsHeader> AacConfig::adts_header(std::size_t frame_size) const {
  static constexpr std::size_t max_size = (1 << 13) - 1;
  const unsigned index = rate_index(core_sample_rate);
  if (object_type < 1 || object_type > type_ltp || index == escaped_rate) return std::nullopt;
  if (channel_configuration < 1 || channel_configuration > 7) return std::nullopt;
  if (frame_size > max_size - adts_header_size) return std::nullopt;
  const auto size = static_cast<std::uint32_t>(frame_size + adts_header_size);
  // Sync word, MPEG-4, no CRC; then profile, rate and channels; the buffer fullness says
  // "variable rate", and there is one raw data block in the frame.
  return AdtsHeader{
      0xff,
      0xf1,
      static_cast<std::uint8_t>((object_type - 1) << 6 | index << 2 | channel_configuration >> 2),
      static_cast<std::uint8_t>((channel_configuration & 3) << 6 | size >> 11),
      static_cast<std::uint8_t>(size >> 3),
      static_cast<std::uint8_t>((size & 7) << 5 | 0x1f),
      0xfc,
  };
}

std::vector<std::uint8_t> build_aac_config(std::uint32_t sample_rate, unsigned channels,
                                           std::uint8_t object_type) {
  static constexpr unsigned configurations[9] = {0, 1, 2, 3, 4, 5, 6, 11, 7};
  if (channels < 1 || channels > 8 || object_type < 1 || object_type > type_ltp) return {};
  const unsigned index = rate_index(sample_rate);
  const unsigned configuration = configurations[channels];
  ByteWriter writer;
  if (index != escaped_rate) {
    writer.u16(object_type << 11 | index << 7 | configuration << 3);
  } else {
    // 5 bits type, 4 bits escape, 24 bits rate, 4 bits channels, 3 bits GASpecificConfig: 40.
    const std::uint64_t rate = sample_rate & 0xffffffu;
    const std::uint64_t bits = std::uint64_t{object_type} << 35 | std::uint64_t{escaped_rate} << 31 |
                               rate << 7 | std::uint64_t{configuration} << 3;
    writer.u8(bits >> 32);
    writer.u32(bits);
  }
  return writer.release();
}

std::string_view aac_profile_name(const AacConfig& config) {
  if (config.ps) return "HE-AACv2";
  if (config.sbr) return "HE-AAC";
  switch (config.object_type) {
    case 1:
      return "Main";
    case type_lc:
      return "LC";
    case 3:
      return "SSR";
    case type_ltp:
      return "LTP";
    case type_ld:
      return "LD";
    case 39:
      return "ELD";
    case 42:
      return "xHE-AAC";
    default:
      return "unknown";
  }
}

std::string codec_string(const AacConfig& config) {
  return fmt::format("mp4a.40.{}", config.ps ? type_ps : config.sbr ? type_sbr : config.object_type);
}

Result<Description> describe_aac(Bytes record) {
  auto config = parse_aac_config(record);
  if (!config) return std::move(config).error();
  Description description;
  description.codec_string = codec_string(*config);
  description.profile = aac_profile_name(*config);
  description.sample_rate = config->sample_rate;
  description.channels = config->channels;
  return description;
}

Result<AudioEntry> aac_entry(Bytes record) {
  auto config = parse_aac_config(record);
  if (!config) return std::move(config).error();
  AudioEntry entry{{record.begin(), record.end()}};
  entry.sample_rate = config->sample_rate;
  entry.channels = config->channels;
  entry.frame_samples = config->samples_per_frame * (config->sample_rate / config->core_sample_rate);
  return entry;
}

}  // namespace srs::codec

#include "codec/aac.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

namespace {

struct Record {
  const char* hex;
  const char* profile;
  const char* codecs;
  std::uint32_t core_sample_rate, sample_rate;
  int channel_configuration, channels;
  std::size_t shortest;  // fewer bytes are an error
};

const Record records[] = {
    // FFmpeg's encoder, with its "no SBR" extension: stereo, 5.1, and four channels told by a
    // program config element.
    {"121056e500", "LC", "mp4a.40.2", 44100, 44100, 2, 2, 2},
    {"11b056e500", "LC", "mp4a.40.2", 48000, 48000, 6, 6, 2},
    {"12800544400021100d4c61766335392e33372e31303056e500", "LC", "mp4a.40.2", 32000, 32000, 0, 4, 22},
    // Many hardware encoders
    {"1210", "LC", "mp4a.40.2", 44100, 44100, 2, 2, 2},
    // By hand: SBR and PS in front (hierarchical) and behind (backward compatible)
    {"2b920800", "HE-AAC", "mp4a.40.5", 22050, 44100, 2, 2, 4},
    {"eb098800", "HE-AACv2", "mp4a.40.29", 24000, 48000, 1, 2, 4},
    {"130856e59d4880", "HE-AACv2", "mp4a.40.29", 24000, 48000, 1, 2, 2},
    {"131056e598", "HE-AAC", "mp4a.40.5", 24000, 48000, 2, 2, 2},
    // An escaped sampling frequency, an escaped object type
    {"178049d410", "LC", "mp4a.40.2", 37800, 37800, 2, 2, 5},
    {"f94640", "xHE-AAC", "mp4a.40.42", 48000, 48000, 2, 2, 3},
    // Main profile, 7.1
    {"09b8", "Main", "mp4a.40.1", 48000, 48000, 7, 8, 2},
};

}  // namespace

TEST_CASE("AAC configurations") {
  for (const Record& record : records) {
    CAPTURE(record.hex);
    const auto config = parse_aac_config(bytes_of(record.hex));
    REQUIRE(config);
    CHECK(aac_profile_name(*config) == record.profile);
    CHECK(codec_string(*config) == record.codecs);
    CHECK(config->core_sample_rate == record.core_sample_rate);
    CHECK(config->sample_rate == record.sample_rate);
    CHECK(config->channel_configuration == record.channel_configuration);
    CHECK(config->channels == record.channels);
    CHECK(config->samples_per_frame == 1024);
  }
}

TEST_CASE("an AAC configuration that is cut short is an error or lacks the extension") {
  for (const Record& record : records) {
    CAPTURE(record.hex);
    for_each_truncation(bytes_of(record.hex), [&](const std::vector<std::uint8_t>& bytes) {
      const auto config = parse_aac_config(bytes);
      CHECK(config.ok() == (bytes.size() >= record.shortest));
      if (config) CHECK(config->core_sample_rate == record.core_sample_rate);
    });
    for_each_flipped_bit(bytes_of(record.hex), [](const std::vector<std::uint8_t>& bytes) {
      const auto config = parse_aac_config(bytes);
      if (config) CHECK(config->sample_rate > 0);
    });
  }
}

TEST_CASE("AAC configurations that say nothing usable") {
  CHECK_FALSE(parse_aac_config(bytes_of("0210")));        // object type 0
  CHECK_FALSE(parse_aac_config(bytes_of("1690")));        // reserved sampling frequency index 13
  CHECK_FALSE(parse_aac_config(bytes_of("1780000010")));  // escaped sampling frequency 0
}

TEST_CASE("frames of 960 samples") {
  const auto config = parse_aac_config(bytes_of("1214"));
  REQUIRE(config);
  CHECK(config->samples_per_frame == 960);
}

TEST_CASE("ADTS headers are those of FFmpeg") {
  const auto header = [](const char* hex, std::size_t size) {
    const auto built = parse_aac_config(bytes_of(hex))->adts_header(size);
    REQUIRE(built);
    return std::vector<std::uint8_t>(built->begin(), built->end());
  };
  CHECK(header("121056e500", 338) == bytes_of("fff150802b3ffc"));
  CHECK(header("11b056e500", 36) == bytes_of("fff14d80057ffc"));
  // HE-AAC: the core's rate and channels
  CHECK(header("eb098800", 8184) == bytes_of("fff15843fffffc"));
  CHECK(header("09b8", 0) == bytes_of("fff10dc000fffc"));
}

TEST_CASE("what ADTS cannot say") {
  const auto header = [](const char* hex, std::size_t size) {
    return parse_aac_config(bytes_of(hex))->adts_header(size);
  };
  CHECK_FALSE(header("1210", 8185));
  CHECK_FALSE(header("178049d410", 100));
  CHECK_FALSE(header("f94640", 100));
  CHECK_FALSE(header("12800544400021100d4c61766335392e33372e31303056e500", 100));
}

TEST_CASE("AAC configurations are built") {
  CHECK(build_aac_config(44100, 2) == bytes_of("1210"));
  CHECK(build_aac_config(48000, 6) == bytes_of("11b0"));
  CHECK(build_aac_config(48000, 8, 1) == bytes_of("09b8"));
  CHECK(build_aac_config(37800, 2) == bytes_of("178049d410"));
  CHECK(build_aac_config(44100, 0).empty());
  CHECK(build_aac_config(44100, 9).empty());
  for (unsigned channels = 1; channels <= 8; ++channels) {
    const auto config = parse_aac_config(build_aac_config(32000, channels));
    REQUIRE(config);
    CHECK(config->channels == channels);
    CHECK(config->sample_rate == 32000);
    CHECK(config->object_type == 2);
  }
}

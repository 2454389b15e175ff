#include <doctest/doctest.h>

#include "codec/av1.h"
#include "codec/codec.h"
#include "codec/opus.h"
#include "codec/vp9.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

TEST_CASE("names of codecs") {
  CHECK(name(VideoCodec::avc) == "H.264");
  CHECK(name(VideoCodec::hevc) == "H.265");
  CHECK(name(VideoCodec::unknown) == "unknown");
  CHECK(name(AudioCodec::aac) == "AAC");
  CHECK(name(AudioCodec::eac3) == "E-AC-3");
}

TEST_CASE("an Opus header of FFmpeg") {
  const auto whole = bytes_of("4f707573486561640102380180bb0000000000");
  const auto config = parse_opus_config(whole);
  REQUIRE(config);
  CHECK(config->channels == 2);
  CHECK(config->pre_skip == 312);
  CHECK(config->input_sample_rate == 48000);
  CHECK(config->output_gain == 0);
  CHECK(config->mapping_family == 0);
  for_each_truncation(whole,
                      [](const std::vector<std::uint8_t>& bytes) { CHECK_FALSE(parse_opus_config(bytes)); });
}

TEST_CASE("odd Opus headers") {
  const auto config =
      parse_opus_config(bytes_of("4f70757348656164 01 06 0001 44ac0000 00ff 01 0402000401020305"));
  REQUIRE(config);
  CHECK(config->channels == 6);
  CHECK(config->pre_skip == 256);
  CHECK(config->input_sample_rate == 44100);
  CHECK(config->output_gain == -256);
  CHECK(config->mapping_family == 1);
  CHECK_FALSE(parse_opus_config(bytes_of("4f70757348656164 01 00 0001 44ac0000 0000 00")));  // no channels
  CHECK_FALSE(parse_opus_config(bytes_of("4f70757348656164 10 02 0001 44ac0000 0000 00")));  // version
  CHECK_FALSE(parse_opus_config(bytes_of("4f70757354616773 01 02 0001 44ac0000 0000 00")));  // OpusTags
}

TEST_CASE("an AV1 record of libaom") {
  const auto whole = bytes_of("81010c000a0b0000000cc5036936be4010");
  const auto config = parse_av1_config(whole);
  REQUIRE(config);
  CHECK(av1_profile_name(*config) == "Main");
  CHECK(av1_level_name(*config) == "2.1");
  CHECK(codec_string(*config) == "av01.0.01M.08");
  CHECK(config->width == 642);
  CHECK(config->height == 362);
  for_each_truncation(whole, [](const std::vector<std::uint8_t>& bytes) {
    const auto part = parse_av1_config(bytes);
    CHECK(part.ok() == (bytes.size() >= 4));
    if (part) CHECK(part->width == 0);  // its sequence header is not whole
  });
  for_each_flipped_bit(whole, [](const std::vector<std::uint8_t>& bytes) {
    const auto flipped = parse_av1_config(bytes);
    if (flipped) CHECK(flipped->width <= 0x10000);
  });
  CHECK_FALSE(parse_av1_config(bytes_of("01010c00")));
}

TEST_CASE("AV1 names") {
  Av1Config config;
  config.level_idx = 5;
  config.bit_depth = 10;
  CHECK(codec_string(config) == "av01.0.05M.10");
  config.high_tier = true;
  config.profile = 2;
  config.level_idx = 17;
  CHECK(codec_string(config) == "av01.2.17H.10");
  CHECK(av1_level_name(config) == "6.1");
  CHECK(av1_profile_name(config) == "Professional");
}

TEST_CASE("VP9 records with and without the box's version and flags") {
  for (const char* hex : {"010000000015820202020000", "0015820202020000"}) {
    const auto whole = bytes_of(hex);
    const auto config = parse_vp_config(whole);
    REQUIRE(config);
    CHECK(config->profile == 0);
    CHECK(config->level == 21);
    CHECK(config->bit_depth == 8);
    CHECK(config->chroma_subsampling == 1);
    CHECK(vp9_codec_string(*config) == "vp09.00.21.08");
    for_each_truncation(whole,
                        [](const std::vector<std::uint8_t>& bytes) { CHECK_FALSE(parse_vp_config(bytes)); });
  }
  CHECK_FALSE(parse_vp_config(bytes_of("0915820202020000")));  // profile 9
}

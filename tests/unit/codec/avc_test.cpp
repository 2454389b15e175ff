#include "codec/avc.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

namespace {

// Records that libx264 made, through FFmpeg; the expected values are ffprobe's.
struct Record {
  const char* hex;
  const char* profile;
  const char* level;
  const char* codecs;
  std::uint32_t width, height;
  double frame_rate;
  int reorder;
  std::uint32_t sar_width, sar_height;
  bool interlaced;
  int bit_depth, chroma;
};

const Record records[] = {
    {"0142c00dffe100186742c00dd90141fb011000000300100000030320f142a48001000568cb83cb20",
     "Constrained Baseline", "1.3", "avc1.42c00d", 320, 240, 25, 0, 1, 1, false, 8, 1},
    {"014d401effe10018674d401eeca05217f1136022000007d20001d4c01e2c5b2c01000568ebe3cb20", "Main", "3.0",
     "avc1.4d401e", 642, 358, 30000.0 / 1001, 2, 1, 1, false, 8, 1},
    {"0164002affe1001b6764002aacd940790227889b0110000003001000000780f183196001000468ee0fcbfdf8f800", "High",
     "4.2", "avc1.64002a", 1922, 1078, 60, 2, 1, 1, false, 8, 1},
    {"0164001fffe100186764001facd940b424d8208000000300800000190f8b16cb01000768fba3cb3002c0fdf8f800", "High",
     "3.1", "avc1.64001f", 720, 576, 25, 2, 16, 11, true, 8, 1},
    {"017a0016ffe1001a677a0016b6cd941b1fe4f011000003000100000300640f162d9601000668ebe3cb22c0fefafa00",
     "High 4:2:2", "2.2", "avc1.7a0016", 426, 240, 50, 2, 1, 1, false, 10, 2},
};

// Made by hand, agreed with by FFmpeg's trace_headers: scaling lists (explicit, default, ending
// early), picture order count type 1, 1080 lines interlaced with cropping, an own sample aspect
// ratio, a full video signal type, both HRDs, 3 reordered frames at most said as 2.
const char* const rich_sps =
    "67640028ad94747610e2315148444b5555555555555555555555555555555904074a8723142ca03c0227efff00050007b50101"
    "01a500000303e90000ea60d21803e9003e8801f5001f457bdf148600fa400fa2007d4007d15ef7c3e30632c0";

}  // namespace

TEST_CASE("AVC configuration records of real encoders") {
  for (const Record& record : records) {
    CAPTURE(record.codecs);
    const auto config = parse_avc_config(bytes_of(record.hex));
    REQUIRE(config);
    CHECK(config->nal_length_size == 4);
    REQUIRE(config->sps.size() == 1);
    REQUIRE(config->pps.size() == 1);
    CHECK(avc_nal_type(config->sps[0][0]) == AvcNalType::sps);
    CHECK(avc_nal_type(config->pps[0][0]) == AvcNalType::pps);
    CHECK(avc_profile_name(config->profile_idc, config->constraint_flags) == record.profile);
    CHECK(avc_level_name(config->profile_idc, config->constraint_flags, config->level_idc) == record.level);
    CHECK(codec_string(*config) == record.codecs);

    const auto sps = parse_avc_sps(config->sps[0]);
    REQUIRE(sps);
    CHECK(sps->profile_idc == config->profile_idc);
    CHECK(sps->level_idc == config->level_idc);
    CHECK(sps->width == record.width);
    CHECK(sps->height == record.height);
    CHECK(sps->frame_rate == doctest::Approx(record.frame_rate));
    CHECK(sps->num_reorder_frames == record.reorder);
    CHECK(sps->sar_width == record.sar_width);
    CHECK(sps->sar_height == record.sar_height);
    CHECK(sps->interlaced == record.interlaced);
    CHECK(sps->bit_depth == record.bit_depth);
    CHECK(sps->chroma_format_idc == record.chroma);
  }
}

TEST_CASE("an AVC SPS with everything in it") {
  const auto sps = parse_avc_sps(bytes_of(rich_sps));
  REQUIRE(sps);
  CHECK(sps->width == 1920);
  CHECK(sps->height == 1080);
  CHECK(sps->interlaced);
  CHECK(sps->sar_width == 5);
  CHECK(sps->sar_height == 7);
  CHECK(sps->frame_rate == doctest::Approx(30000.0 / 1001));
  CHECK(sps->num_reorder_frames == 2);
}

TEST_CASE("an AVC record that is cut short") {
  for (const Record& record : records) {
    const auto whole = bytes_of(record.hex);
    const auto expected = parse_avc_config(whole);
    REQUIRE(expected);
    for_each_truncation(whole, [&](const std::vector<std::uint8_t>& bytes) {
      const auto config = parse_avc_config(bytes);
      // The four bytes that High profiles add may be missing; nothing else may.
      const bool optional_part = expected->profile_idc >= 100 && bytes.size() + 4 >= whole.size();
      CHECK(config.ok() == optional_part);
      if (config) CHECK(config->pps == expected->pps);
    });
  }
}

TEST_CASE("an AVC SPS that is cut short gives the whole size or an error") {
  std::vector<std::vector<std::uint8_t>> all{bytes_of(rich_sps)};
  for (const Record& record : records) all.push_back(parse_avc_config(bytes_of(record.hex))->sps.at(0));
  for (const auto& whole : all) {
    const auto expected = parse_avc_sps(whole);
    REQUIRE(expected);
    CHECK_FALSE(parse_avc_sps(Bytes(whole).first(6)));
    for_each_truncation(whole, [&](const std::vector<std::uint8_t>& bytes) {
      const auto sps = parse_avc_sps(bytes);
      if (!sps) return;
      CHECK(sps->width == expected->width);
      CHECK(sps->height == expected->height);
      CHECK((sps->frame_rate == 0 || sps->frame_rate == expected->frame_rate));
    });
  }
}

TEST_CASE("AVC bytes with a bit turned over stay within bounds") {
  for_each_flipped_bit(bytes_of(rich_sps), [](const std::vector<std::uint8_t>& bytes) {
    const auto sps = parse_avc_sps(bytes);
    if (!sps) return;
    CHECK(sps->width - 1 < 0x10000);
    CHECK(sps->height - 1 < 0x20000);
    CHECK(sps->num_reorder_frames <= 16);
    CHECK(sps->sar_height > 0);
  });
  for_each_flipped_bit(bytes_of(records[2].hex), [](const std::vector<std::uint8_t>& bytes) {
    const auto config = parse_avc_config(bytes);
    if (!config) return;
    std::size_t total = 0;
    for (const auto& unit : config->sps) total += unit.size();
    for (const auto& unit : config->pps) total += unit.size();
    CHECK(total < bytes.size());
    for (const auto& unit : config->sps) CHECK((!parse_avc_sps(unit) || parse_avc_sps(unit)->width > 0));
  });
}

TEST_CASE("odd AVC records") {
  SUBCASE("no parameter sets: they come in the stream") {
    const auto config = parse_avc_config(bytes_of("0142c01effe000"));
    REQUIRE(config);
    CHECK(config->sps.empty());
    CHECK(config->pps.empty());
  }
  SUBCASE("several, and lengths of 1 and 2 bytes") {
    const auto config = parse_avc_config(bytes_of("0142c01efc e2 0001 67 0002 6742 02 0001 68 0000"));
    REQUIRE(config);
    CHECK(config->nal_length_size == 1);
    CHECK(config->sps.size() == 2);
    CHECK(config->pps.size() == 1);
    CHECK(parse_avc_config(bytes_of("0142c01efde000"))->nal_length_size == 2);
  }
  SUBCASE("refused") {
    CHECK_FALSE(parse_avc_config(bytes_of("0042c01effe000")));  // version
    CHECK_FALSE(parse_avc_config(bytes_of("0142c01efee000")));  // lengths of 3 bytes
    CHECK_FALSE(parse_avc_config({}));
    CHECK_FALSE(parse_avc_sps(bytes_of("68ebe3cb20")));
    CHECK_FALSE(parse_avc_sps({}));
  }
}

TEST_CASE("AVC names") {
  CHECK(avc_profile_name(66, 0) == "Baseline");
  CHECK(avc_profile_name(100, 0x0c) == "Constrained High");
  CHECK(avc_profile_name(110, 0x10) == "High 10 Intra");
  CHECK(avc_profile_name(244, 0) == "High 4:4:4 Predictive");
  CHECK(avc_profile_name(99, 0) == "profile 99");
  CHECK(avc_level_name(66, 0x10, 11) == "1b");
  CHECK(avc_level_name(66, 0, 11) == "1.1");
  CHECK(avc_level_name(100, 0x10, 11) == "1.1");
  CHECK(avc_level_name(100, 0, 9) == "1b");
  CHECK(avc_level_name(100, 0, 41) == "4.1");
}

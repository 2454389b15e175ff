#include "codec/hevc.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

namespace {

// Records that libx265 made, through FFmpeg, their long SEI replaced by a short one; the expected
// values are ffprobe's.
struct Record {
  const char* hex;
  const char* profile;
  const char* level;
  const char* codecs;
  std::uint32_t width, height;
  double frame_rate;
  int bit_depth;
  std::uint32_t sar_width, sar_height;
};

const Record records[] = {
    {"0101600000009000000000003ff000fcfdf8f800000f04a00001001840010c01ffff01600000030090000003000003003f95980"
     "9a10001002a42010101600000030090000003000003003fa00502016965959a4932bc05a02000000300200000030321a2000100"
     "074401c172b4624027000100064e0104010280",
     "Main", "2.1", "hvc1.1.6.L63.90", 640, 360, 25, 8, 1, 1},
    {"01022000000090000000000078f000fcfdfafa00000f04a00001001840010c01ffff0220000003009000000300000300789594"
     "09a10001002b420101022000000300900000030000030078a003c08011075336595952930bc39a02000007d20000ea6010a200"
     "0100064401c073c18927000100064e0104010280",
     "Main 10", "4.0", "hvc1.2.4.L120.90", 1918, 1078, 30000.0 / 1001, 10, 4, 3},
};

// Made by hand, agreed with by FFmpeg's trace_headers: three sub-layers, 4:2:2 of 10 bits with a
// lopsided conformance window, scaling lists, PCM, a predicted reference picture set, long-term
// pictures, fields, a default display window.
const char* const rich_sps =
    "4201052408000003009e0800000300007bd0000408000003009e0800000300005a5db003c480110688ced96b6a5264912ed34d34"
    "d34d34da69a69a69a69b4d34d34d34d369a69a69a69a69a69a69a69a69a69a69a69a69a69a69a69a6d34d34d34d34d34d34d34d3"
    "4d34d34d34d34d34d34d34d34da69a69a69a69a69a69a69a69a69a69a69a69a69a69a69a698869a69a69a69a69a69a69a69a69a6"
    "9a69a69a69a69a69a69a621a69a69a69a69a69a69a69a69a69a69a69a69a69a69a69a698869a69a69a69a69a69a69a69a69a69a6"
    "9a69a69a69a69a69a621a69a69a69a69a69a69a69a69a69a69a69a69a69a69a69a69eef7235afaa497582c25e1c1d24a000007d2"
    "0001d4c010";

}  // namespace

TEST_CASE("HEVC configuration records of a real encoder") {
  for (const Record& record : records) {
    CAPTURE(record.codecs);
    const auto config = parse_hevc_config(bytes_of(record.hex));
    REQUIRE(config);
    CHECK(config->nal_length_size == 4);
    REQUIRE(config->vps.size() == 1);
    REQUIRE(config->sps.size() == 1);
    REQUIRE(config->pps.size() == 1);
    CHECK(hevc_nal_type(config->vps[0][0]) == HevcNalType::vps);
    CHECK(hevc_nal_type(config->sps[0][0]) == HevcNalType::sps);
    CHECK(hevc_nal_type(config->pps[0][0]) == HevcNalType::pps);
    CHECK(config->chroma_format_idc == 1);
    CHECK(config->bit_depth == record.bit_depth);
    CHECK(hevc_profile_name(config->profile) == record.profile);
    CHECK(hevc_level_name(config->profile) == record.level);
    CHECK(codec_string(*config) == record.codecs);

    const auto sps = parse_hevc_sps(config->sps[0]);
    REQUIRE(sps);
    CHECK(sps->profile.idc == config->profile.idc);
    CHECK(sps->profile.compatibility_flags == config->profile.compatibility_flags);
    CHECK(sps->profile.constraint_flags == config->profile.constraint_flags);
    CHECK(sps->profile.level_idc == config->profile.level_idc);
    CHECK(sps->width == record.width);
    CHECK(sps->height == record.height);
    CHECK(sps->bit_depth == record.bit_depth);
    CHECK(sps->frame_rate == doctest::Approx(record.frame_rate));
    CHECK(sps->sar_width == record.sar_width);
    CHECK(sps->sar_height == record.sar_height);
    CHECK(sps->num_reorder_frames == 2);
  }
}

TEST_CASE("an HEVC SPS with everything in it") {
  const auto sps = parse_hevc_sps(bytes_of(rich_sps));
  REQUIRE(sps);
  CHECK(sps->profile.high_tier);
  CHECK(sps->profile.idc == 4);
  CHECK(sps->profile.level_idc == 123);
  CHECK(sps->chroma_format_idc == 2);
  CHECK(sps->bit_depth == 10);
  CHECK(sps->width == 1920);
  CHECK(sps->height == 1080);
  CHECK(sps->num_reorder_frames == 3);
  CHECK(sps->sar_width == 4);
  CHECK(sps->sar_height == 3);
  CHECK(sps->frame_rate == doctest::Approx(30000.0 / 1001));  // 59.94 fields
}

TEST_CASE("an HEVC record that is cut short is an error") {
  for (const Record& record : records)
    for_each_truncation(bytes_of(record.hex), [](const std::vector<std::uint8_t>& bytes) {
      CHECK_FALSE(parse_hevc_config(bytes));
    });
}

TEST_CASE("an HEVC SPS that is cut short gives the whole size or an error") {
  std::vector<std::vector<std::uint8_t>> all{bytes_of(rich_sps)};
  for (const Record& record : records) all.push_back(parse_hevc_config(bytes_of(record.hex))->sps.at(0));
  for (const auto& whole : all) {
    const auto expected = parse_hevc_sps(whole);
    REQUIRE(expected);
    CHECK_FALSE(parse_hevc_sps(Bytes(whole).first(20)));
    for_each_truncation(whole, [&](const std::vector<std::uint8_t>& bytes) {
      const auto sps = parse_hevc_sps(bytes);
      if (!sps) return;
      CHECK(sps->width == expected->width);
      CHECK(sps->height == expected->height);
      CHECK((sps->frame_rate == 0 || sps->frame_rate == expected->frame_rate));
    });
  }
}

TEST_CASE("HEVC bytes with a bit turned over stay within bounds") {
  for_each_flipped_bit(bytes_of(rich_sps), [](const std::vector<std::uint8_t>& bytes) {
    const auto sps = parse_hevc_sps(bytes);
    if (!sps) return;
    CHECK(sps->width - 1 < 0x10000);
    CHECK(sps->height - 1 < 0x10000);
    CHECK(sps->num_reorder_frames <= 16);
  });
  for_each_flipped_bit(bytes_of(records[0].hex), [](const std::vector<std::uint8_t>& bytes) {
    const auto config = parse_hevc_config(bytes);
    if (!config) return;
    CHECK(config->vps.size() + config->sps.size() + config->pps.size() <= bytes.size());
    for (const auto& unit : config->sps) CHECK((!parse_hevc_sps(unit) || parse_hevc_sps(unit)->width > 0));
  });
}

TEST_CASE("HEVC names") {
  HevcConfig config;
  config.profile = {0, false, 1, 0x60000000, {0xb0, 0, 0, 0, 0, 0}, 93};
  CHECK(codec_string(config) == "hvc1.1.6.L93.B0");
  config.profile = {1, true, 4, 0x08000000, {0x9e, 0x08, 0, 0, 0, 0}, 123};
  CHECK(codec_string(config) == "hvc1.A4.10.H123.9E.8");
  config.profile = {0, false, 1, 0x60000000, {}, 153};
  CHECK(codec_string(config) == "hvc1.1.6.L153");
  CHECK(hevc_level_name(config.profile) == "5.1");
  config.profile.idc = 17;
  CHECK(hevc_profile_name(config.profile) == "profile 17");
  CHECK(hevc_is_random_access(HevcNalType::cra));
  CHECK_FALSE(hevc_is_random_access(HevcNalType::vps));
  CHECK(hevc_nal_type(0x26) == HevcNalType::idr_w_radl);
}

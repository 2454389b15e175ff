// Start codes to lengths, and parameter sets to configuration records.
#include "codec/parameter_sets.h"

#include <doctest/doctest.h>

#include "codec/avc.h"
#include "codec/hevc.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

namespace {

// x264: High, 640x360.
const char* const avc_sets = "00000001 6764001eacd940a02ff97011000003000100000300320f162d96 000001 68ef8fcb";
// x265: Main, 640x360, with the access unit delimiter that MPEG-TS puts in front.
const char* const hevc_sets =
    "00000001 460150 00000001 40010c01ffff01600000030090000003000003003f959409"
    "00000001 42010101600000030090000003000003003fa005020171f2e595952930bc05a02000000300200000030321"
    "000001 4401c073c189";

std::vector<std::uint8_t> converted(const std::vector<std::uint8_t>& annex_b) {
  std::vector<std::uint8_t> to(length_prefixed_size(annex_b));
  BoundedWriter writer(to);
  to_length_prefixed(annex_b, writer);
  CHECK(writer.size() == to.size());
  return to;
}

}  // namespace

TEST_CASE("start codes of three and four bytes become lengths of four") {
  CHECK(converted(bytes_of("00000001 0910 000001 65aabb 00000001 0605")) ==
        bytes_of("00000002 0910 00000003 65aabb 00000002 0605"));
  CHECK(converted(bytes_of("000001 65aa00")) == bytes_of("00000002 65aa"));
  CHECK(converted(bytes_of("65aabbcc")).empty());
  CHECK(converted({}).empty());
}

TEST_CASE("extradata is Annex B or a record") {
  CHECK(is_annex_b(bytes_of("00000001 67")));
  CHECK(is_annex_b(bytes_of("000001 67")));
  CHECK_FALSE(is_annex_b(bytes_of("0164001e ffe1")));
  CHECK_FALSE(is_annex_b({}));
}

TEST_CASE("the AVC record is what an MP4 of the same stream has") {
  ParameterSets sets(codec::VideoCodec::avc);
  CHECK_FALSE(sets.complete());
  CHECK_FALSE(sets.record());
  CHECK(sets.scan(bytes_of(avc_sets)));
  REQUIRE(sets.complete());
  const auto record = sets.record();
  REQUIRE(record);
  CHECK(*record == bytes_of("0164001effe1001a 6764001eacd940a02ff97011000003000100000300320f162d96"
                            "010004 68ef8fcb fdf8f800"));
}

TEST_CASE("the HEVC record reads back") {
  ParameterSets sets(codec::VideoCodec::hevc);
  REQUIRE(sets.scan(bytes_of(hevc_sets)));
  const auto record = sets.record();
  REQUIRE(record);
  const auto config = codec::parse_hevc_config(*record);
  REQUIRE(config);
  CHECK(codec::codec_string(*config) == "hvc1.1.6.L63.90");
  CHECK(config->nal_length_size == 4);
  REQUIRE(config->vps.size() == 1);
  REQUIRE(config->sps.size() == 1);
  REQUIRE(config->pps.size() == 1);
  CHECK(config->pps[0] == bytes_of("4401c073c189"));
}

TEST_CASE("the same sets again change nothing; new ones replace theirs by id") {
  ParameterSets sets(codec::VideoCodec::avc);
  CHECK(sets.scan(bytes_of(avc_sets)));
  CHECK_FALSE(sets.scan(bytes_of(avc_sets)));
  CHECK_FALSE(sets.scan(bytes_of("000001 65889900")));
  // The same picture parameter set id (0) with other contents, and then another id (1).
  CHECK(sets.scan(bytes_of("000001 68ef8fcc")));
  CHECK(codec::parse_avc_config(*sets.record())->pps.size() == 1);
  CHECK(sets.scan(bytes_of("000001 685fcb")));
  CHECK(codec::parse_avc_config(*sets.record())->pps.size() == 2);
}

TEST_CASE("sets that cannot be read are errors or left out") {
  ParameterSets sets(codec::VideoCodec::avc);
  sets.scan(bytes_of("000001 67 000001 6764001e 000001 68 000001 6800"));
  CHECK_FALSE(sets.record());
  ParameterSets hevc(codec::VideoCodec::hevc);
  hevc.scan(bytes_of("000001 4001 000001 4201 000001 42010101 000001 4401"));
  CHECK_FALSE(hevc.record());
}

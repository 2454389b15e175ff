#include "srs-hls/mux/avc_access_unit.h"

#include <doctest/doctest.h>

#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

const std::string delimiter = "00000001 09f0 ";
const std::string sets = "00000001 6764001e 00000001 68ee3c ";

std::vector<std::uint8_t> built(const std::string& body_hex, bool key_frame) {
  AvcAccessUnit unit;
  unit.configure(*codec::parse_avc_config(bytes_of(avc_record)));
  const auto body = bytes_of(body_hex);
  std::vector<std::uint8_t> all;
  for (const Bytes piece : unit.build(body, key_frame)) all.insert(all.end(), piece.begin(), piece.end());
  CHECK(unit.size_bytes() == all.size());
  return all;
}

TEST_CASE("a picture gets a delimiter and start codes, a key frame the parameter sets") {
  CHECK(built("00000003 419a24 00000002 419b", false) ==
        bytes_of(delimiter + "00000001 419a24 00000001 419b"));
  CHECK(built("00000002 6588", true) == bytes_of(delimiter + sets + "00000001 6588"));
}

TEST_CASE("existing NAL units of a picture are not added again") {
  CHECK(built("00000002 0930 00000002 419a", false) == bytes_of("00000001 0930 00000001 419a"));
  CHECK(built("00000002 6742 00000002 68ce 00000002 6588", true) ==
        bytes_of(delimiter + "00000001 6742 00000001 68ce 00000001 6588"));
  // An SPS alone is not enough.
  CHECK(built("00000002 6742 00000002 6588", true) ==
        bytes_of(delimiter + sets + "00000001 6742 00000001 6588"));
}

TEST_CASE("truncated NAL units are left out") {
  CHECK(built("", true).empty());
  CHECK(built("00000000", true).empty());
  CHECK(built("00000002 6588 000000ff 4100", true) == bytes_of(delimiter + sets + "00000001 6588"));
  CHECK(built("ffffffff 65", true).empty());
}

}  // namespace
}  // namespace srs::hls

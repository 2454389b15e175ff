#include "codec/nal.h"

#include <doctest/doctest.h>

#include "codec/bit_reader.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

namespace {

std::vector<std::uint8_t> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

template <class Nals>
std::vector<std::vector<std::uint8_t>> all(Nals& nals) {
  std::vector<std::vector<std::uint8_t>> units;
  while (const auto nal = nals.next()) units.push_back(copy(*nal));
  return units;
}

std::vector<std::vector<std::uint8_t>> annex_b(std::string_view hex) {
  const auto data = bytes_of(hex);
  AnnexBNals nals(data);
  return all(nals);
}

}  // namespace

TEST_CASE("bits and Exp-Golomb codes") {
  // 1 | 010 | 011 | 00100 | 00101 | 0 00000: ue 0 1 2 3 4, then one zero after another
  const auto bytes = bytes_of("a6 42 80");
  BitReader reader(bytes);
  for (std::uint32_t expected = 0; expected < 5; ++expected) CHECK(reader.ue() == expected);
  CHECK(reader.position() == 17);
  CHECK(reader.remaining() == 7);
  CHECK_FALSE(reader.failed());
  CHECK(reader.ue() == 0);  // no 1 comes any more
  CHECK(reader.failed());
  CHECK(reader.remaining() == 0);

  BitReader with_sign(bytes);
  for (const std::int32_t expected : {0, 1, -1, 2, -2}) CHECK(with_sign.se() == expected);

  const auto word = bytes_of("deadbeef 12");
  BitReader bits(word);
  CHECK(bits.bits(32) == 0xdeadbeef);
  CHECK(bits.bits(4) == 1);
  CHECK(bits.bits(5) == 0);
  CHECK(bits.failed());
}

TEST_CASE("the largest Exp-Golomb code, and one beyond it") {
  const auto largest = bytes_of("00000001 fffffffe");  // 31 zeros, 1, 31 ones
  BitReader reader(largest);
  CHECK(reader.ue() == 0xfffffffe);
  CHECK_FALSE(reader.failed());
  const auto beyond = bytes_of("00000000 ffffffff ffffffff");
  BitReader too_long(beyond);
  CHECK(too_long.ue() == 0);
  CHECK(too_long.failed());
}

TEST_CASE("emulation prevention") {
  CHECK(unescape_nal(bytes_of("67 000003 01 000003 00 0003")) == bytes_of("67 0000 01 0000 0000"));
  CHECK(unescape_nal(bytes_of("000003 000003")) == bytes_of("0000 0000"));
  CHECK(unescape_nal(bytes_of("000000 03")) == bytes_of("000000"));
  CHECK(unescape_nal({}).empty());
}

TEST_CASE("length-prefixed units of 1, 2 and 4 bytes") {
  const struct {
    unsigned length_size;
    const char* hex;
  } rows[] = {
      {1, "02 6701 00 01 68"}, {2, "0002 6701 0000 0001 68"}, {4, "00000002 6701 00000000 00000001 68"}};
  for (const auto& row : rows) {
    const auto data = bytes_of(row.hex);
    LengthPrefixedNals nals(data, row.length_size);
    const auto units = all(nals);
    REQUIRE(units.size() == 2);
    CHECK(units[0] == bytes_of("6701"));
    CHECK(units[1] == bytes_of("68"));
    CHECK_FALSE(nals.failed());
  }
}

TEST_CASE("length-prefixed units that are cut off") {
  for_each_truncation(bytes_of("00000002 6701 00000001 68"), [](const std::vector<std::uint8_t>& data) {
    LengthPrefixedNals nals(data, 4);
    const auto units = all(nals);
    CHECK(units.size() == (data.size() < 6 ? 0 : 1));
    CHECK(nals.failed() == (data.size() != 0 && data.size() != 6));
  });
  const auto huge = bytes_of("ffffffff 67");
  LengthPrefixedNals nals(huge, 4);
  CHECK_FALSE(nals.next());
  CHECK(nals.failed());
}

TEST_CASE("Annex B units") {
  const auto units = annex_b("ff 00000001 6701 000001 68 00 00 00 00000001 000001 6502");
  REQUIRE(units.size() == 3);
  CHECK(units[0] == bytes_of("6701"));
  CHECK(units[1] == bytes_of("68"));
  CHECK(units[2] == bytes_of("6502"));
  CHECK(annex_b("").empty());
  CHECK(annex_b("0000").empty());
  CHECK(annex_b("000001").empty());
  CHECK(annex_b("67424242").empty());
  CHECK(annex_b("000001 67 0000").size() == 1);
}

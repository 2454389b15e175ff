#include "srs-bench/content/clock_sei.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "codec/nal.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::bench;
using std::chrono::microseconds;

namespace {

UtcMicroseconds at(std::int64_t count) {
  return UtcMicroseconds(microseconds(count));
}

// Times whose plain bytes would contain zeros, start codes and emulation prevention bytes.
const std::int64_t times[] = {
    0, 1, 3, 0x7f, 0x80, 0x0300, 0x01'0000'0003, 1'795'000'000'000'000, (1LL << 62) + 5};

struct Form {
  const char* name;
  const char* config;   // video message that sets the framing; empty: none
  const char* picture;  // a video message
  std::size_t offset;   // where the clock goes
};

// HEVC: a record of 23 bytes with length size 4 and no arrays.
const Form forms[] = {
    {"legacy AVC", "", "17 01 000000 00000005 6588840102", 5},
    {"legacy AVC, lengths of two bytes",
     "17 00 000000 01 64 00 1f fd e1 0008 67640acd00001122 01 0004 68ee3c80",
     "27 01 000028 0003 419a24 0002 4101", 5},
    {"AVC behind an access unit delimiter", "", "27 01 000000 00000002 09f0 00000003 419a24", 11},
    {"Enhanced AVC", "", "91 61766331 000000 00000003 658884", 8},
    {"Enhanced HEVC, without composition time", "", "a3 68766331 00000003 260188", 5},
    {"legacy HEVC", "", "1c 01 000000 00000004 26010203", 5},
};

}  // namespace

TEST_CASE("the clock comes back out of every form of picture, and the picture as it was") {
  for (const Form& form : forms)
    for (const std::int64_t time : times) {
      CAPTURE(form.name);
      NalFraming framing;
      framing.learn(bytes_of(form.config));
      const auto payload = bytes_of(form.picture);
      CHECK_FALSE(find_clock(payload, framing));
      auto stamped = embed_clock(payload, at(time), framing);
      REQUIRE(stamped);
      const auto found = find_clock(*stamped, framing);
      REQUIRE(found);
      CHECK(found->time == at(time));
      CHECK(found->offset == form.offset);
      const auto start = stamped->begin() + static_cast<std::ptrdiff_t>(found->offset);
      stamped->erase(start, start + static_cast<std::ptrdiff_t>(found->size));
      CHECK(*stamped == payload);
    }
}

TEST_CASE("the unit is a whole NAL unit that needs no emulation prevention") {
  for (const std::int64_t time : times) {
    const NalFraming framing;
    const auto stamped = embed_clock(bytes_of("27 01 000000 00000003 419a24"), at(time), framing);
    REQUIRE(stamped);
    codec::LengthPrefixedNals nals(Bytes(*stamped).subspan(5), 4);
    const auto sei = nals.next();
    REQUIRE(sei);
    CHECK((*sei)[0] == 6);
    CHECK((*sei)[1] == 5);
    CHECK(sei->size() == 3u + (*sei)[2] + 1u);
    CHECK(sei->back() == 0x80);
    CHECK(std::find(sei->begin(), sei->end(), 0) == sei->end());
    const auto picture = nals.next();
    REQUIRE(picture);
    CHECK(picture->size() == 3);
    CHECK_FALSE(nals.next());
    CHECK_FALSE(nals.failed());
  }
}

TEST_CASE("messages without a picture get no clock") {
  for (const char* payload :
       {"", "17 00 000000 01640a", "17 02 000000", "af 01 2112", "57 00", "91", "27 01 000000",
        "27 01 000000 000000ff 41", "a1 61763031 0a0b", "96 00 61766331 00 000003 658884"})
    CHECK_FALSE(embed_clock(bytes_of(payload), at(5), {}));
}

TEST_CASE("other SEI are not taken for the clock, and no flipped bit or cut does harm") {
  const auto payload = bytes_of("27 01 000000 00000003 419a24");
  const auto stamped = embed_clock(payload, at(1'795'000'000'000'000), {});
  REQUIRE(stamped);
  auto other = *stamped;
  other[5 + 4 + 3] ^= 1;  // the UUID's first byte
  CHECK_FALSE(find_clock(other, {}));
  for (std::size_t size = 0; size < stamped->size(); ++size) {
    const std::vector<std::uint8_t> cut(stamped->begin(),
                                        stamped->begin() + static_cast<std::ptrdiff_t>(size));
    [[maybe_unused]] const auto found = find_clock(cut, {});
  }
  for_each_flipped_bit(*stamped, [](const std::vector<std::uint8_t>& flipped) {
    if (const auto found = find_clock(flipped, {})) CHECK(found->offset + found->size <= flipped.size());
  });
}

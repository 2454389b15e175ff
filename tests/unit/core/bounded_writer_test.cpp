#include "core/bounded_writer.h"

#include <doctest/doctest.h>

#include <vector>

using namespace srs;

TEST_CASE("numbers are big-endian, and size() is what was written") {
  std::vector<std::uint8_t> room(16);
  BoundedWriter writer(room);
  writer.u8(0x101);
  writer.u16(0x0203);
  writer.u24(0x040506);
  writer.u32(0x0708090a);
  writer.u32_little_endian(0x0e0d0c0b);
  CHECK(writer.size() == 14);
  CHECK(writer.left() == 2);
  CHECK_FALSE(writer.failed());
  for (std::size_t i = 0; i < 14; ++i) CHECK(room[i] == i + 1);
}

TEST_CASE("a write that does not fit is skipped, and so are all later ones") {
  std::vector<std::uint8_t> room(4, 0xee);
  BoundedWriter writer({room.data(), 3});
  writer.u8(1);
  writer.u24(2);
  CHECK(writer.failed());
  writer.u8(3);
  CHECK(writer.reserve(1) == nullptr);
  CHECK(writer.size() == 1);
  CHECK(room == std::vector<std::uint8_t>{1, 0xee, 0xee, 0xee});
}

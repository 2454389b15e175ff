#include <doctest/doctest.h>

#include <cerrno>
#include <vector>

#include "core/byte_reader.h"
#include "core/byte_writer.h"
#include "core/result.h"
#include "core/slice.h"

using namespace srs;

TEST_CASE("numbers come back as they were written, big-endian") {
  ByteWriter writer;
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u24(0x040506);
  writer.u32(0x0708090a);
  writer.u64(0x0b0c0d0e0f101112);
  writer.text("ab");
  const std::vector<std::uint8_t> bytes = writer.release();
  for (std::size_t i = 0; i < 18; ++i) CHECK(bytes[i] == i + 1);
  CHECK(writer.size() == 0);

  ByteReader reader(bytes);
  CHECK(reader.u8() == 0x01);
  CHECK(reader.u16() == 0x0203);
  CHECK(reader.u24() == 0x040506);
  CHECK(reader.u32() == 0x0708090a);
  CHECK(reader.u64() == 0x0b0c0d0e0f101112);
  CHECK(reader.rest().size() == 2);
  CHECK_FALSE(reader.failed());
}

TEST_CASE("24-bit numbers are signed on request") {
  const std::uint8_t bytes[] = {0xff, 0xff, 0xfe, 0x00, 0x00, 0x02};
  ByteReader reader(bytes);
  CHECK(reader.s24() == -2);
  CHECK(reader.s24() == 2);
}

TEST_CASE("a read beyond the end returns nothing, and the failure stays") {
  const std::uint8_t bytes[] = {1, 2, 3};
  ByteReader reader(bytes);
  CHECK(reader.u16() == 0x0102);
  CHECK(reader.u16() == 0);
  CHECK(reader.failed());
  CHECK(reader.u8() == 0);
  CHECK(reader.bytes(1).empty());
  CHECK(reader.remaining() == 0);
}

TEST_CASE("a slice keeps its block, and its bytes, alive") {
  Slice part;
  {
    const std::uint8_t bytes[] = {1, 2, 3, 4};
    const Slice whole = Slice::copy_of(bytes);
    part = whole.sub(1, 2);
    CHECK(part.block() == whole.block());
  }
  CHECK(part.block().use_count() == 1);
  CHECK(part.bytes()[0] == 2);
  CHECK(part.bytes()[1] == 3);
  CHECK(Slice::copy_of({}).empty());
}

TEST_CASE("an error gains its context from the inside out") {
  const Error error = system_error("cannot open www/a.ts", ENOSPC).in("srs-hls");
  CHECK(error.message == "srs-hls: cannot open www/a.ts: No space left on device");
  const Result<int> failed = error;
  CHECK_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::io);
}

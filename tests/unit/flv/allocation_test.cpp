// Operations that must not allocate: parsing tag payloads, and sizes that only a header claims.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "flv/payload.h"
#include "flv/reader.h"
#include "unit/bytes_of.h"

namespace {

std::size_t allocations = 0;
std::size_t largest = 0;

void start_counting() {
  allocations = largest = 0;
}

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (size > largest) largest = size;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace srs;
using namespace srs::flv;

TEST_CASE("parsing a payload allocates nothing") {
  const auto legacy = bytes_of("17 01 000043 aabbcc"), enhanced = bytes_of("91 68766331 000043 aabbcc");
  const auto tracks = bytes_of("97 02 07a120 06 11 68766331 01 000005 000043 aabb 00 000003 000000");
  const auto aac = bytes_of("af 01 aabb"), opus = bytes_of("91 4f707573 aabb");
  start_counting();
  bool all = true;
  for (const auto* payload : {&legacy, &enhanced, &tracks}) all = parse_video(*payload).ok() && all;
  for (const auto* payload : {&aac, &opus}) all = parse_audio(*payload).ok() && all;
  const std::size_t counted = allocations;
  CHECK(all);
  CHECK(counted == 0);
}

TEST_CASE("a size in a tag header allocates nothing") {
  Reader reader;
  reader.append(bytes_of("464c5601 05 00000009 00000000"));
  REQUIRE(reader.next());
  // 16 MiB claimed, 1000 bytes sent, one at a time.
  const auto header = bytes_of("09 ffffff 000000 00 000000");
  start_counting();
  reader.append(header);
  const std::uint8_t byte[] = {0};
  bool waits = true;
  for (int i = 0; i < 1000; ++i) {
    reader.append(byte);
    const auto tag = reader.next();
    waits = waits && tag.ok() && !tag->has_value();
  }
  const std::size_t counted = allocations;
  CHECK(waits);
  CHECK(counted == 0);
  CHECK(reader.pending() == 1011);
}

TEST_CASE("memory grows with the bytes of a large tag, to at most twice those received") {
  Reader reader;
  reader.append(bytes_of("464c5601 05 00000009 00000000  09 ffffff 000000 00 000000"));
  REQUIRE(reader.next());
  const std::vector<std::uint8_t> piece(100'000, 0);
  start_counting();
  bool within = true;
  for (std::size_t sent = 0; sent + piece.size() < max_payload_size; sent += piece.size()) {
    reader.append(piece);
    const auto tag = reader.next();
    within = within && tag.ok() && !tag->has_value();
    within = within && largest <= 2 * (sent + piece.size()) + Reader::block_size + 4096;
  }
  const std::size_t counted = allocations;
  CHECK(within);
  CHECK(counted < 20);
}

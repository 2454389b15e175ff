#include "rtmp/received_bytes.h"

#include <doctest/doctest.h>

#include "rtmp/command.h"

using namespace srs;
using namespace srs::rtmp;

TEST_CASE("bytes are acknowledged window by window over 2^31 and 2^32, modulo 2^32") {
  for (const std::uint64_t bound : {std::uint64_t{1} << 31, std::uint64_t{1} << 32, std::uint64_t{1} << 40,
                                    3 * (std::uint64_t{1} << 32)}) {
    ReceivedBytes received(bound - 2'500);
    std::uint64_t acknowledged = bound - 2'500;
    int count = 0;
    for (int i = 0; i < 50; ++i) {
      received.add(100);
      CHECK(received.all() == bound - 2'500 + 100 * static_cast<std::uint64_t>(i + 1));
      CHECK(received.is_due(1'000) == (received.all() - acknowledged >= 1'000));
      if (!received.is_due(1'000)) continue;
      acknowledged = received.all();
      const std::uint32_t sequence_number = received.acknowledge();
      CHECK(sequence_number == acknowledged % (std::uint64_t{1} << 32));
      CHECK_FALSE(received.is_due(1));
      Outbox outbox;
      outbox.acknowledgement(sequence_number);
      const auto bytes = outbox.take();
      REQUIRE(bytes.size() == 16);
      CHECK(ByteReader(Bytes(bytes).subspan(12)).u32() == sequence_number);
      ++count;
    }
    CHECK(count == 5);
  }
}

TEST_CASE("the largest window and the longest silence") {
  ReceivedBytes received;
  received.add(0xfffffffe);
  CHECK_FALSE(received.is_due(0xffffffff));
  received.add(std::size_t{1} << 34);
  CHECK(received.is_due(0xffffffff));
  CHECK(received.acknowledge() == 0xfffffffe);
}

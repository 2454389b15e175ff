#include "amf/amf3.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::amf;

namespace {

Result<Value> decoded(const std::vector<std::uint8_t>& bytes) {
  ByteReader reader(bytes);
  auto value = decode(reader);
  if (value) CHECK(reader.remaining() == 0);
  return value;
}

}  // namespace

TEST_CASE("AMF3 values inside AMF0 become AMF0 values") {
  const std::pair<const char*, Value> table[] = {
      {"11 00", Undefined{}},
      {"11 01", Null{}},
      {"11 02", false},
      {"11 03", true},
      {"11 04 00", 0.0},
      {"11 04 7f", 127.0},
      {"11 04 8100", 128.0},
      {"11 04 ffffffff", -1.0},
      {"11 04 bfffffff", 268435455.0},
      {"11 04 c0808000", -268435456.0},
      {"11 05 3ff0000000000000", 1.0},
      {"11 06 09 6c697665", "live"},
      {"11 06 01", ""},
      {"11 08 01 408f400000000000", Date{1000}},
      {"11 08 02", Null{}},
      {"11 07 03 78", Null{}},
      {"11 0b 03 78", Null{}},
      {"11 0c 05 7878", Null{}},
      {"11 09 05 01 0401 0402", StrictArray{{1.0, 2.0}}},
      // Named and counted members together.
      {"11 09 03 0361 03 01 0401", Value::ecma_array({{"a", true}, {"0", 1.0}})},
      // A dynamic object without a class; the second text is a reference to the first.
      {"11 0a 0b 01 0361 0600 01", Value::object({{"a", "a"}})},
      // A class with one name, and a second object of it by reference.
      {"11 09 05 01 0a 13 0343 0361 0401 0a 01 0402",
       StrictArray{{Value::object({{"a", 1.0}}), Value::object({{"a", 2.0}})}}},
  };
  for (const auto& [text, expected] : table) {
    const auto& hex = text;  // clang 14 captures no structured bindings
    CAPTURE(hex);
    const auto value = decoded(bytes_of(hex));
    REQUIRE(value);
    CHECK(*value == expected);
  }
}

TEST_CASE("AMF3: broken values are errors, and neither claims nor references cost memory") {
  for (const char* hex :
       {"11", "11 04", "11 04 80", "11 05 3ff0", "11 06 09 61", "11 09 fffffffd 01", "11 0a 07 0343",
        "11 0a 05", "11 0a fffffff3 0343", "11 0d", "11 ff", "11 0a 0b 01 0361"}) {
    CAPTURE(hex);
    CHECK_FALSE(decoded(bytes_of(hex)));
  }
  // A text of 60000 bytes and 50000 references to it.
  auto bytes = bytes_of("11 09 868d23 01 06 87a941");
  bytes.resize(bytes.size() + 60'000, 'x');
  for (int i = 0; i < 50'000; ++i) bytes.insert(bytes.end(), {6, 0});
  CHECK_FALSE(decoded(bytes));
  // Arrays inside each other, without end.
  bytes = bytes_of("11");
  for (int i = 0; i < 100'000; ++i) bytes.insert(bytes.end(), {9, 3, 1});
  CHECK_FALSE(decoded(bytes));
}

TEST_CASE("AMF3: truncated and flipped bytes stay within bounds") {
  const auto bytes = bytes_of("11 09 07 0361 03 01 0a 13 0343 0361 0401 0a 01 0402 0a 0b 01 0362 0600 01");
  for_each_truncation(bytes, [](const auto& cut) { CHECK_FALSE(decoded(cut)); });
  for_each_flipped_bit(bytes,
                       [](const auto& flipped) { CHECK(decode_all(flipped).size() <= flipped.size()); });
}

TEST_CASE("limits hold for a whole message, not for each of its values") {
  // A text of 1000 bytes and a hundred references to it, again and again.
  auto one = bytes_of("11 09 814b 01 06 8f51");
  one.resize(one.size() + 1000, 'x');
  for (int i = 0; i < 100; ++i) one.insert(one.end(), {6, 0});
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 5; ++i) bytes.insert(bytes.end(), one.begin(), one.end());
  const auto decode = [&](Limits limits) { return decode_all(bytes, limits); };
  const auto all = decode({});
  REQUIRE(all);
  CHECK(all->size() == 5);
  for (const Limits& limits : {Limits{.max_repeated_bytes = 499'999}, Limits{.max_values = 5 * 102 - 1}}) {
    const auto refused = decode(limits);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::too_large);
  }
  CHECK(decode(Limits{.max_values = 5 * 102 + 5, .max_repeated_bytes = 500'000}));
}

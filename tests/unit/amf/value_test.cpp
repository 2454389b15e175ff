#include "amf/value.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::amf;

namespace {

std::vector<std::uint8_t> encoded(const Value& value) {
  ByteWriter writer;
  encode(value, writer);
  return writer.release();
}

Value decoded(const std::vector<std::uint8_t>& bytes) {
  ByteReader reader(bytes);
  auto value = decode(reader);
  REQUIRE(value);
  CHECK(reader.remaining() == 0);
  return *value;
}

// `levels` objects inside each other, each the only member "a" of the one around it.
std::vector<std::uint8_t> nested(int levels) {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < levels; ++i) {
    const auto open = bytes_of("03 0001 61");
    bytes.insert(bytes.end(), open.begin(), open.end());
  }
  bytes.push_back(5);
  for (int i = 0; i < levels; ++i) {
    const auto close = bytes_of("000009");
    bytes.insert(bytes.end(), close.begin(), close.end());
  }
  return bytes;
}

}  // namespace

TEST_CASE("values and their bytes, both ways") {
  const std::pair<Value, const char*> table[] = {
      {1.0, "00 3ff0000000000000"},
      {-0.5, "00 bfe0000000000000"},
      {true, "01 01"},
      {false, "01 00"},
      {"live", "02 0004 6c697665"},
      {"", "02 0000"},
      {Null{}, "05"},
      {Undefined{}, "06"},
      {Date{1000}, "0b 408f400000000000 0000"},
      {Value::object({}), "03 000009"},
      {Value::object({{"b", 1.0}, {"a", Null{}}}), "03 0001 62 00 3ff0000000000000 0001 61 05 000009"},
      {Value::ecma_array({{"a", true}}), "08 00000001 0001 61 01 01 000009"},
      {StrictArray{{1.0, "x"}}, "0a 00000002 00 3ff0000000000000 02 0001 78"},
      {StrictArray{}, "0a 00000000"},
      {Value::object({{"o", Value::object({{"a", false}})}}), "03 0001 6f 03 0001 61 01 00 000009 000009"},
  };
  for (const auto& [value, text] : table) {
    const auto& hex = text;  // clang 14 captures no structured bindings
    CAPTURE(hex);
    CHECK(encoded(value) == bytes_of(hex));
    CHECK(decoded(bytes_of(hex)) == value);
  }
}

TEST_CASE("a text of more than 65535 bytes is a long string") {
  const std::string text(70'000, 'x');
  const auto bytes = encoded(text);
  CHECK(bytes.size() == 5 + text.size());
  CHECK(bytes[0] == 12);
  CHECK(decoded(bytes) == Value(text));
  const std::string shorter(65'535, 'x');
  CHECK(encoded(shorter)[0] == 2);
}

TEST_CASE("forms that only others write are parsed") {
  CHECK(decoded(bytes_of("07 0003")) == Value(Null{}));                                        // a reference
  CHECK(decoded(bytes_of("0d")) == Value(Null{}));                                             // unsupported
  CHECK(decoded(bytes_of("0f 00000002 3c3e")) == Value("<>"));                                 // XML
  CHECK(decoded(bytes_of("10 0001 43 0001 61 05 000009")) == Value::object({{"a", Null{}}}));  // typed
  // An ECMA array whose count is wrong, and one without its end.
  CHECK(decoded(bytes_of("08 ffffffff 0001 61 05 000009")) == Value::ecma_array({{"a", Null{}}}));
  CHECK(decoded(bytes_of("08 00000001 0001 61 05")) == Value::ecma_array({{"a", Null{}}}));
  // An empty key with a value.
  CHECK(decoded(bytes_of("03 0000 05 000009")) == Value::object({{"", Null{}}}));
}

TEST_CASE("members are found by name") {
  Value value = Value::object({{"app", "live"}, {"n", 3.0}});
  CHECK(value.string_at("app") == "live");
  CHECK(value.number_at("n") == 3.0);
  CHECK(value.string_at("n").empty());
  CHECK_FALSE(value.number_at("app"));
  CHECK(value.find("none") == nullptr);
  CHECK(Value(1.0).find("app") == nullptr);
  value.set("n", "text");
  value.set("new", true);
  CHECK(value == Value::object({{"app", "live"}, {"n", "text"}, {"new", true}}));
  Value number = 1.0;
  number.set("a", 2.0);
  CHECK(number == Value(1.0));
}

TEST_CASE("64 levels are read, 70 are refused") {
  const auto allowed = nested(64);
  CHECK(decoded(allowed).as_object());
  const auto deep = nested(70), abyss = nested(1'000'000);
  for (const auto* bytes : {&deep, &abyss}) {
    ByteReader reader(*bytes);
    const auto value = decode(reader);
    REQUIRE_FALSE(value);
    CHECK(value.error().code == Errc::invalid_data);
  }
}

TEST_CASE("counts and sizes that are only claimed are errors") {
  for (const char* hex : {"0a ffffffff", "0a ffffffff 05", "0c ffffffff 61", "02 ffff 61", "03 ffff 61",
                          "00 3ff0", "0b 00", "", "04", "0e", "12", "ff", "08 0000", "10 00", "01"}) {
    CAPTURE(hex);
    const auto bytes = bytes_of(hex);
    ByteReader reader(bytes);
    CHECK_FALSE(decode(reader));
  }
}

TEST_CASE("a value of many small values is refused") {
  std::vector<std::uint8_t> bytes = bytes_of("0a 00ffffff");
  bytes.resize(bytes.size() + 0xffffff, 5);
  ByteReader reader(bytes);
  const auto value = decode(reader);
  REQUIRE_FALSE(value);
  CHECK(value.error().code == Errc::too_large);
  CHECK(decode_all(Bytes(bytes).subspan(5)).size() == 100'000);
}

TEST_CASE("decode_all returns the values before a broken one") {
  const auto values = decode_all(bytes_of("02 0001 61 00 3ff0000000000000 02 ffff 61"));
  REQUIRE(values.size() == 2);
  CHECK(values[0] == Value("a"));
  CHECK(values[1] == Value(1.0));
  CHECK(encode_all({"a", 1.0}) == bytes_of("02 0001 61 00 3ff0000000000000"));
}

TEST_CASE("truncated and flipped bytes are read or refused, within bounds") {
  const auto bytes = encode_all(
      {"connect", 1.0,
       Value::object({{"app", "live"},
                      {"list", StrictArray{{1.0, Date{5}, Value::ecma_array({{"x", Undefined{}}})}}},
                      {"flag", true}})});
  for_each_truncation(bytes, [](const auto& cut) { CHECK(decode_all(cut).size() <= 3); });
  for_each_flipped_bit(bytes,
                       [](const auto& flipped) { CHECK(decode_all(flipped).size() <= flipped.size()); });
}

// Value: an AMF0 value (Adobe AMF0 specification), as RTMP commands and FLV script tags hold them.
//
// Objects keep the order of their keys. Decoding is bounded: 64 levels of nesting, 100000 values in all, and
// no allocation is sized by a claimed count; time and memory are in proportion to the bytes. AMF3 values
// inside (after marker 0x11) become the equivalent AMF0 values; what their references repeat is bounded for
// the whole message, not only per value.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/byte_reader.h"
#include "core/byte_writer.h"
#include "core/result.h"

namespace srs::amf {

class Value;
using Member = std::pair<std::string, Value>;

struct Null {
  bool operator==(const Null&) const = default;
};
struct Undefined {
  bool operator==(const Undefined&) const = default;
};
struct Object {
  std::vector<Member> members;
  bool is_ecma_array = false;
  bool operator==(const Object&) const;
};
struct StrictArray {
  std::vector<Value> values;
  bool operator==(const StrictArray&) const;
};
struct Date {
  double utc_ms = 0;
  bool operator==(const Date&) const = default;
};

class Value {
 public:
  Value() : state_(Null{}) {}
  Value(double number) : state_(number) {}
  Value(int number) : state_(static_cast<double>(number)) {}
  Value(bool boolean) : state_(boolean) {}
  Value(std::string text) : state_(std::move(text)) {}
  Value(std::string_view text) : state_(std::string(text)) {}
  Value(const char* text) : state_(std::string(text)) {}
  Value(Null null) : state_(null) {}
  Value(Undefined undefined) : state_(undefined) {}
  Value(Date date) : state_(date) {}
  Value(Object object) : state_(std::move(object)) {}
  Value(StrictArray array) : state_(std::move(array)) {}
  // Not in the class: each file that includes this would compile them once more.
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  static Value object(std::initializer_list<Member> members);
  static Value ecma_array(std::initializer_list<Member> members);

  std::optional<double> as_number() const;
  std::optional<bool> as_boolean() const;
  const std::string* as_string() const { return std::get_if<std::string>(&state_); }
  // Objects and ECMA arrays alike.
  const Object* as_object() const { return std::get_if<Object>(&state_); }
  Object* as_object() { return std::get_if<Object>(&state_); }
  const StrictArray* as_array() const { return std::get_if<StrictArray>(&state_); }
  const Date* as_date() const { return std::get_if<Date>(&state_); }
  bool is_null() const {
    return std::holds_alternative<Null>(state_) || std::holds_alternative<Undefined>(state_);
  }

  // A member of an object; null if this is not an object or has no such member.
  const Value* find(std::string_view key) const;
  // The member as text or number; empty if it is missing or has another type.
  std::string_view string_at(std::string_view key) const;
  std::optional<double> number_at(std::string_view key) const;
  // Replaces or adds a member; only on objects.
  void set(std::string_view key, Value value);

  bool operator==(const Value&) const;

 private:
  friend void encode(const Value& value, ByteWriter& to);
  std::variant<Null, Undefined, double, bool, std::string, Object, StrictArray, Date> state_;
};

// What a message may hold, all its values together.
struct Limits {
  std::size_t max_values = 100'000;
  std::size_t max_repeated_bytes = 1u << 20;  // of strings that AMF3 references repeat
};

// Parses one value at the front of `from`.
Result<Value> decode(ByteReader& from);
// All values up to the end, or up to a broken one: those before it are still meant.
std::vector<Value> decode_all(Bytes bytes);
// The same, but an error (too_large) if they exceed the limits.
Result<std::vector<Value>> decode_all(Bytes bytes, const Limits& limits);

// Always well formed: a key is cut to 65535 bytes.
void encode(const Value& value, ByteWriter& to);
std::vector<std::uint8_t> encode_all(std::initializer_list<Value> values);

}  // namespace srs::amf

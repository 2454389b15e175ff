#include "amf/value.h"

#include <bit>

#include "amf/amf3.h"

namespace srs::amf {
namespace {

// Adobe AMF0 specification, section 2.1.
enum Marker : std::uint8_t {
  number_marker = 0,
  boolean_marker = 1,
  string_marker = 2,
  object_marker = 3,
  null_marker = 5,
  undefined_marker = 6,
  reference_marker = 7,
  ecma_array_marker = 8,
  object_end_marker = 9,
  strict_array_marker = 10,
  date_marker = 11,
  long_string_marker = 12,
  unsupported_marker = 13,
  xml_marker = 15,
  typed_object_marker = 16,
  amf3_marker = 17,  // "AVM+": one AMF3 value follows
};

constexpr int max_depth = 64;

Error invalid(const char* what) {
  return {Errc::invalid_data, std::string("AMF0: ") + what};
}

// Parses values at the front of `from`. The peer chooses their number and depth, so both are bounded: a value
// of one byte on the wire takes forty in memory.
class Decoder {
 public:
  explicit Decoder(ByteReader& from, const Limits& limits = Limits()) : from_(from), left_(limits) {}

  Result<Value> value(int depth = 0) {
    if (depth > max_depth) return invalid("nested too deeply");
    if (left_.max_values == 0) return Error{Errc::too_large, "AMF0: too many values"};
    --left_.max_values;
    if (from_.remaining() == 0) return invalid("a value breaks off");
    auto value = parse_value(from_.u8(), depth);
    if (value && from_.failed()) return invalid("a value breaks off");
    return value;
  }

 private:
  std::string text(std::size_t size) {
    const Bytes text = from_.bytes(size);
    return std::string(text.begin(), text.end());
  }

  double number() { return std::bit_cast<double>(from_.u64()); }

  Result<Value> parse_value(std::uint8_t marker, int depth) {
    switch (marker) {
      case number_marker:
        return Value(number());
      case boolean_marker:
        return Value(from_.u8() != 0);
      case string_marker:
        return Value(text(from_.u16()));
      case xml_marker:
      case long_string_marker:
        return Value(text(from_.u32()));
      case typed_object_marker:
        from_.skip(from_.u16());
        [[fallthrough]];
      case object_marker:
        return members(depth, false);
      case ecma_array_marker:
        from_.skip(4);
        return members(depth, true);
      case strict_array_marker:
        return array(depth);
      case undefined_marker:
        return Value(Undefined{});
      case reference_marker:
        from_.skip(2);
        return Value(Null{});
      case null_marker:
      case unsupported_marker:
        return Value(Null{});
      case date_marker: {
        const double utc_ms = number();
        from_.skip(2);  // a time zone; nobody uses it
        return Value(Date{utc_ms});
      }
      case amf3_marker: {
        return decode_amf3(from_, max_depth - depth, left_);
      }
      default:
        return invalid("an unknown type");
    }
  }

  // Members up to the end marker, which FFmpeg and others omit at the end of a message.
  Result<Value> members(int depth, bool is_ecma_array) {
    Object object;
    object.is_ecma_array = is_ecma_array;
    while (from_.remaining() > 0) {
      std::string key = text(from_.u16());
      if (from_.failed()) return invalid("an object breaks off");
      if (key.empty()) {
        ByteReader ahead = from_;
        if (ahead.u8() == object_end_marker) {
          from_ = ahead;
          break;
        }
      }
      auto held = value(depth + 1);
      if (!held) return held;
      object.members.emplace_back(std::move(key), *std::move(held));
    }
    return Value(std::move(object));
  }

  Result<Value> array(int depth) {
    StrictArray array;
    for (std::uint32_t left = from_.u32(); left > 0; --left) {
      auto held = value(depth + 1);
      if (!held) return held;
      array.values.push_back(*std::move(held));
    }
    return Value(std::move(array));
  }

  ByteReader& from_;
  Limits left_;
};

// A key has a 16-bit size; AMF3, where it may come from, allows longer ones.
void encode_key(std::string_view key, ByteWriter& to) {
  key = key.substr(0, 0xffff);
  to.u16(key.size());
  to.text(key);
}

struct Encoder {
  ByteWriter& to;

  void operator()(Null) { to.u8(null_marker); }
  void operator()(Undefined) { to.u8(undefined_marker); }
  void operator()(double number) {
    to.u8(number_marker);
    to.u64(std::bit_cast<std::uint64_t>(number));
  }
  void operator()(bool boolean) {
    to.u8(boolean_marker);
    to.u8(boolean);
  }
  void operator()(const std::string& text) {
    const bool is_long = text.size() > 0xffff;
    to.u8(is_long ? long_string_marker : string_marker);
    is_long ? to.u32(text.size()) : to.u16(text.size());
    to.text(text);
  }
  void operator()(const Object& object) {
    to.u8(object.is_ecma_array ? ecma_array_marker : object_marker);
    if (object.is_ecma_array) to.u32(object.members.size());
    for (const auto& [key, value] : object.members) {
      encode_key(key, to);
      encode(value, to);
    }
    encode_key("", to);
    to.u8(object_end_marker);
  }
  void operator()(const StrictArray& array) {
    to.u8(strict_array_marker);
    to.u32(array.values.size());
    for (const Value& value : array.values) encode(value, to);
  }
  void operator()(Date date) {
    to.u8(date_marker);
    to.u64(std::bit_cast<std::uint64_t>(date.utc_ms));
    to.u16(0);
  }
};

}  // namespace

Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;
bool Value::operator==(const Value&) const = default;

bool Object::operator==(const Object& other) const {
  return members == other.members && is_ecma_array == other.is_ecma_array;
}

bool StrictArray::operator==(const StrictArray& other) const {
  return values == other.values;
}

Value Value::object(std::initializer_list<Member> members) {
  return Object{members, false};
}
Value Value::ecma_array(std::initializer_list<Member> members) {
  return Object{members, true};
}

std::optional<double> Value::as_number() const {
  const double* number = std::get_if<double>(&state_);
  return number ? std::optional(*number) : std::nullopt;
}

std::optional<bool> Value::as_boolean() const {
  const bool* boolean = std::get_if<bool>(&state_);
  return boolean ? std::optional(*boolean) : std::nullopt;
}

const Value* Value::find(std::string_view key) const {
  const Object* object = as_object();
  if (!object) return nullptr;
  for (const auto& [name, value] : object->members)
    if (name == key) return &value;
  return nullptr;
}

std::string_view Value::string_at(std::string_view key) const {
  const Value* value = find(key);
  const std::string* text = value ? value->as_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

std::optional<double> Value::number_at(std::string_view key) const {
  const Value* value = find(key);
  return value ? value->as_number() : std::nullopt;
}

void Value::set(std::string_view key, Value value) {
  Object* object = as_object();
  if (!object) return;
  for (auto& [name, held] : object->members) {
    if (name != key) continue;
    held = std::move(value);
    return;
  }
  object->members.emplace_back(std::string(key), std::move(value));
}

Result<Value> decode(ByteReader& from) {
  return Decoder(from).value();
}

std::vector<Value> decode_all(Bytes bytes) {
  std::vector<Value> values;
  ByteReader reader(bytes);
  Decoder decoder(reader);
  while (reader.remaining() > 0) {
    auto value = decoder.value();
    if (!value) break;
    values.push_back(*std::move(value));
  }
  return values;
}

Result<std::vector<Value>> decode_all(Bytes bytes, const Limits& limits) {
  std::vector<Value> values;
  ByteReader reader(bytes);
  Decoder decoder(reader, limits);
  while (reader.remaining() > 0) {
    auto value = decoder.value();
    if (!value && value.error().code == Errc::too_large) return std::move(value).error();
    if (!value) break;
    values.push_back(*std::move(value));
  }
  return values;
}

void encode(const Value& value, ByteWriter& to) {
  std::visit(Encoder{to}, value.state_);
}

std::vector<std::uint8_t> encode_all(std::initializer_list<Value> values) {
  ByteWriter writer;
  for (const Value& value : values) encode(value, writer);
  return writer.release();
}

}  // namespace srs::amf

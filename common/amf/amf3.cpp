#include "amf/amf3.h"

#include <bit>
#include <memory>

namespace srs::amf {
namespace {

// Adobe AMF3 specification, section 3.1.
enum Marker : std::uint8_t {
  undefined_marker = 0,
  null_marker = 1,
  false_marker = 2,
  true_marker = 3,
  integer_marker = 4,
  double_marker = 5,
  string_marker = 6,
  xml_document_marker = 7,
  date_marker = 8,
  array_marker = 9,
  object_marker = 10,
  xml_marker = 11,
  byte_array_marker = 12,
};

Error invalid(const char* what) {
  return {Errc::invalid_data, std::string("AMF3: ") + what};
}

// The traits of a class; later objects may reference them.
struct Traits {
  std::vector<std::string> names;
  bool dynamic = false;
};

class Decoder {
 public:
  Decoder(ByteReader& from, int max_depth, Limits& left) : from_(from), max_depth_(max_depth), left_(left) {}

  Result<Value> value(int depth) {
    if (depth > max_depth_) return invalid("nested too deeply");
    if (!count_value()) return Error{Errc::too_large, "AMF3: too many values"};
    auto value = parse_value(from_.u8(), depth);
    if (repeats_too_much_) return Error{Errc::too_large, "AMF3: references repeat too much"};
    if (value && from_.failed()) return invalid("a value breaks off");
    return value;
  }

 private:
  bool count_value() {
    if (left_.max_values == 0) return false;
    --left_.max_values;
    return true;
  }

  Result<Value> parse_value(std::uint8_t marker, int depth) {
    switch (marker) {
      case undefined_marker:
        return Value(Undefined{});
      case null_marker:
        return Value(Null{});
      case false_marker:
        return Value(false);
      case true_marker:
        return Value(true);
      case integer_marker:
        return Value(static_cast<double>(static_cast<std::int32_t>(u29() << 3) >> 3));
      case double_marker:
        return Value(std::bit_cast<double>(from_.u64()));
      case string_marker:
        return Value(text());
      case date_marker:
        return (u29() & 1) ? Value(Date{std::bit_cast<double>(from_.u64())}) : Value(Null{});
      case array_marker:
        return array(depth);
      case object_marker:
        return object(depth);
      case xml_document_marker:
      case xml_marker:
      case byte_array_marker:
        if (const std::uint32_t head = u29(); head & 1) from_.skip(head >> 1);
        return Value(Null{});
      default:
        return invalid("an unknown type");
    }
  }

  // 29 bits in one to four bytes, section 1.3.1.
  std::uint32_t u29() {
    std::uint32_t value = 0;
    for (int i = 0; i < 3; ++i) {
      const std::uint8_t byte = from_.u8();
      value = value << 7 | (byte & 0x7f);
      if (!(byte & 0x80)) return value;
    }
    return value << 8 | from_.u8();
  }

  std::string text() {
    const std::uint32_t head = u29();
    if (!(head & 1)) return head >> 1 < texts_.size() ? repeated(texts_[head >> 1]) : std::string();
    const Bytes bytes = from_.bytes(head >> 1);
    std::string text(bytes.begin(), bytes.end());
    if (!text.empty()) texts_.push_back(text);
    return text;
  }

  std::string repeated(const std::string& text) {
    if (text.size() > left_.max_repeated_bytes) {
      repeats_too_much_ = true;
      from_.fail();
      return {};
    }
    left_.max_repeated_bytes -= text.size();
    return text;
  }

  // Names and values up to the empty name.
  Result<void> parse_members(Object& object, int depth) {
    for (;;) {
      std::string name = text();
      if (from_.failed()) return invalid("an object breaks off");
      if (name.empty()) return {};
      auto held = value(depth + 1);
      if (!held) return std::move(held).error();
      object.members.emplace_back(std::move(name), *std::move(held));
    }
  }

  Result<Value> array(int depth) {
    const std::uint32_t head = u29();
    if (!(head & 1)) return Value(Null{});
    Object named{{}, true};
    if (auto read = parse_members(named, depth); !read) return std::move(read).error();
    StrictArray dense;
    for (std::uint32_t left = head >> 1; left > 0; --left) {
      auto held = value(depth + 1);
      if (!held) return held;
      dense.values.push_back(*std::move(held));
    }
    if (named.members.empty()) return Value(std::move(dense));
    for (std::size_t i = 0; i < dense.values.size(); ++i)
      named.members.emplace_back(std::to_string(i), std::move(dense.values[i]));
    return Value(std::move(named));
  }

  // Section 3.12. The format of an externalizable class is known to that class only.
  Result<std::shared_ptr<const Traits>> traits(std::uint32_t head) {
    if ((head & 3) == 1) {
      if (head >> 2 >= traits_.size()) return invalid("a class that was never described");
      return traits_[head >> 2];
    }
    if ((head & 7) == 7) return Error{Errc::unsupported, "AMF3: an externalizable object"};
    auto traits = std::make_shared<Traits>();
    traits->dynamic = head & 8;
    text();  // the class's name
    for (std::uint32_t left = head >> 4; left > 0; --left) {
      if (from_.remaining() == 0 || !count_value()) return invalid("a class description breaks off");
      traits->names.push_back(text());
    }
    traits_.push_back(traits);
    return traits_.back();
  }

  Result<Value> object(int depth) {
    const std::uint32_t head = u29();
    if (!(head & 1)) return Value(Null{});
    auto found = traits(head);
    if (!found) return std::move(found).error();
    const auto known = *found;
    Object object;
    for (const std::string& name : known->names) {
      auto held = value(depth + 1);
      if (!held) return held;
      object.members.emplace_back(repeated(name), *std::move(held));
    }
    if (known->dynamic)
      if (auto read = parse_members(object, depth); !read) return std::move(read).error();
    return Value(std::move(object));
  }

  ByteReader& from_;
  int max_depth_;
  Limits& left_;
  std::vector<std::string> texts_;
  bool repeats_too_much_ = false;
  std::vector<std::shared_ptr<const Traits>> traits_;
};

}  // namespace

Result<Value> decode_amf3(ByteReader& from, int max_depth, Limits& limits) {
  return Decoder(from, max_depth, limits).value(0);
}

}  // namespace srs::amf

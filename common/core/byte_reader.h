// ByteReader reads borrowed bytes, big-endian, and never past their end.
//
// A read beyond the end returns zero (or an empty span) and sets failed(), which stays set: a parser reads a
// whole structure straight down and checks once at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace srs {

using Bytes = std::span<const std::uint8_t>;

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int32_t s24() { return static_cast<std::int32_t>(u24() << 8) >> 8; }

  Bytes bytes(std::size_t size) {
    if (size > remaining()) return fail(), Bytes{};
    const Bytes bytes = bytes_.subspan(position_, size);
    position_ += size;
    return bytes;
  }
  Bytes rest() { return bytes(remaining()); }
  void skip(std::size_t size) { bytes(size); }

  std::size_t remaining() const { return bytes_.size() - position_; }
  std::size_t position() const { return position_; }
  bool failed() const { return failed_; }
  void fail() {
    failed_ = true;
    position_ = bytes_.size();
  }

 private:
  std::uint64_t number(std::size_t size) {
    if (size > remaining()) return fail(), 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes_[position_ + i];
    position_ += size;
    return value;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace srs

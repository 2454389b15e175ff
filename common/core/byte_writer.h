// ByteWriter appends big-endian numbers and bytes to a growing buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "core/byte_reader.h"

namespace srs {

class ByteWriter {
 public:
  void u8(std::uint64_t value) { number(value, 1); }
  void u16(std::uint64_t value) { number(value, 2); }
  void u24(std::uint64_t value) { number(value, 3); }
  void u32(std::uint64_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void bytes(Bytes bytes) { append(bytes.data(), bytes.size()); }
  void text(std::string_view text) { append(text.data(), text.size()); }

  std::size_t size() const { return buffer_.size(); }
  Bytes view() const { return buffer_; }
  // For filling in a size once it is known.
  std::uint8_t* at(std::size_t position) { return buffer_.data() + position; }
  std::vector<std::uint8_t> release() { return std::exchange(buffer_, {}); }
  void clear() { buffer_.clear(); }

 private:
  void append(const void* from, std::size_t size) {
    if (size == 0) return;
    const std::size_t at = buffer_.size();
    buffer_.resize(at + size);
    std::memcpy(buffer_.data() + at, from, size);
  }

  void number(std::uint64_t value, std::size_t size) {
    const std::size_t at = buffer_.size();
    buffer_.resize(at + size);
    for (std::size_t i = size; i-- > 0; value >>= 8) buffer_[at + i] = static_cast<std::uint8_t>(value);
  }

  std::vector<std::uint8_t> buffer_;
};

// Big-endian stores into prepared memory, for headers of a fixed size.
inline void store_u24(std::uint8_t* to, std::uint32_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 16);
  to[1] = static_cast<std::uint8_t>(value >> 8);
  to[2] = static_cast<std::uint8_t>(value);
}
inline void store_u32(std::uint8_t* to, std::uint32_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 24);
  store_u24(to + 1, value);
}

}  // namespace srs

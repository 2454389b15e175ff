// BoundedWriter writes big-endian numbers and bytes into borrowed memory of a fixed size, and never past
// its end.
//
// A write that does not fit is skipped, as is everything after it, and failed() becomes true. So an encoder
// writes a whole structure straight down and returns size(); nobody computes a size beforehand, which could
// differ from what is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/byte_reader.h"

namespace srs {

class BoundedWriter {
 public:
  explicit BoundedWriter(std::span<std::uint8_t> room) : room_(room) {}

  void u8(std::uint64_t value) { number<1>(value); }
  void u16(std::uint64_t value) { number<2>(value); }
  void u24(std::uint64_t value) { number<3>(value); }
  void u32(std::uint64_t value) { number<4>(value); }
  void u32_little_endian(std::uint32_t value) {
    for (int i = 0; i < 4; ++i) u8(value >> (8 * i) & 0xff);
  }
  void bytes(Bytes bytes) {
    std::uint8_t* to = reserve(bytes.size());
    if (to != nullptr && !bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  }
  // Reserves bytes for the caller to fill; null, and failed(), if fewer are left.
  std::uint8_t* reserve(std::size_t size) {
    if (failed_ || size > left()) return fail(), nullptr;
    std::uint8_t* to = room_.data() + size_;
    size_ += size;
    return to;
  }

  // Bytes written so far; all of them, unless failed().
  std::size_t size() const { return size_; }
  std::size_t left() const { return room_.size() - size_; }
  bool failed() const { return failed_; }
  void fail() { failed_ = true; }

 private:
  template <std::size_t size>
  void number(std::uint64_t value) {
    std::uint8_t* to = reserve(size);
    if (to == nullptr) return;
    for (std::size_t i = size; i-- > 0; value >>= 8) to[i] = static_cast<std::uint8_t>(value);
  }

  std::span<std::uint8_t> room_;
  std::size_t size_ = 0;
  bool failed_ = false;
};

}  // namespace srs

// BitReader walks over borrowed bytes bit by bit, most significant first, and never past their end.
//
// Like ByteReader it fails softly: a read beyond the end returns zero and sets failed(), which
// stays set. Loops whose count was read must be bounded by a constant or end on failed().
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/byte_reader.h"

namespace srs::codec {

class BitReader {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}

  bool flag() { return bits(1) != 0; }

  // count: 0 to 32.
  std::uint32_t bits(unsigned count) {
    if (count > remaining()) return fail(), 0;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++position_) {
      const std::uint32_t bit = bytes_[position_ / 8] >> (7 - position_ % 8) & 1u;
      value = value << 1 | bit;
    }
    return value;
  }

  void skip(std::size_t count) {
    if (count > remaining()) return fail();
    position_ += count;
  }

  // Exp-Golomb codes, ISO 14496-10 9.1: ue(v) up to 2^32 - 2, and se(v).
  std::uint32_t ue() {
    unsigned zeros = 0;
    while (!failed_ && !flag()) ++zeros;
    if (failed_ || zeros > 31) return fail(), 0;
    return ((1u << zeros) - 1) + bits(zeros);
  }
  std::int32_t se() {
    const std::uint32_t code = ue();
    const auto magnitude = static_cast<std::int32_t>(code / 2 + code % 2);
    return code % 2 ? magnitude : -magnitude;
  }

  std::size_t remaining() const { return bytes_.size() * 8 - position_; }
  std::size_t position() const { return position_; }  // in bits
  bool failed() const { return failed_; }
  void fail() {
    failed_ = true;
    position_ = bytes_.size() * 8;
  }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace srs::codec

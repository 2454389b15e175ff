// Choices: the bytes of an input as decisions, for targets that run a sequence of steps. Past the end every
// number is 0 and more() is false. PieceSizes: where an input is split.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/byte_reader.h"
#include "core/slice.h"

namespace srs::fuzz {

class Choices {
 public:
  explicit Choices(Bytes bytes) : reader_(bytes) {}

  bool more() const { return reader_.remaining() > 0; }
  std::uint8_t u8() { return reader_.u8(); }
  std::uint16_t u16() { return reader_.u16(); }
  std::uint32_t u32() { return reader_.u32(); }
  bool flag() { return (u8() & 1) != 0; }
  // 0 to bound - 1.
  std::size_t below(std::size_t bound) { return u8() % bound; }
  // Bytes, preceded by their count in one byte; fewer at the end of the input.
  Bytes some() { return read(u8()); }
  // The same with a count of two bytes.
  Bytes many() { return read(u16()); }
  std::string text() {
    const Bytes bytes = some();
    return {bytes.begin(), bytes.end()};
  }
  Bytes rest() { return reader_.rest(); }

  // A step in time: usually that of a picture or two, sometimes to where timestamps wrap, or back.
  std::int64_t time_step_ms() {
    static constexpr std::int64_t leaps[] = {
        0,         -1,      -40,          1'000,     5'000,      40'000,     -40'000, (1 << 24), -(1 << 24),
        1ll << 31, 1 << 30, -(1ll << 31), 1ll << 32, 95'443'718, 90'000'000, 100'000, 65'536};
    const std::uint8_t choice = u8();
    if (choice < 128) return choice;
    return leaps[choice % std::size(leaps)];
  }

 private:
  Bytes read(std::size_t size) { return reader_.bytes(std::min(size, reader_.remaining())); }

  ByteReader reader_;
};

// The sizes of the pieces that an input is split into: all equal, or the input's last bytes, from the end on
// (0: 256), so that a search can choose where to split.
class PieceSizes {
 public:
  explicit PieceSizes(std::size_t all) : all_(all) {}
  static PieceSizes said_by(Bytes input) {
    PieceSizes sizes(256);
    sizes.said_ = input;
    return sizes;
  }

  std::size_t next() {
    if (said_.empty()) return all_;
    const std::size_t size = said_.back();
    said_ = said_.first(said_.size() - 1);
    return size == 0 ? all_ : size;
  }

 private:
  std::size_t all_;
  Bytes said_;
};

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline bool same(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace srs::fuzz

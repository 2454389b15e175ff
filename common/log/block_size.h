// How large the next block of a log is.
#pragma once

#include <algorithm>
#include <cstddef>

namespace srs::log {

inline constexpr std::size_t smallest_block_size = 16 * 1024;

// The tail frees whole blocks, so what is kept in vain is up to one of them: a block has an eighth of what is
// kept, so that small streams need little, and large ones few pieces a send. There are few sizes: what one
// block leaves in the heap fits the next.
inline std::size_t block_size_for(std::size_t kept_bytes, std::size_t largest) {
  const std::size_t part = kept_bytes / 8 / smallest_block_size * smallest_block_size;
  return std::clamp(part, smallest_block_size, largest);
}

}  // namespace srs::log

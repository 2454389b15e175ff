// Slice: immutable bytes inside a block that all slices of it share.
//
// A payload is read once into a large block and then only pointed at: copying a Slice copies a pointer and a
// count. The block lives as long as its last slice, so a small slice that is kept for long (a sequence
// header) should be copied out of a large block first. Slices may be passed between threads; the bytes never
// change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "core/byte_reader.h"

namespace srs {

using Block = std::shared_ptr<std::uint8_t[]>;

inline Block make_block(std::size_t size_bytes) {
  return std::make_shared_for_overwrite<std::uint8_t[]>(size_bytes);
}

class Slice {
 public:
  Slice() = default;
  Slice(Block block, Bytes bytes) : block_(std::move(block)), bytes_(bytes) {}

  static Slice copy_of(Bytes bytes) {
    Block block = make_block(bytes.size());
    if (!bytes.empty()) std::memcpy(block.get(), bytes.data(), bytes.size());
    const Bytes copied(block.get(), bytes.size());
    return {std::move(block), copied};
  }

  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  Bytes bytes() const { return bytes_; }
  const Block& block() const { return block_; }

  // offset + size must lie within the slice.
  Slice sub(std::size_t offset, std::size_t size) const { return {block_, bytes_.subspan(offset, size)}; }

 private:
  Block block_;
  Bytes bytes_;
};

}  // namespace srs

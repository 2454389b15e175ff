// Reader takes FLV bytes in and gives tags out, in place and without input or output of its own.
//
// The caller reads into prepare() and tells commit() how much came; next() then yields the
// tags that are whole. Payloads point into the blocks that were read into, so a large read costs
// one system call and no copy. Only the unfinished tag at a block's end is moved, to the front of
// the next block. Blocks have 256 KiB, of which the processor's cache still has most when the
// payloads are looked at.
//
// A size in a tag header sizes no allocation: a block grows as the bytes of its tag arrive.
// PreviousTagSize is ignored, since real writers get it wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/result.h"
#include "core/slice.h"
#include "flv/tag.h"

namespace srs::flv {

struct FileHeader {
  bool has_audio = false;
  bool has_video = false;
};

class Reader {
 public:
  static constexpr std::size_t block_size = 1 << 18;

  // Room for the next read: at least min_room bytes.
  std::span<std::uint8_t> prepare();
  // size bytes of prepare() are filled now.
  void commit(std::size_t size);
  // prepare, copy and commit, for bytes that already lie elsewhere.
  void append(Bytes bytes);

  // The next whole tag; none when more bytes are needed. An error is final and names the
  // byte offset in the input.
  Result<std::optional<Tag>> next();

  // The file header, once it was read (before the first tag).
  const std::optional<FileHeader>& file_header() const { return file_header_; }
  // Bytes of the tags (and the header) given out so far.
  std::uint64_t offset() const { return offset_; }
  // Bytes that wait for the rest of their tag: at the end of input, a truncated tag.
  std::size_t pending() const { return filled_ - parsed_; }

 private:
  static constexpr std::size_t min_room = 64 * 1024;

  Result<bool> read_file_header();
  Result<std::optional<Tag>> read_tag();
  Error corrupt(const char* what) const;
  void start_block(std::size_t wanted);

  Block block_;
  std::size_t capacity_ = 0;
  std::size_t parsed_ = 0;  // in block_: before it, tags that were given out
  std::size_t filled_ = 0;  // in block_: bytes that were read
  std::size_t needed_ = 0;  // bytes that the unfinished tag needs in all, as far as known
  std::uint64_t offset_ = 0;
  std::optional<FileHeader> file_header_;
};

}  // namespace srs::flv

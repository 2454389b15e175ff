// Reader parses FLV bytes into tags, in place and without I/O of its own.
//
// The caller reads into prepare() and passes to commit() how much was read; next() then returns the complete
// tags. Payloads point into the blocks, so a large read costs one system call and no copy. Only the
// incomplete tag at a block's end is moved, to the front of the next block. Blocks have 256 KiB, so that most
// of one is still in the processor's cache when its payloads are processed.
//
// The size in a tag header never sizes an allocation: a block grows as the bytes of its tag arrive.
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

  // Space for the next read: at least min_room bytes.
  std::span<std::uint8_t> prepare();
  // size bytes of prepare() have been filled.
  void commit(std::size_t size);
  // prepare(), copy and commit(), for bytes that are elsewhere in memory.
  void append(Bytes bytes);

  // The next complete tag; none when more bytes are needed. An error is final and names the byte offset in
  // the input.
  Result<std::optional<Tag>> next();

  // The file header, once it was parsed (before the first tag).
  const std::optional<FileHeader>& file_header() const { return file_header_; }
  // Bytes of the header and of the tags returned so far.
  std::uint64_t offset() const { return offset_; }
  // Bytes of an incomplete tag: at the end of input, of a truncated one.
  std::size_t pending() const { return filled_ - parsed_; }

 private:
  static constexpr std::size_t min_room = 64 * 1024;

  Result<bool> parse_file_header();
  Result<std::optional<Tag>> parse_tag();
  Error corrupt(const char* what) const;
  void start_block(std::size_t wanted);

  Block block_;
  std::size_t capacity_ = 0;
  std::size_t parsed_ = 0;  // in block_: before it, tags that were returned
  std::size_t filled_ = 0;  // in block_: bytes that were read
  std::size_t needed_ = 0;  // bytes of the whole incomplete tag, as far as known
  std::uint64_t offset_ = 0;
  std::optional<FileHeader> file_header_;
};

}  // namespace srs::flv

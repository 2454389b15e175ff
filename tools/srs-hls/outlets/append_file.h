// AppendFile: a file that grows by whole pieces: a partial write is cut off again. Existing bytes may be
// overwritten in place.
//
// It is locked while it is open, so that other processes see that it is in use. Blocks; one thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "core/slice.h"
#include "http/response.h"

namespace srs::hls {

class AppendFile {
 public:
  // file: an open regular file, for reading and writing. Its offset does not matter.
  AppendFile(http::File file, std::uint64_t size_bytes) : file_(std::move(file)), size_bytes_(size_bytes) {}

  // False: another process holds the lock.
  bool lock() const;
  // All of it or nothing; in one system call unless the disk fills up.
  Result<void> append(std::span<const Slice> pieces);
  // Up to size bytes from offset on; fewer at the end. Errors: io.
  Result<std::vector<std::uint8_t>> read(std::uint64_t offset, std::size_t size) const;
  // Replaces existing bytes. Errors: io; how much was written is then unknown.
  Result<void> overwrite(std::uint64_t offset, Bytes bytes);
  Result<void> truncate(std::uint64_t size_bytes);

  std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  http::File file_;
  std::uint64_t size_bytes_;
};

}  // namespace srs::hls

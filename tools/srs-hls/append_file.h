// AppendFile: a file that grows by whole pieces: what cannot be written whole is cut off again.
//
// It is locked as long as it is open, so that another process sees that somebody is at it. Blocks; one
// thread.
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
  // An open regular file, for reading and writing. Its offset does not matter.
  AppendFile(http::File file, std::uint64_t size_bytes) : file_(std::move(file)), size_bytes_(size_bytes) {}

  // False: somebody else has it.
  bool lock() const;
  // All of it or nothing; in one system call unless the disk fills up.
  Result<void> append(std::span<const Slice> pieces);
  // Up to size bytes from there on; fewer at the end. Errors: io.
  Result<std::vector<std::uint8_t>> read(std::uint64_t offset, std::size_t size) const;
  Result<void> truncate(std::uint64_t size_bytes);

  std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  http::File file_;
  std::uint64_t size_bytes_;
};

}  // namespace srs::hls

#include "srs-hls/outlets/append_file.h"

#include <limits.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace srs::hls {
namespace {

std::vector<iovec> parts_of(std::span<const Slice> pieces) {
  std::vector<iovec> parts;
  parts.reserve(pieces.size());
  for (const Slice& piece : pieces)
    if (!piece.empty()) parts.push_back({const_cast<std::uint8_t*>(piece.data()), piece.size()});
  return parts;
}

}  // namespace

bool AppendFile::lock() const {
  return ::flock(file_.descriptor(), LOCK_EX | LOCK_NB) == 0;
}

Result<void> AppendFile::append(std::span<const Slice> pieces) {
  std::vector<iovec> parts = parts_of(pieces);
  std::uint64_t end = size_bytes_;
  for (std::size_t first = 0; first < parts.size();) {
    const auto count = std::min<std::size_t>(parts.size() - first, IOV_MAX);
    const ssize_t written =
        ::pwritev(file_.descriptor(), &parts[first], static_cast<int>(count), static_cast<off_t>(end));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = written < 0 ? errno : ENOSPC;
      if (end > size_bytes_) (void)truncate(size_bytes_);
      return system_error("write", error);
    }
    end += static_cast<std::uint64_t>(written);
    auto left = static_cast<std::size_t>(written);
    while (first < parts.size() && left >= parts[first].iov_len) left -= parts[first++].iov_len;
    if (left == 0) continue;
    parts[first].iov_base = static_cast<std::uint8_t*>(parts[first].iov_base) + left;
    parts[first].iov_len -= left;
  }
  size_bytes_ = end;
  return {};
}

Result<std::vector<std::uint8_t>> AppendFile::read(std::uint64_t offset, std::size_t size) const {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(
      std::min<std::uint64_t>(size, offset < size_bytes_ ? size_bytes_ - offset : 0)));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::pread(file_.descriptor(), bytes.data() + have, bytes.size() - have,
                                static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

Result<void> AppendFile::overwrite(std::uint64_t offset, Bytes bytes) {
  if (bytes.size() > size_bytes_ || offset > size_bytes_ - bytes.size())
    return Error{Errc::io, "write: beyond the end"};
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(file_.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_error("write", written < 0 ? errno : ENOSPC);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> AppendFile::truncate(std::uint64_t size_bytes) {
  if (::ftruncate(file_.descriptor(), static_cast<off_t>(size_bytes)) < 0)
    return system_error("truncate", errno);
  size_bytes_ = size_bytes;
  return {};
}

}  // namespace srs::hls

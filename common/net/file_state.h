// FileState: what changes whenever a file is written or replaced. Whoever watches files compares them.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <vector>

namespace srs::net {

struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0;
  bool operator==(const FileState&) const = default;
};

// In the order of the names; all zero for a file that is not there.
std::vector<FileState> states_of(const std::vector<std::string>& files);

}  // namespace srs::net

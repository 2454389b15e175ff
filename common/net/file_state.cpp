#include "net/file_state.h"

namespace srs::net {

std::vector<FileState> states_of(const std::vector<std::string>& files) {
  std::vector<FileState> states;
  for (const std::string& file : files) {
    struct stat info {};
    FileState& state = states.emplace_back();
    if (::stat(file.c_str(), &info) != 0) continue;
    state = {info.st_dev, info.st_ino, info.st_size,
             std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
  }
  return states;
}

}  // namespace srs::net

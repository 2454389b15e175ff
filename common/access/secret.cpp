#include "access/secret.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "core/read_up_to.h"

namespace srs::access {
namespace {

constexpr std::string_view file_prefix = "file:", environment_prefix = "env:";
constexpr std::size_t max_secret_bytes = 64 * 1024;

Result<std::string> first_line_of(const std::string& path) {
  auto read = read_up_to(path, max_secret_bytes);
  if (!read) return system_error(path, errno);
  std::string text = *std::move(read);
  if (text.size() > max_secret_bytes) return Error{Errc::usage, path + ": larger than 64 KiB: not a secret"};
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) return Error{Errc::usage, path + ": its first line is empty"};
  return text;
}

}  // namespace

std::string_view file_of_secret(std::string_view value) {
  return value.starts_with(file_prefix) ? value.substr(file_prefix.size()) : std::string_view();
}

Result<std::string> read_secret(std::string_view value) {
  if (const auto path = file_of_secret(value); !path.empty()) return first_line_of(std::string(path));
  if (value.starts_with(environment_prefix)) {
    const std::string name(value.substr(environment_prefix.size()));
    const char* const found = std::getenv(name.c_str());
    if (found == nullptr || *found == '\0')
      return Error{Errc::usage, "the environment has no variable " + name};
    return std::string(found);
  }
  if (value.empty() || value == file_prefix) return Error{Errc::usage, "it is empty"};
  return std::string(value);
}

}  // namespace srs::access

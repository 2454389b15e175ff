#include "srs-hls/outlets/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

namespace srs::hls {
namespace {

using http::File;

enum class Missing { make, fail };

// Opens one path component as a directory, never through a link.
File open_component(int parent, const std::string& name, Missing missing) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  if (name.empty() || name == "." || name == "..") {
    errno = EINVAL;
    return File();
  }
  File found(::openat(parent, name.c_str(), flags));
  if (found || errno != ENOENT || missing == Missing::fail) return found;
  if (::mkdirat(parent, name.c_str(), 0777) < 0 && errno != EEXIST) return File();
  return File(::openat(parent, name.c_str(), flags));
}

// Opens an existing folder in one call; an invalid file: open it component by component.
File open_folder(int root, const std::string& relative) {
  const bool odd = relative.starts_with('.') || relative.ends_with('/');
  if (odd || relative.find("/.") != relative.npos || relative.find("//") != relative.npos) return File();
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return File(static_cast<int>(::syscall(SYS_openat2, root, relative.c_str(), &how, sizeof how)));
}

struct Place {
  File parent;
  std::string name;
};

// Finds the parent folder of a relative name; on an error parent is invalid and errno is set.
Place find_place(int root, std::string_view relative, Missing missing) {
  if (const auto slash = relative.rfind('/'); slash != relative.npos)
    if (File folder = open_folder(root, std::string(relative.substr(0, slash))))
      return {std::move(folder), std::string(relative.substr(slash + 1))};
  Place place{File(::fcntl(root, F_DUPFD_CLOEXEC, 0)), {}};
  for (auto slash = relative.find('/'); place.parent && slash != relative.npos; slash = relative.find('/')) {
    place.parent = open_component(place.parent.descriptor(), std::string(relative.substr(0, slash)), missing);
    relative.remove_prefix(slash + 1);
  }
  place.name = relative;
  return place;
}

bool write_all(int descriptor, std::span<const Slice> pieces) {
  for (const Slice& piece : pieces)
    for (Bytes left = piece.bytes(); !left.empty();) {
      const ssize_t size = ::write(descriptor, left.data(), left.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return false;
      left = left.subspan(static_cast<std::size_t>(size));
    }
  return true;
}

// Writes and renames; sets errno on failure.
bool replace(int parent, const std::string& name, std::span<const Slice> content, mode_t mode = 0666) {
  const std::string temporary = "." + name + ".tmp";
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int error = 0;
  {
    File file(::openat(parent, temporary.c_str(), flags, mode));
    if (!file && errno == EEXIST) {  // left by a killed run, or a link
      ::unlinkat(parent, temporary.c_str(), 0);
      file = File(::openat(parent, temporary.c_str(), flags, mode));
    }
    if (!file) return false;
    if (!write_all(file.descriptor(), content)) error = errno;
  }
  if (error == 0 && ::renameat(parent, temporary.c_str(), parent, name.c_str()) < 0) error = errno;
  if (error == 0) return true;
  ::unlinkat(parent, temporary.c_str(), 0);
  errno = error;
  return false;
}

}  // namespace

Result<Directory> Directory::open(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);  // the open below reports the error
  File root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root)
    return system_error(fmt::format("cannot open the directory {}", path), error ? error.value() : errno);
  return Directory(path, std::move(root));
}

Result<void> Directory::write(const std::string& name, Bytes content) const {
  const Slice piece(nullptr, content);
  return write(name, std::span(&piece, 1));
}

Result<void> Directory::write(const std::string& name, std::span<const Slice> content) const {
  const Place place = find_place(root_.descriptor(), name, Missing::make);
  if (place.parent && replace(place.parent.descriptor(), place.name, content)) return {};
  return system_error(fmt::format("cannot write {}/{}", path_, name), errno);
}

Result<void> Directory::write_secret(const std::string& name, Bytes content) const {
  const Slice piece(nullptr, content);
  const Place place = find_place(root_.descriptor(), name, Missing::make);
  if (place.parent && replace(place.parent.descriptor(), place.name, std::span(&piece, 1), 0600)) return {};
  return system_error(fmt::format("cannot write {}/{}", path_, name), errno);
}

Result<std::string> Directory::read(const std::string& name, std::size_t max_size) const {
  const auto failed = [&](int error) {
    return system_error(fmt::format("cannot read {}/{}", path_, name), error);
  };
  const Place place = find_place(root_.descriptor(), name, Missing::fail);
  if (!place.parent) return failed(errno);
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const File file(::openat(place.parent.descriptor(), place.name.c_str(), flags));
  if (!file) return failed(errno);
  std::string content;
  char part[16 * 1024];
  for (;;) {
    const ssize_t size = ::read(file.descriptor(), part, sizeof part);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed(errno);
    if (size == 0) return content;
    content.append(part, static_cast<std::size_t>(size));
    if (content.size() > max_size) return failed(EFBIG);
  }
}

Result<std::optional<AppendFile>> Directory::create(const std::string& name) const {
  const Place place = find_place(root_.descriptor(), name, Missing::make);
  constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  File file(place.parent ? ::openat(place.parent.descriptor(), place.name.c_str(), flags, 0666) : -1);
  if (!file && place.parent && errno == EEXIST) return std::optional<AppendFile>();
  if (!file) return system_error(fmt::format("cannot write {}/{}", path_, name), errno);
  AppendFile made(std::move(file), 0);
  made.lock();
  return std::optional(std::move(made));
}

Result<AppendFile> Directory::reopen(const std::string& name) const {
  const Place place = find_place(root_.descriptor(), name, Missing::fail);
  constexpr int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  File file(place.parent ? ::openat(place.parent.descriptor(), place.name.c_str(), flags) : -1);
  struct stat info {};
  if (!file || ::fstat(file.descriptor(), &info) < 0)
    return system_error(fmt::format("cannot open {}/{}", path_, name), errno);
  if (!S_ISREG(info.st_mode))
    return Error{Errc::unsupported, fmt::format("cannot open {}/{}: it is no file", path_, name)};
  return AppendFile(std::move(file), static_cast<std::uint64_t>(info.st_size));
}

bool Directory::has(const std::string& name) const {
  const Place place = find_place(root_.descriptor(), name, Missing::fail);
  struct stat info {};
  return place.parent &&
         ::fstatat(place.parent.descriptor(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

std::optional<struct stat> Directory::status(const std::string& name) const {
  const Place place = find_place(root_.descriptor(), name, Missing::fail);
  struct stat info {};
  if (!place.parent ||
      ::fstatat(place.parent.descriptor(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0)
    return {};
  if (!S_ISREG(info.st_mode)) return {};
  return info;
}

std::size_t Directory::size_of(const std::string& name) const {
  const auto info = status(name);
  return info ? static_cast<std::size_t>(info->st_size) : 0;
}

std::optional<std::chrono::system_clock::time_point> Directory::modified(const std::string& name) const {
  const auto info = status(name);
  if (!info) return {};
  return std::chrono::system_clock::from_time_t(info->st_mtim.tv_sec) +
         std::chrono::nanoseconds(info->st_mtim.tv_nsec);
}

void Directory::remove(const std::string& name) const {
  const Place place = find_place(root_.descriptor(), name, Missing::fail);
  if (place.parent) ::unlinkat(place.parent.descriptor(), place.name.c_str(), 0);
}

// rmdir(2) removes only empty folders, and follows no link.
void Directory::remove_folder(std::string name) const {
  while (!name.empty()) {
    const Place place = find_place(root_.descriptor(), name, Missing::fail);
    const bool gone =
        place.parent && ::unlinkat(place.parent.descriptor(), place.name.c_str(), AT_REMOVEDIR) == 0;
    if (!gone && errno != ENOENT) return;
    const auto slash = name.rfind('/');
    name.resize(slash == name.npos ? 0 : slash);
  }
}

std::vector<std::string> Directory::list(const std::string& name) const {
  const Place place = find_place(root_.descriptor(), name, Missing::fail);
  if (!place.parent) return {};
  File directory = open_component(place.parent.descriptor(), place.name, Missing::fail);
  if (!directory) return {};
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(::dup(directory.descriptor())), ::closedir);
  std::vector<std::string> names;
  if (!entries) return names;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string entry_name = entry->d_name;
    if (entry_name != "." && entry_name != "..") names.push_back(entry_name);
  }
  return names;
}

}  // namespace srs::hls

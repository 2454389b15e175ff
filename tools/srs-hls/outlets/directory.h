// Directory: the files of srs-hls, all below one directory.
//
// Names come from publishers. They are checked where they enter (parse_stream_path); here, whatever the name,
// no file outside is touched: each component is opened relative to its parent, and symbolic links are not
// followed. A planted link is an error, and stays as it is.
//
// A file appears whole or not at all: it is written under a hidden name (".x.m3u8.tmp"), which is not served,
// and then renamed. Everything blocks; one thread.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "core/slice.h"
#include "http/response.h"
#include "srs-hls/outlets/append_file.h"

namespace srs::hls {

class Directory {
 public:
  // Creates the directory if it is missing. The path is the user's own: links are followed.
  static Result<Directory> open(const std::string& path);

  const std::string& path() const { return path_; }

  // `name` is relative ("live/x/12.ts"); missing parent directories are created.
  Result<void> write(const std::string& name, std::span<const Slice> content) const;
  Result<void> write(const std::string& name, Bytes content) const;
  // The same with mode 0600.
  Result<void> write_secret(const std::string& name, Bytes content) const;
  // An error if it is missing or larger than max_size.
  Result<std::string> read(const std::string& name, std::size_t max_size) const;
  // Creates a file to append to, locked; nothing if the name exists.
  Result<std::optional<AppendFile>> create(const std::string& name) const;
  // Opens an existing file, without a lock.
  Result<AppendFile> reopen(const std::string& name) const;
  // Whether the name exists, if only as a link.
  bool has(const std::string& name) const;
  // The size of a regular file; 0 if it is missing.
  std::size_t size_of(const std::string& name) const;
  // When a regular file was last written; nothing if it is missing.
  std::optional<std::chrono::system_clock::time_point> modified(const std::string& name) const;
  // Best effort: a missing file is no error.
  void remove(const std::string& name) const;
  // Removes a folder below the directory, and its parents, as far as they are empty.
  void remove_folder(std::string name) const;
  // The names in a directory; none if it is missing.
  std::vector<std::string> list(const std::string& name) const;

 private:
  std::optional<struct stat> status(const std::string& name) const;
  Directory(std::string path, http::File root) : path_(std::move(path)), root_(std::move(root)) {}

  std::string path_;
  http::File root_;
};

}  // namespace srs::hls

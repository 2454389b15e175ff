// Directory: the files that srs-hls keeps, all of them below one directory.
//
// Names come from publishers. They are checked where they enter (parse_stream_path); here, whatever they are,
// no file outside is touched: each component is opened from the one before it, and symbolic
// links are not followed. A link that someone planted is an error, and stays as it is.
//
// A file appears whole or not at all: it is written under a hidden name (".x.m3u8.tmp"), which is not
// served, and renamed. Everything blocks; one thread.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "append_file.h"
#include "core/byte_reader.h"
#include "core/result.h"
#include "core/slice.h"
#include "http/response.h"

namespace srs::hls {

class Directory {
 public:
  // Makes the directory if there is none. A path given by the user: links are followed.
  static Result<Directory> open(const std::string& path);

  const std::string& path() const { return path_; }

  // `name` is relative ("live/x/12.ts"); missing directories on the way are made.
  Result<void> write(const std::string& name, std::span<const Slice> content) const;
  Result<void> write(const std::string& name, Bytes content) const;
  // The same, for nobody else's eyes: mode 0600.
  Result<void> write_secret(const std::string& name, Bytes content) const;
  // An error if there is none, or if it is larger than max_size.
  Result<std::string> read(const std::string& name, std::size_t max_size) const;
  // A new file to append to, locked; nothing if there is something of this name.
  Result<std::optional<AppendFile>> create(const std::string& name) const;
  // One that is there.
  Result<AppendFile> reopen(const std::string& name) const;
  // Whether there is anything of this name, if only a link.
  bool has(const std::string& name) const;
  // The size of a regular file; 0 if there is none.
  std::size_t size_of(const std::string& name) const;
  // When a regular file was last written; nothing if there is none.
  std::optional<std::chrono::system_clock::time_point> modified(const std::string& name) const;
  // Best effort: a file that is not there is gone already.
  void remove(const std::string& name) const;
  // A folder below the directory, and those that it is in, as far as there is nothing in them.
  void remove_folder(std::string name) const;
  // The names in a directory; none if it is not there.
  std::vector<std::string> list(const std::string& name) const;

 private:
  std::optional<struct stat> status(const std::string& name) const;
  Directory(std::string path, http::File root) : path_(std::move(path)), root_(std::move(root)) {}

  std::string path_;
  http::File root_;
};

}  // namespace srs::hls

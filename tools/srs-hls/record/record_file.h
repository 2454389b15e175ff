// RecordFile: one recording and what stands beside it, NAME.json: when it begins and ends, and what is in it.
//
// The JSON file is replaced as a whole: when the recording begins, with "finished": false, and when it ends.
// A program that was killed leaves the former; recover_recordings() puts that right.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "append_file.h"
#include "directory.h"
#include "record/record_format.h"
#include "utc.h"

namespace srs::hls {

struct Sidecar {
  std::string path;  // of the stream
  std::string file;  // below the directory
  Utc start{};
  std::chrono::milliseconds duration{0};
  std::uint64_t size_bytes = 0;
  RecordDescription content;
  std::uint64_t key_frames = 0;
  bool finished = false;

  std::string text() const;
};

// "live/x/NAME.json" of "live/x/NAME.mp4".
std::string sidecar_name(const std::string& file);

class RecordFile {
 public:
  // A file of a name that is not taken: `name`, or else with -2, -3, ... behind it.
  static Result<RecordFile> create(const Directory& directory, const std::string& name,
                                   std::string_view suffix);

  const std::string& name() const { return name_; }
  std::uint64_t size_bytes() const { return file_.size_bytes(); }
  Result<void> append(const Content& piece) { return file_.append(piece); }
  // A file in which nothing is goes again.
  void discard() { directory_->remove(name_); }

 private:
  RecordFile(const Directory& directory, std::string name, AppendFile file)
      : directory_(&directory), name_(std::move(name)), file_(std::move(file)) {}

  const Directory* directory_;
  std::string name_;
  AppendFile file_;
};

}  // namespace srs::hls

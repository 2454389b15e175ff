// RecordFile: one recording and its sidecar, NAME.json: when it begins and ends, and its content.
//
// The JSON file is replaced as a whole: when the recording begins, with "finished": false, and when it ends.
// A killed program leaves the former; recover_recordings() repairs that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "srs-hls/outlets/append_file.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/record/record_format.h"
#include "srs-hls/time/utc.h"

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

// "live/x/NAME.json" for "live/x/NAME.mp4".
std::string sidecar_name(const std::string& file);

class RecordFile {
 public:
  // Creates a file with an unused name: `name`, or else with -2, -3, ... appended.
  static Result<RecordFile> create(const Directory& directory, const std::string& name,
                                   std::string_view suffix);

  const std::string& name() const { return name_; }
  std::uint64_t size_bytes() const { return file_.size_bytes(); }
  Result<void> append(const Content& piece) { return file_.append(piece); }
  Result<void> overwrite(const RecordPatch& patch) { return file_.overwrite(patch.offset, patch.bytes); }
  // Removes a file that is still empty.
  void discard() { directory_->remove(name_); }

 private:
  RecordFile(const Directory& directory, std::string name, AppendFile file)
      : directory_(&directory), name_(std::move(name)), file_(std::move(file)) {}

  const Directory* directory_;
  std::string name_;
  AppendFile file_;
};

}  // namespace srs::hls

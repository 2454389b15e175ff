// What a run that was killed left of its recordings: the file's whole pieces, and a JSON file that says that
// it is not finished. Both are put right.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "append_file.h"
#include "cli/log.h"
#include "core/result.h"
#include "directory.h"

namespace srs::hls {

struct ScannedRecording {
  std::uint64_t whole_bytes = 0;  // up to the end of the last whole piece
  std::chrono::milliseconds duration{0};
  std::uint64_t key_frames = 0;
};

// The files may have been cut off anywhere; what is read of them sizes nothing.
Result<ScannedRecording> scan_fmp4(const AppendFile& file);
Result<ScannedRecording> scan_flv(const AppendFile& file);

// Finishes the newest recordings of the stream that are not finished and that no process is at.
void recover_recordings(const Directory& directory, const std::string& path, const cli::Log& log);

}  // namespace srs::hls

// Repairs the recordings of a killed run: cuts the file to its whole pieces, and marks its JSON file as
// finished.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/log.h"
#include "core/result.h"
#include "srs-hls/outlets/append_file.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/record/record_format.h"

namespace srs::hls {

struct ScannedRecording {
  std::uint64_t whole_bytes = 0;  // up to the end of the last whole piece
  std::chrono::milliseconds duration{0};
  std::uint64_t key_frames = 0;
  std::optional<RecordPatch> head;  // the update of the file's head
};

// The files may be truncated anywhere; values read from them size no allocation.
Result<ScannedRecording> scan_fmp4(const AppendFile& file);
Result<ScannedRecording> scan_flv(const AppendFile& file);

// Finishes the stream's newest unfinished recordings that no process has locked.
void recover_recordings(const Directory& directory, const std::string& path, const cli::Log& log);

}  // namespace srs::hls

// The sources that need FFmpeg: test:, and everything that no other source opens.
#pragma once

#include <memory>
#include <string>

#include "cli/log.h"
#include "core/result.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

// An OpenWithFfmpeg, see open_source.h.
Result<std::unique_ptr<Source>> open_with_ffmpeg(const std::string& argument, const cli::Log& log);

}  // namespace srs::ingest

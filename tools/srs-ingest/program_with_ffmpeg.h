// The other srs-ingest, which is linked with FFmpeg: see with_ffmpeg/.
#pragma once

#include "core/result.h"

namespace srs::ingest {

// Becomes that program, with the same arguments, environment and descriptors. Returns only if it cannot be
// run.
Error become_program_with_ffmpeg(char** argv);

}  // namespace srs::ingest

// The steps of srs-ingest, for its two programs.
#pragma once

#include "srs-ingest/open_source.h"

namespace srs::ingest {

// open_with_ffmpeg: null in the program without FFmpeg, which becomes the other one if a source needs it.
// Returns the exit status.
int run(int argc, char** argv, OpenWithFfmpeg open_with_ffmpeg);

}  // namespace srs::ingest

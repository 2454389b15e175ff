// The FLV file source: read by our own reader, tag for tag, without FFmpeg.
#pragma once

#include <memory>
#include <string>

#include "source.h"

namespace srs::ingest {

std::unique_ptr<Source> open_flv_file_source(std::string path);

}  // namespace srs::ingest

// The FLV file source: read tag by tag with our own reader, without FFmpeg.
#pragma once

#include <memory>
#include <string>

#include "srs-ingest/sources/source.h"

namespace srs::ingest {

std::unique_ptr<Source> open_flv_file_source(std::string path);

}  // namespace srs::ingest

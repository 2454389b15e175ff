// Which source a SOURCE argument means.
#pragma once

#include <memory>
#include <string>

#include "cli/log.h"
#include "core/result.h"
#include "source.h"

namespace srs::ingest {

// rtmp://, http(s)://....flv, test:..., *.flv; everything else is opened by FFmpeg. "-" is no Source: it
// may carry several streams (see StdinStreams). An error is a usage error. The log must outlive the source.
Result<std::unique_ptr<Source>> open_source(const std::string& argument, const cli::Log& log);

// The name of the stream if --name gives none: the path of an RTMP or HTTP URL, live/test, or live/
// and the file's name without its suffix.
std::string default_stream_path(const std::string& argument);

}  // namespace srs::ingest

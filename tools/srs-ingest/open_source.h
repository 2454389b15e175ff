// Opens the source that a SOURCE argument names.
#pragma once

#include <memory>
#include <string>

#include "cli/log.h"
#include "core/result.h"
#include "net/tls_context.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

// Opens what needs_ffmpeg(). An error is a usage error.
using OpenWithFfmpeg = Result<std::unique_ptr<Source>> (*)(const std::string& argument, const cli::Log& log);

// test:, and whatever is not "-", rtmp(s)://, http(s)://....flv or *.flv.
bool needs_ffmpeg(const std::string& argument);

// "-" is not a Source, since it may carry several streams (see StdinStreams). open_with_ffmpeg: not null if
// the argument needs it. An error is a usage error. The log must outlive the source.
// trust: whom rtmps:// and https:// FLV trust; null: the system's authorities.
Result<std::unique_ptr<Source>> open_source(const std::string& argument, OpenWithFfmpeg open_with_ffmpeg,
                                            const cli::Log& log,
                                            std::shared_ptr<const net::TlsContext> trust = nullptr);

// The stream's name without --name: the path of an RTMP or HTTP URL, live/test, or live/ and the file's name
// without its suffix.
std::string default_stream_path(const std::string& argument);

}  // namespace srs::ingest

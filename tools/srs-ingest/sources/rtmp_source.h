// The RTMP source: plays a stream from another RTMP server.
#pragma once

#include <memory>
#include <string>

#include "net/tls_context.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

std::unique_ptr<Source> open_rtmp_source(std::string url, std::shared_ptr<const net::TlsContext> trust);

}  // namespace srs::ingest

// The HTTP-FLV source: an http(s) URL that streams FLV, fetched by libcurl (redirects, TLS, proxies).
#pragma once

#include <memory>
#include <string>

#include "net/tls_context.h"
#include "srs-ingest/sources/source.h"

namespace srs::ingest {

std::unique_ptr<Source> open_http_flv_source(std::string url, std::shared_ptr<const net::TlsContext> trust);

}  // namespace srs::ingest

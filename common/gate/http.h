// Asking the gate for HTTP requests.
#pragma once

#include <string>

#include "access/question.h"
#include "hooks/event.h"
#include "http/request.h"
#include "http/response.h"

namespace srs::gate {

// protocol: "http-flv", "hls" or "admin", also over TLS. path: of the stream, checked; empty for the admin
// interface.
access::Question question_of(const http::Request& request, access::Action action, std::string protocol,
                             std::string path);

// What the request says of its client besides.
hooks::Client client_of(const http::Request& request);

// 401 with a challenge (RFC 9110, section 11.6.1), 403, 429 or 503, never to be cached.
http::Response refusal_response(const access::Refusal& refusal);

}  // namespace srs::gate

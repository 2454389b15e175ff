// Asking the gate for HTTP requests.
#pragma once

#include <string>

#include "access/question.h"
#include "http/request.h"
#include "http/response.h"

namespace srs::access {

// path: of the stream, checked; empty for the admin interface.
Question question_of(const http::Request& request, Action action, std::string protocol, std::string path);

// 401 with a challenge (RFC 9110, section 11.6.1), 403, 429 or 503, never to be cached.
http::Response refusal_response(const Refusal& refusal);

}  // namespace srs::access

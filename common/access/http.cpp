#include "access/http.h"

#include <utility>

#include "access/credentials.h"
#include "cli/log.h"

namespace srs::access {

Question question_of(const http::Request& request, Action action, std::string protocol, std::string path) {
  Question question;
  question.action = action;
  question.protocol = std::move(protocol);
  question.path = std::move(path);
  question.url_path = request.path;
  question.address = request.remote_address;
  question.agent = cli::peer_text(request.headers.value("User-Agent"));
  question.credentials = credentials_of(request);
  return question;
}

http::Response refusal_response(const Refusal& refusal) {
  const int status = status_of(refusal.kind);
  http::Response response = http::error_response(status, std::string(answer_of(refusal.kind)));
  if (status == 401)
    response.headers.add("WWW-Authenticate", "Basic realm=\"srs\", charset=\"UTF-8\", Bearer");
  if (status == 429 || status == 503) response.headers.add("Retry-After", "5");
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace srs::access

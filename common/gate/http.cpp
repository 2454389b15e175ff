#include "gate/http.h"

#include <utility>

#include "access/credentials.h"
#include "cli/log.h"

namespace srs::gate {

access::Question question_of(const http::Request& request, access::Action action, std::string protocol,
                             std::string path) {
  access::Question question;
  question.action = action;
  if (request.encrypted && protocol == "http-flv") protocol = "https-flv";
  if (request.encrypted && protocol == "hls") protocol = "https-hls";
  question.protocol = std::move(protocol);
  question.path = std::move(path);
  question.url_path = request.path;
  question.address = request.remote_address;
  question.agent = cli::peer_text(request.headers.value("User-Agent"));
  question.credentials = access::credentials_of(request);
  return question;
}

hooks::Client client_of(const http::Request& request) {
  hooks::Client client;
  client.page_url = cli::peer_text(request.headers.value("Referer"));
  return client;
}

http::Response refusal_response(const access::Refusal& refusal) {
  const int status = access::status_of(refusal.kind);
  http::Response response = http::error_response(status, std::string(access::answer_of(refusal.kind)));
  if (status == 401)
    response.headers.add("WWW-Authenticate", "Basic realm=\"srs\", charset=\"UTF-8\", Bearer");
  if (status == 429 || status == 503) response.headers.add("Retry-After", "5");
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace srs::gate

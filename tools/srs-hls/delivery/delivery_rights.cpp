// Who may have what: the gate is asked for each request.
#include "access/credentials.h"
#include "gate/http.h"
#include "srs-hls/delivery/delivery.h"

namespace srs::hls {

// A stream's files are in the folder of its name; its multivariant playlist is beside that. Files at the root
// that are of no stream have their own names. The order is that of answer_admitted().
std::string Delivery::stream_of(const std::string& path) const {
  const auto slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "" : path.substr(0, slash);
  if (!path.ends_with(".m3u8")) return folder.empty() ? path : folder;
  const std::string beside = path.substr(0, path.size() - 5);
  if (find(folder, beside.substr(slash == path.npos ? 0 : slash + 1)) != nullptr) return folder;
  const bool is_live = streams_.multivariant(beside) != nullptr;
  const bool is_kept = !folder.empty() && files_ != nullptr && files_->has(folder + ".m3u8");
  return is_kept && !is_live ? folder : beside;
}

access::Question Delivery::question_of(const http::Request& request) const {
  const std::string stream = stream_of(request.path.substr(1));
  auto question = gate::question_of(request, access::Action::play, "hls", stream);
  if (const Presentation* const presentation = streams_.presentation(stream))
    question.group = streams_.group_of(*presentation).path();
  return question;
}

asio::awaitable<http::Answer> Delivery::answer_if_admitted(http::Request request) {
  const access::Question question = question_of(request);
  const hooks::Client client = gate::client_of(request);
  const auto verdict = co_await gate_.admit(question, client);
  if (!verdict) co_return gate::refusal_response(verdict.refusal);
  if (verdict.grant->path != question.path)
    co_return http::error_response(403, "it may be played under another name only");
  // Nothing to carry: everybody may have what it names.
  if (verdict.grant->identity.kind == access::Identity::Kind::anyone)
    request.query = access::query_without_shown(request.query);
  auto answer = co_await answer_admitted(std::move(request));
  // What was allowed to one is not for all who share a cache; a signature and what is open to all are.
  using Kind = access::Identity::Kind;
  const Kind kind = verdict.grant->identity.kind;
  if (auto* const response = std::get_if<http::Response>(&answer);
      kind != Kind::anyone && kind != Kind::signed_url)
    response->headers.set("Cache-Control",
                          "private, " + std::string(response->headers.value("Cache-Control")));
  co_return answer;
}

// What the player shows in its query, for everything that a playlist names.
std::string Delivery::carried(const http::Request& request) const {
  return gate_.has_rules() ? access::carried_query(request.query) : std::string();
}

}  // namespace srs::hls

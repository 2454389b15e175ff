#include "rtmp/admit.h"

#include <utility>

#include "access/credentials.h"

namespace srs::rtmp {

access::Question question_of(const Request& request) {
  access::Question question;
  question.action = request.kind == Request::publish ? access::Action::publish : access::Action::play;
  question.protocol = "rtmp";
  question.path = request.path;
  question.url_path = "/" + request.path;
  question.address = request.remote_address;
  question.agent = request.flash_version;
  question.stays = true;
  question.credentials = access::credentials_of_query(request.query);
  return question;
}

hooks::Client client_of(const Request& request) {
  hooks::Client client;
  client.tc_url = request.tc_url;
  client.page_url = request.page_url;
  client.flash_version = request.flash_version;
  return client;
}

asio::awaitable<bool> admit(gate::Gate& gate, ServerSession& session, Request& request) {
  auto verdict = co_await gate.admit(question_of(request), client_of(request));
  if (verdict) {
    request.grant = *std::move(verdict.grant);
    request.path = request.grant.path;
    co_return true;
  }
  const bool plays = request.kind == Request::play;
  co_await session.refuse(plays ? "NetStream.Play.Failed" : "NetStream.Publish.Denied",
                          std::string(access::answer_of(verdict.refusal.kind)));
  co_return false;
}

}  // namespace srs::rtmp

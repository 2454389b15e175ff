#include "hooks/format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "access/network.h"

namespace srs::hooks {
namespace {

using Format = HookRules::Format;

// What a status means in every format, but for those that allow.
Decision decision_of_status(int status, const access::Question& question) {
  if (status == 401) {
    const bool shown = question.credentials.any();
    return refused("status 401", shown ? access::Refusal::Kind::wrong : access::Refusal::Kind::unknown);
  }
  if (status >= 300 && status < 400)
    return refused(fmt::format("it redirects (status {}), which is not followed", status));
  if (status >= 400 && status < 500) return refused(fmt::format("status {}", status));
  return failed(fmt::format("it answered with status {}", status));
}

// Of a refusal in our own format: its body may say why.
Decision with_reason(Decision decision, std::string_view body) {
  const Decision told = json_decision(body);
  if (decision.kind == Decision::Kind::refused && told.kind == Decision::Kind::refused)
    decision.why = told.why;
  return decision;
}

}  // namespace

AppAndStream split_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return {"", std::string(path)};
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

std::string ip_of(const access::Question& question) {
  const auto address = access::address_of(question.address);
  if (address.is_unspecified()) return question.address;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

std::string_view action_of(const Event& event) {
  return event.kind == HookEvent::admin ? access::name_of(event.about.action) : access::name_of(event.kind);
}

Outgoing outgoing_of(Format format, const Event& event, const Sender& sender) {
  switch (format) {
    case Format::srs:
      return srs_outgoing(event, sender);
    case Format::mediamtx:
      return mediamtx_outgoing(event);
    case Format::nginx_rtmp:
      return nginx_rtmp_outgoing(event);
    case Format::json:
      break;
  }
  return json_outgoing(event, sender);
}

Decision decision_of(Format format, const access::Question& question, const Received& answer) {
  const bool is_success = answer.status >= 200 && answer.status < 300;
  switch (format) {
    case Format::srs:
      if (answer.status == 200) return srs_decision(answer.body);
      break;
    case Format::json:
      if (answer.status == 200) return json_decision(answer.body);
      return with_reason(decision_of_status(answer.status, question), answer.body);
    case Format::mediamtx:
      if (!is_success) break;
      return {.kind = Decision::Kind::allowed, .user = question.credentials.user};
    case Format::nginx_rtmp:
      if (is_success) return allowed();
      break;
  }
  return decision_of_status(answer.status, question);
}

}  // namespace srs::hooks

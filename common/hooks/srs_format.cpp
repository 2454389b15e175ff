// SRS's http_hooks: https://ossrs.io/lts/en-us/docs/v6/doc/http-callback
#include <fmt/format.h>

#include <asio/ip/address.hpp>
#include <nlohmann/json.hpp>

#include "access/digest.h"
#include "hooks/answer_json.h"
#include "hooks/format.h"
#include "net/url.h"

namespace srs::hooks {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view default_vhost = "__defaultVhost__";

std::string action_name(HookEvent event) {
  return event == HookEvent::record ? "on_dvr" : fmt::format("on_{}", access::name_of(event));
}

// The host that the client named; an address stands for no host of its own.
std::string vhost_of(const Event& event) {
  const auto url = net::parse_url(event.client.tc_url);
  if (!url || url->host.empty()) return std::string(default_vhost);
  asio::error_code is_name;
  asio::ip::make_address(url->host, is_name);
  return is_name ? url->host : std::string(default_vhost);
}

void add_stream(Json& object, const Event& event, const std::string& stream) {
  object["stream"] = stream;
  object["param"] = event.about.credentials.query.empty() ? "" : "?" + event.about.credentials.query;
}

void add_stream_ids(Json& object, const Event& event, const std::string& vhost) {
  const std::string url = (vhost == default_vhost ? "" : vhost) + "/" + event.about.path;
  object["stream_url"] = url;
  object["stream_id"] = "vid-" + access::hex_of(access::digest_of(access::Digest::sha256, url)).substr(0, 7);
}

void add_file(Json& object, const Event& event) {
  if (event.kind == HookEvent::hls) object["duration"] = static_cast<double>(event.duration.count()) / 1000;
  object["cwd"] = event.directory;
  object["file"] = event.file;
  if (event.kind != HookEvent::hls) return;
  object["url"] = event.url;
  object["m3u8"] = event.playlist;
  object["m3u8_url"] = event.playlist_url;
  object["seq_no"] = event.sequence;
}

}  // namespace

Outgoing srs_outgoing(const Event& event, const Sender& sender) {
  const auto [app, stream] = split_path(event.about.path);
  const std::string vhost = vhost_of(event);
  const bool is_question = access::is_asked(event.kind);
  Json object = {{"server_id", sender.server_id},
                 {"service_id", sender.service_id},
                 {"action", action_name(event.kind)},
                 {"client_id", event.client.id},
                 {"ip", ip_of(event.about)},
                 {"vhost", vhost},
                 {"app", app}};
  if (is_question) object["tcUrl"] = event.client.tc_url;
  if (event.kind == HookEvent::close) {
    object["send_bytes"] = event.sent_bytes;
    object["recv_bytes"] = event.received_bytes;
  } else if (event.kind != HookEvent::connect) {
    add_stream(object, event, stream);
  }
  if (event.kind == HookEvent::record || event.kind == HookEvent::hls) add_file(object, event);
  if (is_question && event.kind != HookEvent::publish) object["pageUrl"] = event.client.page_url;
  if (object.contains("stream")) add_stream_ids(object, event, vhost);
  return {"application/json", object.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

// The number alone, or an object with the number `code`, among whatever else.
Decision srs_decision(std::string_view body) {
  const auto answer = parse_answer(body);
  const auto code = answer.is_object() && answer.contains("code") ? answer["code"] : answer;
  if (!code.is_number_integer()) return failed("its answer is neither 0 nor {\"code\":0}");
  if (code == 0) return allowed();
  return refused(fmt::format("code {}", code.dump()));
}

}  // namespace srs::hooks

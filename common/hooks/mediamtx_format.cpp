// MediaMTX's external authentication: https://mediamtx.org/docs/usage/authentication
#include <nlohmann/json.hpp>

#include "hooks/format.h"

namespace srs::hooks {
namespace {

std::string_view mediamtx_action(HookEvent event) {
  if (event == HookEvent::publish) return "publish";
  return event == HookEvent::play ? "read" : "api";
}

// Its names do not tell whether there is TLS below.
std::string mediamtx_protocol(const std::string& protocol) {
  if (protocol == "rtmps") return "rtmp";
  if (protocol == "https") return "hls";
  if (protocol.starts_with("https-")) return "http-" + protocol.substr(6);
  return protocol;
}

}  // namespace

Outgoing mediamtx_outgoing(const Event& event) {
  const access::Question& about = event.about;
  const nlohmann::ordered_json object = {{"user", about.credentials.user},
                                         {"password", about.credentials.password},
                                         {"token", about.credentials.token},
                                         {"ip", ip_of(about)},
                                         {"action", mediamtx_action(event.kind)},
                                         {"path", about.path},
                                         {"protocol", mediamtx_protocol(about.protocol)},
                                         {"id", event.client.id},
                                         {"query", about.credentials.query},
                                         {"userAgent", about.agent}};
  return {"application/json", object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

}  // namespace srs::hooks

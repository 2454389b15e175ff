// The formats of requests to call-backs, and what their answers mean. Pure functions; any thread.
//
//   srs         SRS's http_hooks: JSON; allowed by status 200 with the body 0 or {"code":0}
//   mediamtx    MediaMTX's authHTTPAddress: JSON; allowed by 2xx
//   nginx-rtmp  its on_publish and others: a form; allowed by 2xx
//   json        our own: JSON; allowed by 200 with {"allow":true}
//
// In all of them a redirect is a refusal (it is not followed), 4xx is a refusal, and 5xx is an error.
#pragma once

#include <string>
#include <string_view>

#include "hooks/decision.h"
#include "hooks/event.h"

namespace srs::hooks {

struct Outgoing {
  std::string content_type;
  std::string body;
};

struct Received {
  int status = 0;
  std::string body;
};

// The longest body of an answer.
inline constexpr std::size_t max_answer_bytes = 16 * 1024;

// event.client.id must not be empty.
Outgoing outgoing_of(HookRules::Format format, const Event& event, const Sender& sender);
Decision decision_of(HookRules::Format format, const access::Question& question, const Received& answer);

// One format each.
Outgoing srs_outgoing(const Event& event, const Sender& sender);
Outgoing mediamtx_outgoing(const Event& event);
Outgoing nginx_rtmp_outgoing(const Event& event);
Outgoing json_outgoing(const Event& event, const Sender& sender);
Decision srs_decision(std::string_view body);
Decision json_decision(std::string_view body);

// "live/a" and "cam1" of "live/a/cam1".
struct AppAndStream {
  std::string app, stream;
};
AppAndStream split_path(std::string_view path);
// "10.0.0.7" of "10.0.0.7:50123", without brackets; as it is if it is none.
std::string ip_of(const access::Question& question);
// "publish"; "admin.read" of the admin interface.
std::string_view action_of(const Event& event);

}  // namespace srs::hooks

// HookRules: a call-back that is asked about actions and told of events, as the rules name it. A value; any
// thread. What carries it out is in common/hooks.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "access/question.h"
#include "core/result.h"

namespace srs::access {

// The first four are questions: the answer decides. The others are told, and the answer does not matter.
enum class HookEvent : std::uint8_t {
  connect,  // before `publish` and `play` (SRS: on_connect)
  publish,
  play,
  admin,  // the admin interface: admin.read and admin.write
  unpublish,
  stop,    // of a player
  close,   // of a connection
  record,  // a recording is complete (SRS: on_dvr)
  hls,     // a segment is complete
};
inline constexpr std::size_t hook_event_count = 9;
// As in rules: "publish"; also "on_publish", and "on_dvr" for `record`, as SRS names them.
std::string_view name_of(HookEvent event);
std::optional<HookEvent> hook_event_named(std::string_view name);
constexpr bool is_asked(HookEvent event) {
  return event <= HookEvent::admin;
}
HookEvent hook_event_of(Action action);

struct HookRules {
  enum class Format : std::uint8_t { srs, mediamtx, json, nginx_rtmp };

  std::string name;  // for logs and identities: "hooks.billing"
  std::string url;   // http://, https://, or exec:/path/of/program
  Format format = Format::json;
  std::bitset<hook_event_count> events;
  // From the question to its answer, waiting included: 10 ms to 60 s. A question that needs two requests
  // (`connect` and `publish`) has this time for both.
  std::chrono::milliseconds timeout{3000};
  // What an error counts as: time-out, dead server, rubbish, too many questions. Refusals are no errors.
  bool allow_on_error = false;
  // How long an answer counts for equal questions; at most a day. Both allowances and refusals are kept,
  // errors never. With 0 each question is a request of its own, so that a server may count clients; otherwise
  // equal questions at a time share one.
  std::chrono::seconds ttl{0};
  std::string secret;              // signs each request (HMAC-SHA256); empty: not signed
  std::size_t connections = 16;    // requests or processes at a time: 1 to 1000
  std::size_t waiting_max = 1000;  // questions that wait for one, and events likewise: 0 to 100,000

  bool has(HookEvent event) const { return events[static_cast<std::size_t>(event)]; }
  bool operator==(const HookRules&) const = default;
};

std::string_view name_of(HookRules::Format format);
// "srs", "mediamtx", "json", "nginx-rtmp"
std::optional<HookRules::Format> hook_format_named(std::string_view name);

// Errors say what is wrong with them: the URL, a number out of its range, events that the format does not
// know, or none.
Result<void> check(const HookRules& rules);
// The program of an exec: URL; none for others.
std::optional<std::string> program_of(const HookRules& rules);

}  // namespace srs::access

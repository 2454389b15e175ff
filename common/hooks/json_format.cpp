// Our own format: see docs/access-hooks.md.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/log.h"
#include "hooks/answer_json.h"
#include "hooks/format.h"
#include "media/stream_path.h"

namespace srs::hooks {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_text_bytes = 256;
constexpr std::int64_t max_expiry_s = 10 * 365 * 86'400LL;
constexpr std::array<std::string_view, 5> members{"allow", "reason", "user", "expires_in", "path"};

void add_credentials(Json& object, const access::Credentials& shown) {
  object["user"] = shown.user;
  object["password"] = shown.password;
  object["token"] = shown.token;
  object["key"] = shown.key;
  object["query"] = shown.query;
}

void add_what_was(Json& object, const Event& event) {
  object["user"] = event.user;
  if (event.kind == HookEvent::record || event.kind == HookEvent::hls) {
    object["duration_s"] = static_cast<double>(event.duration.count()) / 1000;
    object["directory"] = event.directory;
    object["file"] = event.file;
  } else {
    object["sent_bytes"] = event.sent_bytes;
    object["received_bytes"] = event.received_bytes;
  }
  if (event.kind != HookEvent::hls) return;
  object["segment_url"] = event.url;
  object["playlist"] = event.playlist;
  object["playlist_url"] = event.playlist_url;
  object["sequence"] = event.sequence;
}

// A text of at most 256 bytes without anything that would have to be escaped in a log.
bool is_text(const nlohmann::json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text.size() <= max_text_bytes && cli::printable(text) == text;
}

// What is wrong with a member of an answer; nothing if it is right.
std::string problem_of(const std::string& name, const nlohmann::json& value) {
  if (name == "allow") return value.is_boolean() ? "" : "\"allow\" is neither true nor false";
  if (name == "reason" || name == "user")
    return is_text(value) ? "" : "\"" + name + "\" is no printable text of at most 256 bytes";
  if (name == "path")
    return value.is_string() && media::parse_stream_path(value.get_ref<const std::string&>())
               ? ""
               : "\"path\" is no name of a stream";
  if (!value.is_number_integer() || value < 1 || value > max_expiry_s)
    return "\"expires_in\" is no whole number of seconds from 1 to ten years";
  return "";
}

}  // namespace

Outgoing json_outgoing(const Event& event, const Sender& sender) {
  Json object = {{"version", 1},
                 {"action", action_of(event)},
                 {"path", event.about.path},
                 {"protocol", event.about.protocol},
                 {"address", event.about.address},
                 {"agent", event.about.agent},
                 {"id", event.client.id},
                 {"node", sender.node},
                 {"url", event.client.tc_url},
                 {"page_url", event.client.page_url}};
  access::is_asked(event.kind) ? add_credentials(object, event.about.credentials)
                               : add_what_was(object, event);
  return {"application/json", object.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

// Strict: a member that is misspelt would otherwise make a right that never ends.
Decision json_decision(std::string_view body) {
  const auto answer = parse_answer(body);
  if (!answer.is_object() || !answer.contains("allow"))
    return failed("its answer is no JSON object with \"allow\"");
  for (const auto& [name, value] : answer.items()) {
    if (std::find(members.begin(), members.end(), name) == members.end())
      return failed("its answer has the unknown member \"" + cli::peer_text(name) + "\"");
    if (std::string problem = problem_of(name, value); !problem.empty())
      return failed("in its answer " + problem);
  }
  if (!answer["allow"]) return refused(answer.value("reason", std::string("not allowed")));
  Decision decision = allowed();
  decision.user = answer.value("user", std::string());
  if (answer.contains("path")) decision.path = *media::parse_stream_path(answer.value("path", std::string()));
  if (answer.contains("expires_in"))
    decision.expires_in = std::chrono::seconds(answer.value("expires_in", 0LL));
  return decision;
}

}  // namespace srs::hooks

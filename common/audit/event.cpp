#include "audit/event.h"

#include <fmt/chrono.h>

#include <array>
#include <nlohmann/json.hpp>

namespace srs::audit {
namespace {

constexpr std::array<std::string_view, 13> kind_names{"connect",   "publish", "play", "refused", "disconnect",
                                                      "unpublish", "stop",    "kick", "reload",  "admin",
                                                      "record",    "push",    "limit"};

void cut(std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return;
  std::size_t end = max_bytes;
  while (end > max_bytes - 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  text.shrink_to_fit();
}

// UTC with milliseconds, as in RFC 3339.
std::string timestamp(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto shown = floor<milliseconds>(time);
  const auto whole = floor<seconds>(shown);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)),
                     (shown - whole).count());
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

void limit_texts(Event& event) {
  for (std::string* text :
       {&event.who, &event.identity, &event.address, &event.agent, &event.protocol, &event.reason, &event.id})
    cut(*text, max_text_bytes);
  cut(event.path, max_path_bytes);
}

std::size_t size_of(const Event& event) {
  std::size_t bytes = sizeof event;
  for (const std::string* text : {&event.who, &event.identity, &event.address, &event.agent, &event.protocol,
                                  &event.path, &event.reason, &event.id})
    bytes += text->capacity();
  return bytes;
}

std::string line_of(const Event& event, std::chrono::system_clock::time_point time, const Writer& writer) {
  nlohmann::ordered_json object = {{"time", timestamp(time)}};
  const auto add = [&](const char* name, std::string_view text) {
    if (!text.empty()) object[name] = text;
  };
  add("tool", writer.tool);
  add("node", writer.node);
  add("event", name_of(event.kind));
  add("who", event.who);
  add("identity", event.identity);
  add("address", event.address);
  add("agent", event.agent);
  add("protocol", event.protocol);
  add("path", event.path);
  add("reason", event.reason);
  if (event.duration) object["duration_s"] = static_cast<double>(event.duration->count()) / 1000;
  if (event.bytes) object["bytes"] = *event.bytes;
  add("id", event.id);
  return object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace srs::audit

#include "access/hook_rules.h"

#include <fmt/format.h>

#include <array>

#include "net/url.h"

namespace srs::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, hook_event_count> event_names{
    "connect", "publish", "play", "admin", "unpublish", "stop", "close", "record", "hls"};
constexpr std::array<std::string_view, 4> format_names{"srs", "mediamtx", "json", "nginx-rtmp"};
constexpr std::string_view exec_scheme = "exec:";

bool format_has(HookRules::Format format, HookEvent event) {
  switch (format) {
    case HookRules::Format::srs:
      return event != HookEvent::admin;
    case HookRules::Format::mediamtx:
      return event == HookEvent::publish || event == HookEvent::play || event == HookEvent::admin;
    case HookRules::Format::nginx_rtmp:
      return event != HookEvent::admin && event != HookEvent::hls;
    case HookRules::Format::json:
      break;
  }
  return true;
}

Result<void> check_url(const HookRules& rules) {
  if (const auto program = program_of(rules)) {
    if (program->size() > 1 && program->front() == '/' && program->find('\0') == program->npos) return {};
    return usage_error(rules.url + ": the whole path of a program is wanted, as exec:/usr/local/bin/ask");
  }
  const auto url = net::parse_url(rules.url);
  if (!url) return url.error();
  if ((url->scheme == "http" || url->scheme == "https") && !url->host.empty()) return {};
  return usage_error("an http://, https:// or exec: URL is wanted");
}

Result<void> check_numbers(const HookRules& rules) {
  if (rules.timeout < milliseconds(10) || rules.timeout > seconds(60))
    return usage_error("its timeout must be from 10ms to 60s");
  if (rules.ttl < seconds(0) || rules.ttl > std::chrono::hours(24))
    return usage_error("its ttl must be from 0s to 24h");
  if (rules.connections < 1 || rules.connections > 1000)
    return usage_error("its connections must be from 1 to 1000");
  if (rules.waiting_max > 100'000) return usage_error("its waiting questions must be from 0 to 100000");
  return {};
}

Result<void> check_events(const HookRules& rules) {
  if (rules.events.none()) return usage_error("it gets no events");
  for (std::size_t i = 0; i < hook_event_count; ++i) {
    const auto event = static_cast<HookEvent>(i);
    if (rules.has(event) && !program_of(rules) && !format_has(rules.format, event))
      return usage_error(fmt::format("the format {} has no \"{}\"", name_of(rules.format), name_of(event)));
  }
  if (rules.has(HookEvent::connect) && !rules.has(HookEvent::publish) && !rules.has(HookEvent::play))
    return usage_error("\"connect\" is asked before \"publish\" and \"play\": name one of them, too");
  return {};
}

}  // namespace

std::string_view name_of(HookEvent event) {
  return event_names[static_cast<std::size_t>(event)];
}

std::optional<HookEvent> hook_event_named(std::string_view name) {
  if (name.starts_with("on_")) name.remove_prefix(3);
  if (name == "dvr") name = "record";
  for (std::size_t i = 0; i < hook_event_count; ++i)
    if (event_names[i] == name) return static_cast<HookEvent>(i);
  return std::nullopt;
}

HookEvent hook_event_of(Action action) {
  switch (action) {
    case Action::publish:
      return HookEvent::publish;
    case Action::play:
      return HookEvent::play;
    case Action::admin_read:
    case Action::admin_write:
      break;
  }
  return HookEvent::admin;
}

std::string_view name_of(HookRules::Format format) {
  return format_names[static_cast<std::size_t>(format)];
}

std::optional<HookRules::Format> hook_format_named(std::string_view name) {
  for (std::size_t i = 0; i < format_names.size(); ++i)
    if (format_names[i] == name) return static_cast<HookRules::Format>(i);
  return std::nullopt;
}

std::optional<std::string> program_of(const HookRules& rules) {
  if (!rules.url.starts_with(exec_scheme)) return std::nullopt;
  return rules.url.substr(exec_scheme.size());
}

Result<void> check(const HookRules& rules) {
  if (auto checked = check_url(rules); !checked) return checked;
  if (auto checked = check_numbers(rules); !checked) return checked;
  return check_events(rules);
}

}  // namespace srs::access

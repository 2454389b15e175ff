#include "access/hook_rules.h"

#include <doctest/doctest.h>

namespace srs::access {
namespace {

using namespace std::chrono_literals;

HookRules some() {
  HookRules rules;
  rules.name = "billing";
  rules.url = "https://billing/srs";
  rules.events.set(static_cast<std::size_t>(HookEvent::publish));
  return rules;
}

template <class Change>
bool is_right(Change change) {
  HookRules rules = some();
  change(rules);
  return check(rules).ok();
}

}  // namespace

TEST_CASE("events and formats by name") {
  CHECK(hook_event_named("publish") == HookEvent::publish);
  CHECK(hook_event_named("on_publish") == HookEvent::publish);
  CHECK(hook_event_named("on_dvr") == HookEvent::record);
  CHECK(hook_event_named("hls") == HookEvent::hls);
  CHECK_FALSE(hook_event_named("on_"));
  CHECK_FALSE(hook_event_named("on_on_play"));
  CHECK(hook_format_named("nginx-rtmp") == HookRules::Format::nginx_rtmp);
  CHECK_FALSE(hook_format_named("nginx"));
  CHECK(is_asked(HookEvent::connect));
  CHECK(is_asked(HookEvent::admin));
  CHECK_FALSE(is_asked(HookEvent::unpublish));
  CHECK(hook_event_of(Action::admin_write) == HookEvent::admin);
}

TEST_CASE("rules that cannot work are refused") {
  CHECK(is_right([](HookRules&) {}));
  for (const char* url :
       {"", "billing", "ftp://x/", "http:///x", "exec:", "exec:relative", "exec:/", "file:///x"})
    CHECK_FALSE_MESSAGE(is_right([&](HookRules& rules) { rules.url = url; }), url);
  CHECK(is_right([](HookRules& rules) { rules.url = "exec:/usr/local/bin/ask"; }));
  CHECK_FALSE(is_right([](HookRules& rules) { rules.timeout = 0ms; }));
  CHECK_FALSE(is_right([](HookRules& rules) { rules.timeout = 61s; }));
  CHECK_FALSE(is_right([](HookRules& rules) { rules.ttl = -1s; }));
  CHECK_FALSE(is_right([](HookRules& rules) { rules.connections = 0; }));
  CHECK(is_right([](HookRules& rules) { rules.waiting_max = 0; }));
  CHECK_FALSE(is_right([](HookRules& rules) { rules.events.reset(); }));
  const auto with = [](HookRules::Format format, HookEvent event) {
    return is_right([=](HookRules& rules) {
      rules.format = format;
      rules.events.set(static_cast<std::size_t>(event));
    });
  };
  CHECK(with(HookRules::Format::srs, HookEvent::hls));
  CHECK_FALSE(with(HookRules::Format::srs, HookEvent::admin));
  CHECK_FALSE(with(HookRules::Format::mediamtx, HookEvent::unpublish));
  CHECK(with(HookRules::Format::mediamtx, HookEvent::admin));
  CHECK_FALSE(with(HookRules::Format::nginx_rtmp, HookEvent::hls));
  CHECK(with(HookRules::Format::json, HookEvent::admin));
  CHECK_FALSE(is_right([](HookRules& rules) {
    rules.events.reset();
    rules.events.set(static_cast<std::size_t>(HookEvent::connect));
  }));
}

TEST_CASE("what is wrong with a URL is said without its password") {
  HookRules rules = some();
  rules.url = "ftp://user:hush@host/?key=hush";
  const auto checked = check(rules);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message.find("hush") == std::string::npos);
}

}  // namespace srs::access

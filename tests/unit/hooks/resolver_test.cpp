// Name servers that hang.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>

#include <cstring>

#include "unit/hooks/hook_server.h"

// Stands in for the C library's, for libcurl as well: one name takes three seconds.
extern "C" int getaddrinfo(const char* name, const char* service,  // NOLINT: its names are reserved
                           const addrinfo* hints, addrinfo** found) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && std::strcmp(name, "slow.test") == 0) {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    return EAI_AGAIN;
  }
  return real(name, service, hints, found);
}

namespace srs::hooks {

TEST_CASE("a name that is looked up for long delays neither the answer nor other questions") {
  HookServer server(answer("200 OK", R"({"allow":true})"));
  HookRules slow = rules("http://slow.test/"), quick = rules(server.url());
  slow.timeout = 300ms;
  slow.events.reset(static_cast<std::size_t>(HookEvent::play));
  quick.events.reset(static_cast<std::size_t>(HookEvent::publish));
  Tool tool({slow, quick});
  access::Question play = publish_of("live/cam1");
  play.action = access::Action::play;
  const auto time = time_of([&] {
    CHECK(tool.ask(publish_of("live/cam1")).refusal.kind == access::Refusal::Kind::unavailable);
    CHECK(tool.ask(play));
  });
  CHECK(time < 2s);
}

}  // namespace srs::hooks

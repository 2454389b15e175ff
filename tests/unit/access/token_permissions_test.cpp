#include "access/token_permissions.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace srs::access {
namespace {

using nlohmann::json;

std::vector<Permission> read(const char* text) {
  auto permissions = permissions_in(json::parse(text));
  REQUIRE_MESSAGE(permissions.ok(), text);
  return *std::move(permissions);
}

bool allows(const std::vector<Permission>& permissions, Action action, const char* path) {
  const Question question{.action = action, .protocol = "rtmp", .path = path};
  return end_of_right(permissions, question, {}, UtcTime()).has_value();
}

TEST_CASE("permissions of a claim, in our own two forms") {
  const auto texts = read(R"(["publish live/cam1", "play live/** vod/*"])");
  CHECK(allows(texts, Action::publish, "live/cam1"));
  CHECK_FALSE(allows(texts, Action::publish, "live/cam2"));
  CHECK(allows(texts, Action::play, "live/a/b"));
  const auto objects = read(R"([{"actions":["publish","play"],"paths":["live/*","~^vod/[0-9]+$"]},
                                {"actions":["admin.read"]}])");
  CHECK(allows(objects, Action::publish, "live/x"));
  CHECK(allows(objects, Action::play, "vod/17"));
  CHECK_FALSE(allows(objects, Action::play, "vod/x"));
  CHECK(allows(objects, Action::admin_read, ""));
  CHECK_FALSE(allows(objects, Action::admin_write, ""));
}

TEST_CASE("permissions of a claim, in MediaMTX's form") {
  const auto all = read(R"([{"action":"publish","path":"cam1"},{"action":"read","path":"~^live/.*$"},
                            {"action":"playback","path":""},{"action":"api"},{"action":"metrics"},{"action":"pprof"}])");
  CHECK(all.size() == 5);
  CHECK(allows(all, Action::publish, "cam1"));
  CHECK_FALSE(allows(all, Action::publish, "cam10"));
  CHECK(allows(all, Action::play, "anything/at/all"));
  CHECK(allows(all, Action::admin_write, ""));
  const auto some = read(R"([{"action":"read","path":"~cam"},{"action":"metrics","path":""}])");
  CHECK(allows(some, Action::play, "live/cam1"));
  CHECK_FALSE(allows(some, Action::play, "live/door"));
  CHECK(allows(some, Action::admin_read, ""));
  CHECK_FALSE(allows(some, Action::admin_write, ""));
  CHECK(read(R"("[{\"action\":\"read\",\"path\":\"x\"}]")").size() == 1);
  CHECK(read("[]").empty());
}

TEST_CASE("claims that say something else are refused, as they could mean less than is read") {
  for (const char* text : {"null",
                           "5",
                           "{}",
                           "\"play\"",
                           "\"\"",
                           R"("{\"action\":\"read\"}")",
                           R"("\"[]\"")",
                           "[null]",
                           "[[]]",
                           "[{}]",
                           R"(["watch"])",
                           R"([{"action":"Read"}])",
                           R"([{"action":["read"]}])",
                           R"([{"action":"read","path":5}])",
                           R"([{"action":"read","path":null}])",
                           R"([{"action":"read","path":"live/*"}])",
                           R"([{"action":"read","path":"~("}])",
                           R"([{"action":"read","path":"~"}])",
                           R"([{"action":"read","path":"x","ips":["10.0.0.1"]}])",
                           R"([{"actions":["play"],"until":5}])",
                           R"([{"actions":"play"}])",
                           R"([{"actions":[]}])",
                           R"([{"actions":["play",5]}])",
                           R"([{"actions":["play"],"paths":[]}])",
                           R"([{"actions":["play"],"paths":"live"}])",
                           R"([{"actions":["play"],"paths":[5]}])",
                           R"([{"actions":["play"],"action":"read"}])"})
    CHECK_FALSE_MESSAGE(permissions_in(json::parse(text)), text);
  CHECK(permissions_in(json::parse("[" + std::string(100, ' ') + "]")));
  json many = json::array();
  for (int i = 0; i < 64; ++i) many.push_back("play");
  CHECK(permissions_in(many));
  many.push_back("play");
  CHECK_FALSE(permissions_in(many));
  CHECK_FALSE(permissions_in(json(std::string(4000, '[') + std::string(4000, ']'))));
}

}  // namespace
}  // namespace srs::access

#include "srs-relay/origins/cluster_options.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace srs::relay {
namespace {

const cli::Log quiet("test", cli::LogLevel::error, cli::LogFormat::text);

ClusterOptions with(std::string registry, std::vector<std::string> advertise = {}, bool pulled = false) {
  ClusterOptions options;
  options.registry = std::move(registry);
  options.advertise = std::move(advertise);
  options.advertise_pulled = pulled;
  return options;
}

TEST_CASE("what may be asked of a cluster") {
  CHECK(with("").check());
  CHECK(with("redis://cache").check());
  CHECK(with("redis://cache", {"rtmp://10.0.0.7:1935;weight=2", "http://10.0.0.7:8080"}).check());
  CHECK(with("redis://cache", {"rtmp://10.0.0.7"}, true).check());
  CHECK_FALSE(with("", {"rtmp://10.0.0.7"}).check());
  CHECK_FALSE(with("cache").check());
  CHECK_FALSE(with("redis://cache", {}, true).check());
  for (const char* advertised : {"rtmp://:1935", "ftp://a", "rtmp://u:secret@a", "rtmp://a:0", ""}) {
    CAPTURE(advertised);
    const auto checked = with("redis://cache", {advertised}).check();
    REQUIRE_FALSE(checked);
    CHECK(checked.error().message.find("secret") == std::string::npos);
  }
  CHECK_FALSE(with("redis://cache", std::vector<std::string>(5, "rtmp://a")).check());
  ClusterOptions hasty = with("redis://cache");
  hasty.ttl = std::chrono::milliseconds(999);
  CHECK_FALSE(hasty.check());
}

TEST_CASE("where the password of the registry comes from") {
  ::unsetenv("SRS_REGISTRY_PASSWORD");
  ClusterOptions options = with("redis://:in-url@cache", {"rtmp://a"});
  const auto password = [&] {
    auto made = options.registry_options("node", quiet);
    return made ? made->server.password : "error: " + made.error().message;
  };
  CHECK(password() == "in-url");
  ::setenv("SRS_REGISTRY_PASSWORD", "in environment", 1);
  CHECK(password() == "in environment");
  options.password_file =
      std::filesystem::temp_directory_path() / ("srs-password-" + std::to_string(::getpid()));
  CHECK(password().find("No such file") != std::string::npos);
  std::ofstream(options.password_file) << "in file\nnot this\n";
  CHECK(password() == "in file");
  std::ofstream(options.password_file) << "\n";
  CHECK(password().find("first line") != std::string::npos);
  std::filesystem::remove(options.password_file);
  ::unsetenv("SRS_REGISTRY_PASSWORD");
}

}  // namespace
}  // namespace srs::relay

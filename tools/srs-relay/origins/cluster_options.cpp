#include "srs-relay/origins/cluster_options.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "cli/option_kinds.h"
#include "srs-relay/origins/origin_spec.h"

namespace srs::relay {
namespace {

constexpr std::chrono::milliseconds shortest_ttl{1'000};
constexpr std::chrono::milliseconds longest_ttl{3'600'000};

// The first line.
Result<std::string> read_password(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  if (!stream) return Error{Errc::io, fmt::format("{}: {}", file, std::generic_category().message(errno))};
  if (!std::getline(stream, line) || line.empty())
    return Error{Errc::invalid_data, fmt::format("{}: its first line should be the password", file)};
  return line;
}

Result<void> check_advertised(const std::string& text) {
  const auto origin = parse_origin(text);
  if (!origin) return usage_error("--advertise: " + origin.error().message);
  if (origin->url.host.empty() || origin->url.port == 0)
    return usage_error(
        fmt::format("--advertise {}: give the host and the port where edges reach this relay", text));
  if (!origin->url.password.empty())
    return usage_error(fmt::format("--advertise {}: every edge could read the password", origin->name()));
  if (text.size() > registry::max_url_bytes)
    return usage_error(fmt::format("--advertise: at most {} bytes", registry::max_url_bytes));
  return {};
}

}  // namespace

void add_cluster_options(CLI::App& app, ClusterOptions& options) {
  cli::add_value(app, "--registry", options.registry, "URL",
                 "Find the origins of streams in Redis: redis://[USER@]HOST[:PORT][/DATABASE]");
  cli::add_value(app, "--registry-password-file", options.password_file, "FILE",
                 "File with the password of Redis [default: $SRS_REGISTRY_PASSWORD]");
  cli::add_duration(app, "--registry-ttl", options.ttl, "How long what a relay announced outlives it");
  cli::add_values(app, "--advertise", options.advertise, "URL",
                  "Announce the streams that are published here, to be played at URL: rtmp://HOST:PORT, "
                  "http://HOST:PORT (repeatable)");
  cli::add_flag(app, "--advertise-pulled", options.advertise_pulled,
                "Announce streams that are fetched from elsewhere, too");
}

Result<void> ClusterOptions::check() const {
  if (!wanted()) {
    if (!advertise.empty() || advertise_pulled)
      return usage_error("--advertise: give --registry redis://HOST, too");
    return {};
  }
  if (auto server = registry::parse_redis_server(registry); !server)
    return usage_error("--registry: " + server.error().message);
  if (advertise_pulled && advertise.empty())
    return usage_error("--advertise-pulled: say with --advertise where this relay can be reached");
  if (advertise.size() > registry::max_urls)
    return usage_error(fmt::format("--advertise: at most {} of them", registry::max_urls));
  for (const std::string& text : advertise)
    if (auto checked = check_advertised(text); !checked) return checked;
  if (ttl < shortest_ttl || ttl > longest_ttl) return usage_error("--registry-ttl: give 1s to 1h");
  return {};
}

Result<registry::Registry::Options> ClusterOptions::registry_options(const std::string& node,
                                                                     const cli::Log& log) const {
  auto server = registry::parse_redis_server(registry);
  if (!server) return std::move(server).error();
  if (!server->password.empty())
    log.warning(
        "--registry: everybody here can see the password in the list of processes: give it with "
        "--registry-password-file");
  if (!password_file.empty()) {
    auto password = read_password(password_file);
    if (!password) return std::move(password).error().in("--registry-password-file");
    server->password = *std::move(password);
  } else if (const char* given = std::getenv("SRS_REGISTRY_PASSWORD"); given != nullptr && *given != '\0') {
    server->password = given;
  }
  return registry::Registry::Options{*std::move(server), node, advertise, ttl};
}

}  // namespace srs::relay

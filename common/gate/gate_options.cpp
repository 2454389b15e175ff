#include "gate/gate_options.h"

#include <algorithm>

#include "cli/option_kinds.h"
#include "net/url_display.h"

namespace srs::gate {

void warn_if_open(const GateOptions& options, const std::vector<net::Url>& listen, const cli::Log& log) {
  if (options.has_rules()) return;
  const auto reachable = std::find_if(listen.begin(), listen.end(), [](const net::Url& url) {
    return url.scheme != "unix" && !net::is_loopback(url.host);
  });
  if (reachable == listen.end()) return;
  log.warning("--listen {} without --access: everybody who reaches this address may publish and play",
              net::display_url(*reachable));
}

namespace {

constexpr std::size_t most = 100'000'000;

}  // namespace

void add_gate_options(CLI::App& app, GateOptions& options, Serves serves) {
  cli::add_value(app, "--access", options.file, "FILE",
                 "Rules: who may publish, play and administer; read again on SIGHUP and when it changes");
  audit::add_audit_options(app, options.audit);
  if (serves == Serves::files) return;
  cli::add_number(app, "--max-streams-per-user", options.seats.streams_per_user, 1, most,
                  "Most streams at a time that a user or key publishes [default: no limit]");
  if (serves == Serves::publishers) return;
  cli::add_number(app, "--max-players", options.seats.players, 1, most,
                  "Most players at a time [default: no limit]");
  cli::add_number(app, "--max-players-per-stream", options.seats.players_per_stream, 1, most,
                  "Most players of one stream [default: no limit]");
  cli::add_number(app, "--max-players-per-address", options.seats.players_per_address, 1, most,
                  "Most players with the same address [default: no limit]");
  cli::add_number(app, "--max-players-per-user", options.seats.players_per_user, 1, most,
                  "Most players with the same user or key [default: no limit]");
}

}  // namespace srs::gate

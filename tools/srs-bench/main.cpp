// srs-bench loads a server with many players or publishers and reports what they got. Players read headers
// and skip payloads, so that one process runs thousands of them at far less cost than the server it measures.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "srs-bench/bench.h"
#include "srs-bench/figures/report.h"

namespace {

// Threads inherit this: the signals stay pending for Bench::run().
void block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace srs;
  cli::CommandLine command("srs-bench",
                           "Loads a server with many players or publishers and measures what they get");
  bench::Options options;
  bench::add_options(command.app(), options);
  if (const auto status = command.parse(argc, argv)) return *status;
  if (auto checked = bench::check(options); !checked) return command.usage_error(checked.error().message);

  return cli::run(command, [&](const cli::Log& log) {
    block_stop_signals();
    bench::Bench run(options, log);
    if (auto prepared = run.prepare(); !prepared) {
      log.error("{}", prepared.error().message);
      return cli::exit_failed;
    }
    run.run();
    const bench::Totals totals = run.totals();
    const std::string report =
        options.json ? as_json(options, totals).dump(2) + "\n" : as_table(options, totals);
    if (!print(report)) {
      log.error("cannot write the report: {}", std::strerror(errno));
      return cli::exit_failed;
    }
    const bool all_well = totals.failed == 0 && totals.without_media == 0 &&
                          totals.started == totals.requested && totals.reconnects == 0 &&
                          totals.verified.mismatched == 0 && totals.hls.errors.empty() &&
                          totals.hls.missed == 0 && totals.hls.back_steps == 0;
    return all_well ? cli::exit_done : cli::exit_failed;
  });
}

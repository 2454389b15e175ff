// srs-probe analyses media: it reads FLV from a pipe, or a stream from a server, and reports its content and
// faults. It decodes nothing: what makes players stumble shows in the timestamps, the key frames and the
// codec configurations.
#include "cli/command_line.h"
#include "srs-probe/session/options.h"
#include "srs-probe/session/session.h"
#include "srs-probe/sources/sources.h"

int main(int argc, char** argv) {
  using namespace srs;
  cli::CommandLine command(
      "srs-probe", "Looks at a live stream, a file or a pipe and reports what is in it and what is wrong");
  probe::Options options;
  probe::add_options(command.app(), options);
  if (const auto status = command.parse(argc, argv)) return *status;
  if (auto checked = probe::check(options); !checked) return command.usage_error(checked.error().message);

  return cli::run(command, [&](const cli::Log& log) {
    auto trust = srs::net::TlsContext::client(options.authorities);
    if (!trust) {
      log.error("--tls-ca: {}", trust.error().message);
      return cli::exit_failed;
    }
    options.trust = *std::move(trust);
    probe::catch_stop_signals();
    const probe::SourceKind kind = probe::source_kind(options.source);
    probe::Session session(options, log, kind.display, kind.live);
    auto outcome = probe::read_source(session, kind, options.source);
    return session.conclude(std::move(outcome));
  });
}

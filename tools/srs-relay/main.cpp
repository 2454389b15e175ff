// srs-relay: one pipe of streams in, many players out.
//
//   srs-ingest --listen rtmp://:1935 | srs-relay --listen rtmp://:1936 --listen http://:8080
//
// See srs-relay(1), and docs/architecture.md for the way of a frame.
#include <fmt/format.h>

#include "access/type_password.h"
#include "srs-relay/options.h"
#include "srs-relay/relay.h"

int main(int argc, char** argv) {
  srs::cli::CommandLine command("srs-relay", "Relay the streams on stdin to RTMP and HTTP-FLV players");
  srs::relay::OptionReader reader(command);
  if (const auto status = command.parse(argc, argv)) return *status;
  if (reader.wants_hash()) {
    const auto hash = srs::access::hash_typed_password();
    if (!hash) return command.usage_error(hash.error().message);
    fmt::print("{}\n", *hash);
    return srs::cli::exit_done;
  }
  const auto options = reader.read();
  if (!options) return command.usage_error(options.error().message);
  if (options->is_named) command.set_node(options->node);
  return srs::cli::run(command,
                       [&](const srs::cli::Log& log) { return srs::relay::Relay(*options, log).run(); });
}

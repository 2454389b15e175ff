// srs-ingest: publishers and sources in, one pipe of FLV out.
//
//   srs-ingest --listen rtmp://:1935 | srs-relay --listen http://:8080
//
// See srs-ingest(1), and srs-pipe(5) for what comes out.
#include "ingest.h"
#include "options.h"

int main(int argc, char** argv) {
  srs::cli::CommandLine command(
      "srs-ingest", "Take live streams from publishers and sources, and write them as FLV to stdout");
  srs::ingest::OptionReader reader(command);
  if (const auto status = command.parse(argc, argv)) return *status;
  const auto options = reader.read();
  if (!options) return command.usage_error(options.error().message);
  return srs::cli::run(command,
                       [&](const srs::cli::Log& log) { return srs::ingest::Ingest(*options, log).run(); });
}

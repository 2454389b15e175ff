#include "cli/command_line.h"

int main(int argc, char** argv) {
  srs::cli::CommandLine command("srs-relay", "");
  if (const auto status = command.parse(argc, argv)) return *status;
  return srs::cli::run(command, [&](const srs::cli::Log&) { return srs::cli::exit_done; });
}

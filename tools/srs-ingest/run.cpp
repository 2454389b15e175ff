#include "srs-ingest/run.h"

#include <algorithm>

#include "cli/command_line.h"
#include "srs-ingest/ingest.h"
#include "srs-ingest/options.h"
#include "srs-ingest/program_with_ffmpeg.h"

namespace srs::ingest {
namespace {

bool need_ffmpeg(const std::vector<SourceOption>& sources) {
  return std::any_of(sources.begin(), sources.end(),
                     [](const SourceOption& source) { return needs_ffmpeg(source.argument); });
}

}  // namespace

int run(int argc, char** argv, OpenWithFfmpeg open_with_ffmpeg) {
  cli::CommandLine command("srs-ingest",
                           "Take live streams from publishers and sources, and write them as FLV to stdout");
  OptionReader reader(command);
  if (const auto status = command.parse(argc, argv)) return *status;
  const auto options = reader.read();
  if (!options) return command.usage_error(options.error().message);
  if (open_with_ffmpeg == nullptr && need_ffmpeg(options->sources)) {
    command.log().error("{}", become_program_with_ffmpeg(argv).message);
    return cli::exit_failed;
  }
  return cli::run(command,
                  [&](const cli::Log& log) { return Ingest(*options, open_with_ffmpeg, log).run(); });
}

}  // namespace srs::ingest

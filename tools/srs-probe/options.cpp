#include "options.h"

#include <unistd.h>

#include "media/stream_path.h"

namespace srs::probe {

void add_options(CLI::App& app, Options& options) {
  app.add_option("SOURCE", options.source, "A URL, a file, or - for stdin (the default)");
  app.add_option("--stream", options.stream, "Look at this stream of a pipe only")->type_name("PATH");
  app.add_option_function<std::string>(
         "--for",
         [&options](const std::string& text) {
           auto parsed = cli::parse_duration(text);
           if (!parsed) throw CLI::ValidationError("--for", parsed.error().message);
           options.time = *parsed;
         },
         "Stop after this much media, 0: never (live sources: 5s)")
      ->type_name("DURATION");
  cli::add_duration(app, "--timeout", options.timeout,
                    "How long a network source may take to its first media");
  app.add_flag("--json", options.json, "Report in JSON");
  app.add_flag("--watch", options.watch, "A line a second and stream, and no end unless --for says one");
  app.add_flag("--pass", options.pass, "Pass stdin to stdout; the report goes to stderr");
  app.add_option("--fail-if", options.fail_if,
                 "Exit with status 3 beyond a limit: gap>1s, skew>500ms, fps<24")
      ->type_name("EXPR")
      ->allow_extra_args(false);  // the SOURCE may follow
}

Result<void> check(Options& options) {
  const bool from_stdin = options.source == "-";
  if (options.pass && !from_stdin) return Error{Errc::usage, "--pass passes stdin on: it takes no SOURCE"};
  if (from_stdin && ::isatty(STDIN_FILENO))
    return Error{Errc::usage, "stdin is a terminal: name a SOURCE or pipe FLV into it"};
  if (options.pass && ::isatty(STDOUT_FILENO))
    return Error{Errc::usage, "--pass writes FLV and stdout is a terminal"};
  if (!options.stream.empty()) {
    auto path = media::parse_stream_path(options.stream);
    if (!path) return std::move(path).error().in("--stream");
    options.stream = *std::move(path);
  }
  for (const std::string& expression : options.fail_if) {
    auto threshold = Threshold::parse(expression);
    if (!threshold) return std::move(threshold).error().in("--fail-if");
    options.thresholds.push_back(*std::move(threshold));
  }
  return {};
}

}  // namespace srs::probe

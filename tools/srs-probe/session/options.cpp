#include "srs-probe/session/options.h"

#include <unistd.h>

#include "media/stream_path.h"
#include "net/tls_options.h"
#include "net/url_display.h"
#include "rtmp/auth.h"

namespace srs::probe {

void add_options(CLI::App& app, Options& options) {
  cli::add_argument(app, "SOURCE", options.source, "A URL, a file, or - for stdin (the default)");
  cli::add_value(app, "--stream", options.stream, "PATH", "Look at this stream of a pipe only");
  const auto set_time = [&options](const std::string& text) -> std::string {
    const auto parsed = cli::parse_duration(text);
    if (!parsed) return parsed.error().message;
    options.time = *parsed;
    return {};
  };
  cli::add_text(app, "--for", "DURATION", "", set_time,
                "Stop after this much media, 0: never (live sources: 5s)");
  cli::add_duration(app, "--timeout", options.timeout,
                    "How long a network source may take to its first media");
  net::add_tls_authorities_option(app, options.authorities);
  cli::add_flag(app, "--json", options.json, "Report in JSON");
  cli::add_flag(app, "--watch", options.watch,
                "A line a second and stream, and no end unless --for says one");
  cli::add_flag(app, "--pass", options.pass, "Pass stdin to stdout; the report goes to stderr");
  cli::add_values(app, "--fail-if", options.fail_if, "EXPR",
                  "Exit with status 3 beyond a limit: gap>1s, skew>500ms, fps<24");  // the SOURCE may follow
}

Result<void> check(Options& options) {
  const bool from_stdin = options.source == "-";
  if (options.pass && !from_stdin) return Error{Errc::usage, "--pass passes stdin on: it takes no SOURCE"};
  if (from_stdin && ::isatty(STDIN_FILENO))
    return Error{Errc::usage, "stdin is a terminal: name a SOURCE or pipe FLV into it"};
  if (options.pass && ::isatty(STDOUT_FILENO))
    return Error{Errc::usage, "--pass writes FLV and stdout is a terminal"};
  if (options.source.starts_with("rtmp://") || options.source.starts_with("rtmps://")) {
    const auto url = net::parse_url(options.source);
    if (!url) return Error(url.error());
    if (auto known = rtmp::Credentials::of(*url); !known)
      return std::move(known).error().in(net::display_url(*url));
  }
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

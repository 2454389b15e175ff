#include "srs-ingest/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "live/stream_limit_options.h"
#include "media/stream_path.h"
#include "net/url_display.h"
#include "srs-ingest/open_source.h"
#include "srs-ingest/publishers/protocol.h"

namespace srs::ingest {

OptionReader::OptionReader(cli::CommandLine& command) {
  CLI::App& app = command.app();
  cli::add_arguments(
      app, "SOURCE", sources_,
      "rtmp(s)://HOST/APP/STREAM, http(s)://HOST/PATH.flv, a file or URL that FFmpeg opens, "
      "- (FLV on stdin), test: (a generated stream; test:?size=1280x720&rate=30&bitrate=2500k)");
  cli::add_values(app, "--listen", listen_, "URL", "Take publishers at rtmp://[ADDR]:PORT (repeatable)");
  cli::add_flag(app, "--share-ports", options_.share_ports,
                "Listen also on ports that another process of these tools has, to take over from it");
  cli::add_value(app, "--stream", options_.stream, "PATH", "Take this stream only, and write plain FLV");
  cli::add_values(app, "--name", names_, "PATH",
                  "Name of a SOURCE's stream (repeatable, in the order of the SOURCEs)");
  cli::add_flag(app, "--annotations", options_.annotations,
                "Keep onClock and the like in FLV that is written to a file");
  cli::add_flag(app, "--realtime", options_.realtime, "Pace sources by their timestamps");
  cli::add_flag(app, "--loop", options_.loop, "Start a SOURCE that has ended over");
  cli::add_flag(app, "--reconnect", options_.reconnect, "Try a lost SOURCE again, with back-off");
  cli::add_choice(
      app, "--on-full", options_.on_full,
      {{"drop-gop", pipe::OnFull::drop_gop}, {"block", pipe::OnFull::block}, {"exit", pipe::OnFull::exit}},
      "When the reader of stdout is slow [default: drop-gop for live sources, block for files]");
  cli::add_duration(app, "--grace", options_.grace,
                    "How long a publisher's stream waits for it to come back");
  using Takeover = live::Publications::Takeover;
  cli::add_choice(app, "--takeover", options_.takeover,
                  {{"reject", Takeover::reject}, {"kick", Takeover::kick}},
                  "A second publisher of a stream that is on: reject it, or kick the first");
  admin::add_admin_options(app, options_.admin);
  net::add_connection_options(app, options_.connections);
  gate::add_gate_options(app, options_.access, gate::Serves::publishers);
  live::add_stream_limit_options(app, options_.stream_limits, options_.publisher_rate);
}

Result<Options> OptionReader::read() const {
  Options options = options_;
  for (const std::string& text : listen_) {
    auto url = net::parse_url(text);
    if (!url) return std::move(url).error();
    if (!find_protocol(url->scheme))
      return usage_error(fmt::format("--listen {}: srs-ingest listens on rtmp://", net::display_url(*url)));
    options.listen.push_back(*std::move(url));
  }
  if (!options.stream.empty()) {
    auto path = media::parse_stream_path(options.stream);
    if (!path) return usage_error("--stream: " + path.error().message);
    options.stream = *std::move(path);
  }
  if (auto read = read_sources(options); !read) return std::move(read).error();
  if (options.listen.empty() && options.sources.empty())
    return usage_error("nothing to do: give --listen rtmp://:1935 or a SOURCE, e.g. test:");
  const auto may_bring = [&](const SourceOption& source) {
    return source.argument == "-" || source.path == options.stream;
  };
  if (!options.stream.empty() && options.listen.empty() &&
      std::none_of(options.sources.begin(), options.sources.end(), may_bring))
    return usage_error(fmt::format("--stream {}: no source has that name: see --name", options.stream));
  if (auto checked = options.admin.check(); !checked) return std::move(checked).error();
  return options;
}

Result<void> OptionReader::read_sources(Options& options) const {
  if (names_.size() > sources_.size())
    return usage_error(
        fmt::format("--name is given {} times for {} sources", names_.size(), sources_.size()));
  std::set<std::string> paths;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    auto path = media::parse_stream_path(i < names_.size() ? names_[i] : default_stream_path(sources_[i]));
    if (!path) return usage_error("--name: " + path.error().message);
    if (!paths.insert(*path).second)
      return usage_error(fmt::format("two sources are both named {}: tell them apart with --name", *path));
    options.sources.push_back({sources_[i], *std::move(path), i < names_.size()});
  }
  const auto is_stdin = [](const std::string& source) { return source == "-"; };
  if (std::count_if(sources_.begin(), sources_.end(), is_stdin) > 1)
    return usage_error("stdin (-) can be a source only once");
  return {};
}

}  // namespace srs::ingest

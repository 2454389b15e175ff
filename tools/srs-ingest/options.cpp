#include "options.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "media/stream_path.h"
#include "net/url_display.h"
#include "open_source.h"
#include "rtmp/stream_limit_options.h"

namespace srs::ingest {
namespace {

Error usage(std::string message) {
  return {Errc::usage, std::move(message)};
}

}  // namespace

OptionReader::OptionReader(cli::CommandLine& command) {
  CLI::App& app = command.app();
  app.add_option("SOURCE", sources_,
                 "rtmp(s)://HOST/APP/STREAM, http(s)://HOST/PATH.flv, a file or URL that FFmpeg opens, "
                 "- (FLV on stdin), test: (a generated stream; test:?size=1280x720&rate=30&bitrate=2500k)");
  app.add_option("--listen", listen_, "Take publishers at rtmp://[ADDR]:PORT (repeatable)")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_flag("--share-ports", options_.share_ports,
               "Listen also on ports that another process of these tools has, to take over from it");
  app.add_option("--stream", options_.stream, "Take this stream only, and write plain FLV")
      ->type_name("PATH");
  app.add_option("--name", names_, "Name of a SOURCE's stream (repeatable, in the order of the SOURCEs)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app.add_flag("--realtime", options_.realtime, "Pace sources by their timestamps");
  app.add_flag("--loop", options_.loop, "Start a SOURCE that has ended over");
  app.add_flag("--reconnect", options_.reconnect, "Try a lost SOURCE again, with back-off");
  app.add_option("--on-full", on_full_,
                 "When the reader of stdout is slow: drop-gop, block or exit "
                 "[default: drop-gop for live sources, block for files]")
      ->check(CLI::IsMember({"drop-gop", "block", "exit"}));
  cli::add_duration(app, "--grace", options_.grace,
                    "How long a publisher's stream waits for it to come back");
  app.add_option("--takeover", takeover_,
                 "A second publisher of a stream that is on: reject it, or kick the first")
      ->check(CLI::IsMember({"reject", "kick"}))
      ->capture_default_str();
  admin::add_admin_options(app, options_.admin);
  net::add_connection_options(app, options_.connections);
  rtmp::add_stream_limit_options(app, options_.stream_limits);
}

Result<Options> OptionReader::read() const {
  Options options = options_;
  for (const std::string& text : listen_) {
    auto url = net::parse_url(text);
    if (!url) return std::move(url).error();
    if (url->scheme != "rtmp")
      return usage(fmt::format("--listen {}: srs-ingest listens on rtmp://", net::display_url(*url)));
    options.listen.push_back(*std::move(url));
  }
  if (!options.stream.empty()) {
    auto path = media::parse_stream_path(options.stream);
    if (!path) return usage("--stream: " + path.error().message);
    options.stream = *std::move(path);
  }
  if (auto read = read_sources(options); !read) return std::move(read).error();
  if (options.listen.empty() && options.sources.empty())
    return usage("nothing to do: give --listen rtmp://:1935 or a SOURCE, e.g. test:");
  const auto may_bring = [&](const SourceOption& source) {
    return source.argument == "-" || source.path == options.stream;
  };
  if (!options.stream.empty() && options.listen.empty() &&
      std::none_of(options.sources.begin(), options.sources.end(), may_bring))
    return usage(fmt::format("--stream {}: no source has that name: see --name", options.stream));
  if (auto checked = options.admin.check(); !checked) return std::move(checked).error();
  if (on_full_ == "drop-gop") options.on_full = media::OnFull::drop_gop;
  if (on_full_ == "block") options.on_full = media::OnFull::block;
  if (on_full_ == "exit") options.on_full = media::OnFull::exit;
  if (takeover_ == "kick") options.takeover = rtmp::Publishers::Takeover::kick;
  return options;
}

Result<void> OptionReader::read_sources(Options& options) const {
  if (names_.size() > sources_.size())
    return usage(fmt::format("--name is given {} times for {} sources", names_.size(), sources_.size()));
  std::set<std::string> paths;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    auto path = media::parse_stream_path(i < names_.size() ? names_[i] : default_stream_path(sources_[i]));
    if (!path) return usage("--name: " + path.error().message);
    if (!paths.insert(*path).second)
      return usage(fmt::format("two sources are both named {}: tell them apart with --name", *path));
    options.sources.push_back({sources_[i], *std::move(path), i < names_.size()});
  }
  const auto is_stdin = [](const std::string& source) { return source == "-"; };
  if (std::count_if(sources_.begin(), sources_.end(), is_stdin) > 1)
    return usage("stdin (-) can be a source only once");
  return {};
}

}  // namespace srs::ingest

#include "options.h"

#include <fmt/format.h>

#include "admin/admin_server.h"
#include "media/stream_path.h"
#include "streams.h"

namespace srs::hls {

OptionReader::OptionReader(cli::CommandLine& command) {
  CLI::App& app = command.app();
  app.add_option("DIR", options_.directory, "Where playlists and segments go; made if missing")->required();
  cli::add_duration(app, "--target", options_.settings.target, "Cut at the first key frame after this much");
  app.add_option("--window", options_.settings.window, "Segments in a playlist")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--listen", listen_, "Serve DIR at http://[ADDR]:PORT (repeatable)")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_flag("--share-ports", options_.share_ports,
               "Listen also on ports that another process of these tools has, to take over from it");
  cli::add_duration(app, "--linger", options_.linger,
                    "With --listen: serve on for this long after the input has ended");
  app.add_option("--stream", options_.stream,
                 "Name of the stream when stdin is plain FLV; of many streams, take this one")
      ->type_name("PATH");
  app.add_option("--admin", admin_,
                 "Serve metrics and an interface for operators at URL: http://127.0.0.1:PORT")
      ->type_name("URL");
}

Result<Options> OptionReader::read() const {
  Options options = options_;
  const auto usage = [](std::string message) { return Error{Errc::usage, std::move(message)}; };
  for (const std::string& text : listen_) {
    auto url = net::parse_url(text);
    if (!url) return usage(fmt::format("--listen {}: {}", text, url.error().message));
    if (url->scheme != "http") return usage(fmt::format("--listen {}: srs-hls serves http://", text));
    options.listen.push_back(*std::move(url));
  }
  if (!admin_.empty()) {
    auto admin = admin::parse_admin_url(admin_);
    if (!admin) return std::move(admin).error();
    options.admin = *std::move(admin);
  }
  constexpr std::chrono::milliseconds shortest{100};
  constexpr std::chrono::hours longest{1};
  if (options.settings.target < shortest || options.settings.target > longest)
    return usage("--target: from 100ms to 1h");
  if (options.linger > std::chrono::milliseconds(0) && options.listen.empty())
    return usage("--linger serves nobody without --listen");
  if (!options.stream.empty()) {
    auto path = media::parse_stream_path(options.stream);
    if (!path) return usage(fmt::format("--stream {}: {}", options.stream, path.error().message));
    options.stream = *std::move(path);
    if (const std::string why = refuse_file_name(options.stream); !why.empty())
      return usage(fmt::format("--stream {}: {}", options.stream, why));
  }
  return options;
}

}  // namespace srs::hls

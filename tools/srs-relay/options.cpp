#include "options.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <thread>

#include "media/stream_path.h"
#include "net/url_display.h"
#include "rtmp/stream_limit_options.h"

namespace srs::relay {
namespace {

std::string random_node_id() {
  std::random_device random;
  return fmt::format("{:08x}{:04x}", random(), random() & 0xffff);
}

// It is part of URLs and lists.
bool is_node_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

OptionReader::OptionReader(cli::CommandLine& command) {
  options_.threads = std::max(1u, std::thread::hardware_concurrency());
  CLI::App& app = command.app();
  app.add_option("--listen", listen_,
                 "Serve players at URL: rtmp://[ADDR]:PORT, http://[ADDR]:PORT (repeatable)")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_flag("--share-ports", options_.share_ports,
               "Listen also on ports that another process of these tools has, to take over from it");
  app.add_option("--stream", options_.stream,
                 "Name of the stream, when stdin is plain FLV [default: the name it carries, or live/stdin]")
      ->type_name("PATH");
  app.add_flag("--no-stdin", no_stdin_, "Read nothing: publishers are the only input");
  app.add_flag("--stdin", stdin_, "Read stdin, though there are origins");
  app.add_flag("--accept-publish", options_.accept_publish, "Take publishers on the RTMP listeners, too");
  cli::add_duration(app, "--grace", options_.grace,
                    "How long a publisher's stream waits for it to come back");
  app.add_option("--takeover", takeover_,
                 "A second publisher of a stream that is on: reject it, or kick the first")
      ->check(CLI::IsMember({"reject", "kick"}))
      ->capture_default_str();
  rtmp::add_stream_limit_options(app, options_.stream_limits);
  app.add_flag("--pass", options_.pass, "Write all streams on to stdout, like tee");
  app.add_option("--on-full", on_full_, "When the reader of stdout is slow: drop-gop, or block the input")
      ->check(CLI::IsMember({"drop-gop", "block"}))
      ->capture_default_str();
  app.add_option("--threads", options_.threads, "Threads that serve players [default: one a core]")
      ->check(CLI::Range(std::size_t{1}, std::size_t{256}));
  app.add_option(
         "--flush", flush_,
         "When bytes go out: auto (with the next video message or after 40 ms), 0 (each message), or every "
         "DURATION")
      ->type_name("auto|0|DURATION")
      ->capture_default_str();
  app.add_option("--max-lag", max_lag_,
                 "A player further behind skips to the newest key frame [default: when the log ends]")
      ->type_name("BYTES|DURATION");
  add_origin_options(app);
  add_cluster_options(app, options_.cluster);
  admin::add_admin_options(app, options_.admin);
  net::add_connection_options(app, options_.connections);
  app.add_option("--node", options_.node, "Name of this relay among others [default: made up]")
      ->type_name("ID");
  app.add_option("--push", push_,
                 "Send streams to another server: rtmp(s)://HOST/APP/KEY; {path} is the stream's")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_option("--push-file", push_file_, "The same, a URL a line, and read again on SIGHUP")
      ->type_name("FILE");
  app.add_option("--match", match_, "Push only streams like this: 'live/*' (repeatable) [default: all]")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  cli::add_duration(app, "--drain", options_.drain,
                    "How long players are served after SIGTERM, until they have left");
  cli::add_duration(app, "--wait", options_.worker.wait,
                    "How long a player waits for a stream that is not there");
  cli::add_duration(app, "--stall-timeout", options_.worker.stall_timeout,
                    "Close a player that takes nothing for this long");
  cli::add_size(app, "--max-gop-bytes", max_gop_bytes_, "Most bytes of a stream that are kept");
  cli::add_duration(app, "--max-gop-time", options_.stream_options.limits.max_time,
                    "Longest stretch of a stream that is kept");
}

void OptionReader::add_origin_options(CLI::App& app) {
  app.add_option(
         "--origin", origins_,
         "Fetch what players want from URL[;weight=N][;metrics=URL]: rtmp://, http://, or rtmp+srv://, "
         "http+srv:// (repeatable)")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_option("--origins-file", options_.origins.file, "File with an origin a line; SIGHUP reads it again")
      ->type_name("FILE");
  app.add_option("--balance", balance_, "Which origin is asked first for a stream")
      ->check(CLI::IsMember({"round-robin", "least-conn", "weighted", "hash"}))
      ->capture_default_str();
  cli::add_duration(app, "--origin-timeout", options_.pull.timeout,
                    "Go to the next origin when one says nothing for this long");
  cli::add_duration(app, "--linger", options_.pull.linger,
                    "How long a stream without players is still fetched");
  app.add_flag("--redirect", options_.pull.redirect,
               "Send players to the origin of their stream, instead of fetching it");
  app.add_flag("--forward-query", options_.pull.forward_query,
               "Hand the query of each player on to the origin, which decides for each (tokens)");
  app.add_option("--max-pulls", options_.pull.max_pulls,
                 "Most streams that are fetched or looked for at once")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str();
  app.add_option("--max-pulls-per-address", options_.pull.max_pulls_per_address,
                 "Most streams that one address may have looked for at once")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str();
}

Result<void> OptionReader::read_origins(Options& options) const {
  for (const std::string& text : origins_) {
    auto origin = parse_origin(text);
    if (!origin) return std::move(origin).error().in("--origin");
    options.origins.origins.push_back(*std::move(origin));
  }
  auto balance = parse_balance(balance_);
  if (!balance) return std::move(balance).error();
  options.origins.balance = *balance;
  options.origins.timeout = options.pull.timeout;
  options.pull.grace = options.grace;
  options.pull.node = options.node;
  return {};
}

Result<Options> OptionReader::read() const {
  Options options = options_;
  const auto usage = [](std::string message) { return Error{Errc::usage, std::move(message)}; };
  for (const std::string& text : listen_) {
    auto url = net::parse_url(text);
    if (!url) return std::move(url).error();
    if (url->scheme != "rtmp" && url->scheme != "http")
      return usage(fmt::format("--listen {}: srs-relay serves rtmp:// and http://", net::display_url(*url)));
    options.listen.push_back(*std::move(url));
  }
  if (!options.stream.empty()) {
    auto path = media::parse_stream_path(options.stream);
    if (!path) return usage("--stream: " + path.error().message);
    options.stream = *std::move(path);
  }
  if (options.node.empty()) options.node = random_node_id();
  if (!is_node_id(options.node))
    return usage(fmt::format("--node {}: give up to 64 letters, digits, '-', '_' or '.'", options.node));
  auto push = parse_push_options(push_, push_file_, match_);
  if (!push) return std::move(push).error();
  options.push = *std::move(push);
  if (options.listen.empty() && !options.pass && !options.push.wanted())
    return usage("nothing to do: give --listen rtmp://:1936 or --listen http://:8080, or --pass, or --push");
  if (auto checked = options.admin.check(); !checked) return std::move(checked).error();
  if (auto origins = read_origins(options); !origins) return std::move(origins).error();
  if (auto checked = options.cluster.check(); !checked) return std::move(checked).error();
  if (no_stdin_ && stdin_) return usage("--stdin and --no-stdin: give one of them");
  if (no_stdin_ && !options.accept_publish && !options.is_edge())
    return usage("--no-stdin leaves no input: add --accept-publish, --origin or --registry");
  options.read_stdin = stdin_ || (!no_stdin_ && !options.is_only_edge());
  options.on_full = on_full_ == "block" ? media::OnFull::block : media::OnFull::drop_gop;
  options.takeover_kick = takeover_ == "kick";
  options.stream_options.limits.max_bytes = max_gop_bytes_;
  auto flush = parse_flush(flush_);
  if (!flush) return std::move(flush).error();
  options.stream_options.flush = *flush;
  auto max_lag = parse_max_lag(max_lag_);
  if (!max_lag) return std::move(max_lag).error();
  options.stream_options.lag_limit = *max_lag;
  return options;
}

Result<FlushPolicy> parse_flush(const std::string& text) {
  FlushPolicy policy;
  if (text == "auto") return policy;
  const auto interval = cli::parse_duration(text);
  if (!interval || *interval > std::chrono::seconds(10))
    return Error{Errc::usage, fmt::format("--flush {}: give auto, 0, or a time of up to 10s", text)};
  policy.kind = interval->count() == 0 ? FlushPolicy::Kind::at_once : FlushPolicy::Kind::interval;
  policy.interval = *interval;
  return policy;
}

Result<LagLimit> parse_max_lag(const std::string& text) {
  LagLimit limit;
  if (text.empty()) return limit;
  if (const auto bytes = cli::parse_size(text)) {
    limit.bytes = *bytes;
  } else if (const auto time = cli::parse_duration(text)) {
    limit.time = *time;
  } else {
    return Error{Errc::usage, fmt::format("--max-lag {}: give bytes (4M) or a time (2s)", text)};
  }
  return limit;
}

}  // namespace srs::relay

#include "srs-relay/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <thread>

#include "live/stream_limit_options.h"
#include "media/stream_path.h"
#include "net/url_display.h"
#include "srs-relay/protocols.h"

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
  cli::add_values(app, "--listen", listen_, "URL",
                  "Serve players at URL: rtmp://[ADDR]:PORT, http://[ADDR]:PORT (repeatable)");
  cli::add_flag(app, "--share-ports", options_.share_ports,
                "Listen also on ports that another process of these tools has, to take over from it");
  cli::add_value(app, "--stream", options_.stream, "PATH",
                 "Name of the stream, when stdin is plain FLV [default: the name it carries, or live/stdin]");
  cli::add_flag(app, "--no-stdin", no_stdin_, "Read nothing: publishers are the only input");
  cli::add_flag(app, "--stdin", stdin_, "Read stdin, though there are origins");
  cli::add_flag(app, "--accept-publish", options_.accept_publish,
                "Take publishers on the RTMP listeners, too");
  cli::add_duration(app, "--grace", options_.grace,
                    "How long a publisher's stream waits for it to come back");
  cli::add_choice(app, "--takeover", options_.takeover_kick, {{"reject", false}, {"kick", true}},
                  "A second publisher of a stream that is on: reject it, or kick the first");
  live::add_stream_limit_options(app, options_.stream_limits, options_.publisher_rate);
  cli::add_flag(app, "--pass", options_.pass, "Write all streams on to stdout, like tee");
  cli::add_flag(app, "--annotations", options_.annotations,
                "Keep onClock and the like in FLV that --pass writes to a file");
  cli::add_choice(app, "--on-full", options_.on_full,
                  {{"drop-gop", pipe::OnFull::drop_gop}, {"block", pipe::OnFull::block}},
                  "When the reader of stdout is slow: drop whole GOPs, or block the input");
  cli::hide_default(*cli::add_number(app, "--threads", options_.threads, 1, 256,
                                     "Threads that serve players [default: one a core]"));
  cli::add_value(
      app, "--flush", flush_, "auto|0|DURATION",
      "When bytes go out: auto (with the next video message or after 50 ms), 0 (each message), or every "
      "DURATION");
  cli::add_value(app, "--max-lag", max_lag_, "BYTES|DURATION",
                 "A player further behind skips to the newest key frame [default: when the log ends]");
  add_origin_options(app);
  add_cluster_options(app, options_.cluster);
  admin::add_admin_options(app, options_.admin);
  net::add_connection_options(app, options_.connections);
  gate::add_gate_options(app, options_.access, gate::Serves::both);
  cli::add_flag(app, "--hash-password", hash_password_,
                "Read a password from stdin, print its hash for the rules, and end");
  cli::add_value(app, "--node", options_.node, "ID", "Name of this relay among others [default: made up]");
  cli::add_values(app, "--push", push_, "URL",
                  "Send streams to another server: rtmp(s)://HOST/APP/KEY; {path} is the stream's");
  cli::add_value(app, "--push-file", push_file_, "FILE", "The same, a URL a line, and read again on SIGHUP");
  cli::add_values(app, "--match", match_, "GLOB",
                  "Push only streams like this: 'live/*' (repeatable) [default: all]");
  cli::add_duration(app, "--drain", options_.drain,
                    "How long players are served after SIGTERM, until they have left");
  cli::add_duration(app, "--wait", options_.player_wait,
                    "How long a player waits for a stream that is not there");
  cli::add_duration(app, "--stall-timeout", options_.stall_timeout,
                    "Close a player that takes nothing for this long");
  cli::add_size(app, "--max-gop-bytes", max_gop_bytes_, "Most bytes of a stream that are kept");
  cli::add_duration(app, "--max-gop-time", options_.stream_options.limits.max_time,
                    "Longest stretch of a stream that is kept");
}

void OptionReader::add_origin_options(CLI::App& app) {
  cli::add_values(
      app, "--origin", origins_, "URL",
      "Fetch what players want from URL[;weight=N][;metrics=URL]: rtmp://, http://, or rtmp+srv://, "
      "http+srv:// (repeatable)");
  cli::add_value(app, "--origins-file", options_.origins.file, "FILE",
                 "File with an origin a line; SIGHUP reads it again");
  cli::add_choice(app, "--balance", options_.origins.balance,
                  {{"round-robin", Balance::round_robin},
                   {"least-conn", Balance::least_conn},
                   {"weighted", Balance::weighted},
                   {"hash", Balance::hash}},
                  "Which origin is asked first for a stream");
  cli::add_duration(app, "--origin-timeout", options_.pull.timeout,
                    "Go to the next origin when one says nothing for this long");
  cli::add_duration(app, "--linger", options_.pull.linger,
                    "How long a stream without players is still fetched");
  cli::add_flag(app, "--redirect", options_.pull.redirect,
                "Send players to the origin of their stream, instead of fetching it");
  cli::add_flag(app, "--forward-query", options_.pull.forward_query,
                "Hand the query of each player on to the origin, which decides for each (tokens)");
  cli::add_number(app, "--max-pulls", options_.pull.max_pulls, 1, 1'000'000,
                  "Most streams that are fetched or looked for at once");
  cli::add_number(app, "--max-pulls-per-address", options_.pull.max_pulls_per_address, 1, 1'000'000,
                  "Most streams that one address may have looked for at once");
}

Result<void> OptionReader::read_origins(Options& options) const {
  for (const std::string& text : origins_) {
    auto origin = parse_origin(text);
    if (!origin) return std::move(origin).error().in("--origin");
    options.origins.origins.push_back(*std::move(origin));
  }
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
    if (!find_protocol(url->scheme))
      return usage(fmt::format("--listen {}: srs-relay serves rtmp:// and http://", net::display_url(*url)));
    options.listen.push_back(*std::move(url));
  }
  if (!options.stream.empty()) {
    auto path = media::parse_stream_path(options.stream);
    if (!path) return usage("--stream: " + path.error().message);
    options.stream = *std::move(path);
  }
  options.is_named = !options.node.empty();
  if (!options.is_named) options.node = random_node_id();
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

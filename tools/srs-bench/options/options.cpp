#include "srs-bench/options/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "net/tls_options.h"

namespace srs::bench {
namespace {

constexpr std::size_t max_count = 1'000'000;

}  // namespace

void add_options(CLI::App& app, Options& options) {
  app.require_subcommand(1);
  app.fallthrough();
  cli::add_number(app, "-n,--count", options.count, 1, max_count, "How many players or publishers");
  cli::add_value(app, "--ramp", options.ramp, "DURATION|RATE/s",
                 "Spread the starts: over a DURATION, or RATE/s");
  cli::add_duration(app, "--for", options.time, "How long to go on after the last start; 0: until a signal");
  cli::add_duration(app, "--settle", options.settle,
                    "Of that, how long not to measure (a tenth, at most a second)");
  cli::add_duration(app, "--timeout", options.timeout,
                    "How long a player may take to its first media, a publisher to be accepted");
  cli::add_number(app, "--threads", options.threads, 1, 256, "Threads to work with");
  cli::add_value(app, "--bind", options.bind, "ADDRESS[,ADDRESS...]",
                 "Connect from these addresses in turn, each with its own ports");
  net::add_tls_authorities_option(app, options.authorities);
  cli::add_number(app, "--pid", options.server_pid, 1, std::numeric_limits<pid_t>::max(),
                  "The server's process on this machine: report what it takes");
  cli::add_flag(app, "--json", options.json, "Report in JSON");

  const auto add_mode = [&](const char* name, const char* description, Mode mode) {
    CLI::App* command = app.add_subcommand(name, description);
    command->fallthrough();
    command->add_option("URL", options.url, "Where; {n} in it is the number, 0 to N-1")->required();
    command->callback([&options, mode] { options.mode = mode; });
    return command;
  };
  add_mode("play", "Play streams over RTMP, HTTP-FLV or HLS", Mode::play);
  add_mode("publish", "Publish an FLV file over RTMP, in real time, again and again", Mode::publish);
  // Options of one command that may also be given before it.
  cli::add_value(app, "--verify", options.verify, "K",
                 "play: how many players read and check everything, or 'all'");
  cli::add_value(app, "--reference", options.reference, "FILE",
                 "play: compare what verified players get with this FLV file, sent again and again");
  cli::add_choice(app, "--ll", options.low_latency, {{"auto", true}, {"off", false}},
                  "play, HLS: Low-Latency where the server offers it, or not");
  cli::add_choice(app, "--variant", options.variant,
                  {{"highest", VariantChoice::highest}, {"lowest", VariantChoice::lowest}},
                  "play, HLS: which one, by its bandwidth");
  cli::add_flag(app, "!--no-clock", options.embeds_clock, "publish: leave the clock out of the pictures");
  cli::add_value(app, "--input", options.input, "FILE", "publish: the FLV file to send");
}

Result<std::chrono::microseconds> parse_ramp(const std::string& text, std::size_t count) {
  const Error wrong{Errc::usage, fmt::format("'{}' is not a ramp (examples: 5s, 200/s)", text)};
  if (text.ends_with("/s")) {
    std::size_t end = 0;
    double rate = 0;
    try {
      rate = std::stod(text, &end);
    } catch (const std::exception&) {
      return wrong;
    }
    if (end != text.size() - 2 || !(rate > 0.001) || !(rate < 1e9)) return wrong;
    return std::chrono::microseconds(std::llround(1e6 / rate));
  }
  const auto duration = cli::parse_duration(text);
  if (!duration) return wrong;
  return std::chrono::microseconds(*duration) / static_cast<std::int64_t>(count);
}

Result<std::size_t> parse_verify(const std::string& text, std::size_t count) {
  if (text == "all") return count;
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end)
    return Error{Errc::usage, fmt::format("'{}' is neither a number of players nor 'all'", text)};
  return std::min(number, count);
}

Result<void> check(Options& options) {
  if (options.time.count() > 0 && options.settle >= options.time)
    return Error{Errc::usage, "--settle: nothing of --for is left to measure"};
  auto interval = parse_ramp(options.ramp, options.count);
  if (!interval) return std::move(interval).error().in("--ramp");
  options.start_interval = *interval;
  auto verified = parse_verify(options.verify, options.count);
  if (!verified) return std::move(verified).error().in("--verify");
  options.verified = *verified;
  auto made = UrlTemplate::parse(options.url);
  if (!made) return std::move(made).error();
  options.url_template = *std::move(made);
  auto url = net::parse_url(options.url_template.url(0));
  if (!url) return std::move(url).error();
  const bool publishing = options.mode == Mode::publish;
  const std::string_view protocol = net::without_tls(url->scheme);
  options.hls = !publishing && protocol == "http" && url->path.ends_with(".m3u8");
  if (publishing && !options.reference.empty())
    return Error{Errc::usage, "--reference compares what players get: it goes with play"};
  if (options.hls && !options.reference.empty())
    return Error{Errc::usage,
                 "--reference compares messages of RTMP and HTTP-FLV, not what HLS makes of them"};
  if (protocol != "rtmp" && (publishing || protocol != "http"))
    return Error{Errc::usage, publishing ? "publish takes rtmp:// and rtmps:// URLs"
                                         : "play takes rtmp(s):// and http(s):// URLs"};
  if (url->host.empty()) return Error{Errc::usage, "the URL names no host"};
  if (!url->user.empty() || !url->password.empty())
    return Error{Errc::usage, "srs-bench does not log in: leave user and password out of the URL"};
  const auto last = net::parse_url(options.url_template.url(options.count - 1));
  if (!last || last->authority() != url->authority())
    return Error{Errc::usage, "{n} may stand in the path and the query only: one run loads one server"};
  if (publishing && options.input.empty()) return Error{Errc::usage, "publish needs --input FILE"};
  if (publishing && options.count > 1 && !options.url_template.numbered())
    return Error{Errc::usage, "many publishers cannot share one stream: put {n} into the URL"};
  return {};
}

}  // namespace srs::bench

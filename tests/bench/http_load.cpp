// bench-http-load requests files from an HTTP server like Low-Latency HLS players, but knows nothing of HLS:
// every interval each client requests a playlist on one connection and the next part on another, all clients
// at once, as when a packager wakes them. So a server of static files can be compared with srs-hls.
//
//   bench-http-load -n 2000 --for 8s --every 200ms --pid PID http://127.0.0.1:8080/ av.m3u8 part1.m4s
//   part2.m4s ...
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "net/url.h"
#include "srs-bench/figures/costs.h"
#include "srs-bench/figures/histogram.h"
#include "srs-bench/http/http_connection.h"

namespace {

using namespace srs;
using namespace srs::bench;

struct Options {
  std::size_t count = 1;
  std::chrono::milliseconds time{8'000};
  std::chrono::milliseconds interval{200};
  pid_t server_pid = 0;
  std::string url;
  std::vector<std::string> files;  // the playlist, then parts
};

struct Figures {
  std::uint64_t bytes = 0, requests = 0, parts = 0, errors = 0, late = 0;
  Histogram delivery;  // from a part's turn to its last byte
  bool measuring = false;
};

// One client. It requests the files in turn, in a loop.
class Loader : private EventHandler, private HttpListener {
 public:
  Loader(EventLoop& loop, std::vector<std::uint8_t>& buffer, const HttpServer& server, const Options& options,
         Figures& figures)
      : loop_(loop),
        options_(options),
        figures_(figures),
        playlists_(loop, buffer, server, *this),
        parts_(loop, buffer, server, *this) {}

  void begin(Clock::time_point first) {
    due_ = first;
    loop_.set_timer(*this, due_);
  }

 private:
  void on_ready(std::uint32_t, Clock::time_point) override {}

  void on_timer(Clock::time_point) override {
    if (parts_.is_busy() || playlists_.is_busy()) {
      // The interval ended before the transfer: the client goes on with the next file, like a player that is
      // behind.
      figures_.late += figures_.measuring;
    } else {
      asked_ = due_;
      playlists_.get(options_.files.front(), HttpConnection::Body::pass_over);
      parts_.get(options_.files[1 + turn_ % (options_.files.size() - 1)], HttpConnection::Body::pass_over);
    }
    ++turn_;
    due_ += options_.interval;
    loop_.set_timer(*this, due_);
  }

  void on_bytes(std::size_t size) override {
    if (figures_.measuring) figures_.bytes += size;
  }
  void on_head(HttpConnection&, int status) override { figures_.errors += status != 200; }
  void on_body(HttpConnection&, Bytes) override {}
  void on_answered(HttpConnection& from) override {
    if (!figures_.measuring) return;
    ++figures_.requests;
    if (&from != &parts_) return;
    ++figures_.parts;
    figures_.delivery.add(std::chrono::duration_cast<Histogram::Microseconds>(from.now() - asked_));
  }
  void on_broken(HttpConnection&, const std::string&) override { ++figures_.errors; }

  EventLoop& loop_;
  const Options& options_;
  Figures& figures_;
  HttpConnection playlists_;
  HttpConnection parts_;
  std::size_t turn_ = 0;
  Clock::time_point due_{};
  Clock::time_point asked_{};
};

void print(const Figures& figures, const Costs& costs) {
  const auto ms = [&](double share) {
    return static_cast<double>(figures.delivery.percentile(share).count()) / 1000;
  };
  const double gb = static_cast<double>(figures.bytes) / 1e9;
  nlohmann::ordered_json json = {{"bytes", figures.bytes},
                                 {"requests", figures.requests},
                                 {"parts", figures.parts},
                                 {"errors", figures.errors},
                                 {"late", figures.late},
                                 {"delivery_ms", {{"p50", ms(0.5)}, {"p99", ms(0.99)}, {"max", ms(1)}}},
                                 {"client_cpu_seconds_per_gb", gb > 0 ? costs.client_cpu_seconds / gb : 0}};
  if (costs.server) json["server_cpu_seconds_per_gb"] = gb > 0 ? costs.server->cpu_seconds / gb : 0;
  std::fputs((json.dump(2) + "\n").c_str(), stdout);
}

Result<Costs> load(const Options& options, Figures& figures) {
  const auto url = net::parse_url(options.url);
  if (!url) return url.error();
  auto address = resolve(*url);
  if (!address) return std::move(address).error();
  const HttpServer server{*address, url->authority()};
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);

  CostMeter costs(options.server_pid);
  if (auto begun = costs.begin(); !begun) return std::move(begun).error();
  EventLoop loop;
  std::vector<std::uint8_t> buffer(256 * 1024);
  std::vector<std::unique_ptr<Loader>> loaders;
  const auto start = Clock::now() + options.interval;
  for (std::size_t i = 0; i < options.count; ++i) {
    loaders.push_back(std::make_unique<Loader>(loop, buffer, server, options, figures));
    loaders.back()->begin(start);
  }
  // Until all are connected.
  const auto mark = start + std::chrono::seconds(2);
  while (Clock::now() < mark) loop.run_once(std::chrono::milliseconds(10));
  if (auto marked = costs.mark(); !marked) return std::move(marked).error();
  figures.measuring = true;
  while (Clock::now() < mark + options.time) loop.run_once(std::chrono::milliseconds(10));
  if (auto ended = costs.end(); !ended) return std::move(ended).error();
  return costs.costs();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::CommandLine command("bench-http-load",
                           "Asks an HTTP server for files as players of Low-Latency HLS do");
  CLI::App& app = command.app();
  app.add_option("-n,--count", options.count, "Clients")->check(CLI::Range(1, 100'000));
  cli::add_duration(app, "--for", options.time, "How long is measured");
  cli::add_duration(app, "--every", options.interval, "From one part to the next");
  app.add_option("--pid", options.server_pid, "The server's process: report its usage");
  app.add_option("URL", options.url, "The server")->required();
  app.add_option("FILES", options.files, "Paths of the playlist and of the parts")
      ->required()
      ->expected(2, 1000);
  if (const auto status = command.parse(argc, argv)) return *status;
  return cli::run(command, [&](const cli::Log& log) {
    Figures figures;
    const auto costs = load(options, figures);
    if (!costs) {
      log.error("{}", costs.error().message);
      return cli::exit_failed;
    }
    print(figures, *costs);
    return cli::exit_done;
  });
}

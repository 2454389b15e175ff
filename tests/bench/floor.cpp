// bench-floor sends one stream to many players and does nothing else: the baseline for a relay's cost.
//
// It plays an FLV file in a loop, in real time, to every client, over HTTP-FLV or RTMP, from bytes encoded in
// advance (see FloorServer). Each thread has its own listening socket (SO_REUSEPORT), players and copy of the
// bytes; they share only the time. --flush makes as many sends as srs-relay with the same --flush.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <memory>
#include <thread>

#include "cli/command_line.h"
#include "floor_server.h"
#include "net/url.h"

namespace {

using namespace srs;
using namespace srs::bench_floor;

constexpr int backlog = 4096;

struct Options {
  std::string listen = "http://127.0.0.1:0";
  std::string input;
  std::string flush = "auto";
  unsigned threads = 1;
};

Result<FlushRule> parse_flush(const std::string& text) {
  if (text == "auto") return FlushRule{};
  auto time = cli::parse_duration(text);
  if (!time) return std::move(time).error().in("--flush");
  if (time->count() == 0) return FlushRule{FlushRule::each_message, {}};
  return FlushRule{FlushRule::interval, *time};
}

// Replaces port 0 of `address` by the port in use.
Result<int> listen_on(sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error("socket", errno);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, generic, size) != 0 || ::listen(fd, backlog) != 0 ||
      ::getsockname(fd, generic, &size) != 0) {
    const int error = errno;
    ::close(fd);
    return system_error("cannot listen", error);
  }
  return fd;
}

Result<sockaddr_in> address_of(const net::Url& url) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(url.port);
  if (!url.host.empty() && ::inet_pton(AF_INET, url.host.c_str(), &address.sin_addr) != 1)
    return Error{Errc::usage, "'" + url.host + "' is no IPv4 address"};
  return address;
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int wait_for_stop_signal(const sigset_t& signals) {
  int number = 0;
  while (::sigwait(&signals, &number) != 0) {
  }
  return number;
}

int serve(const Options& options, const cli::Log& log) {
  const auto fail = [&](const Error& error) {
    log.error("{}", error.message);
    return error.code == Errc::usage ? cli::exit_usage : cli::exit_failed;
  };
  const auto flush = parse_flush(options.flush);
  if (!flush) return fail(flush.error());
  const auto url = net::parse_url(options.listen);
  if (!url) return fail(url.error());
  const Wire wire = url->scheme == "rtmp" ? Wire::rtmp : Wire::http_flv;
  auto stream = PreparedStream::load(options.input, wire);
  if (!stream) return fail(stream.error());
  auto address = address_of(*url);
  if (!address) return fail(address.error());
  raise_descriptor_limit();

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const Clock::time_point epoch = Clock::now();
  std::vector<std::unique_ptr<FloorServer>> servers;
  for (unsigned i = 0; i < options.threads; ++i) {
    const auto listener = listen_on(*address);
    if (!listener) return fail(listener.error());
    servers.push_back(std::make_unique<FloorServer>(*stream, wire, *flush, *listener, epoch));
  }
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (const auto& server : servers)
    threads.emplace_back([&stop, &server, &log] {
      try {
        server->run(stop);
      } catch (const std::exception& error) {
        log.error("{}", error.what());
        ::kill(::getpid(), SIGTERM);
      }
    });
  log.info("listening on {}://{}:{}", url->scheme, url->host.empty() ? "0.0.0.0" : url->host,
           ntohs(address->sin_port));
  wait_for_stop_signal(signals);
  stop = true;
  threads.clear();
  std::uint64_t sends = 0, bytes = 0, cut_off = 0;
  for (const auto& server : servers) {
    sends += server->sends();
    bytes += server->sent_bytes();
    cut_off += server->cut_off();
  }
  log.info("{} sends, {} bytes, {} players cut off", sends, bytes, cut_off);
  return cli::exit_done;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::CommandLine command("bench-floor", "Sends one stream to many players at the least possible cost");
  command.app().add_option("--listen", options.listen, "http://IP:PORT or rtmp://IP:PORT; port 0: any");
  command.app().add_option("--flush", options.flush, "When bytes go out: auto, 0, or every DURATION");
  command.app()
      .add_option("--threads", options.threads, "Threads that serve players")
      ->check(CLI::Range(1u, 256u));
  command.app().add_option("INPUT", options.input, "The FLV file to play")->required();
  if (const auto status = command.parse(argc, argv)) return *status;
  return cli::run(command, [&](const cli::Log& log) { return serve(options, log); });
}

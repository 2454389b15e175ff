// bench-reading-client plays a stream many times like an ordinary client: it read()s all bytes into a buffer
// and parses every message. Its cost is the baseline for srs-bench.
//
// One thread, epoll, level-triggered. It measures from when all players have media, or --settle later, and
// says so on stderr.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>

#include "cli/command_line.h"
#include "media_parser.h"

namespace {

using namespace srs;
using namespace srs::bench_client;
using Clock = std::chrono::steady_clock;

constexpr std::size_t buffer_size = 64 * 1024;
constexpr std::chrono::seconds patience{20};

struct Player {
  int fd = -1;
  std::unique_ptr<MediaParser> parser;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool send_all(int fd, const std::vector<std::uint8_t>& bytes) {
  // A player's output is small: it fits into the socket's buffer.
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

class Client {
 public:
  Client(net::Url url, std::size_t count) : url_(std::move(url)), players_(count) {}
  ~Client() {
    for (const Player& player : players_) ::close(player.fd);
    ::close(epoll_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Result<void> connect() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(url_.port);
    if (::inet_pton(AF_INET, url_.host.c_str(), &address.sin_addr) != 1)
      return Error{Errc::usage, "the URL must name an IPv4 address"};
    for (Player& player : players_) {
      player.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (player.fd < 0) return system_error("socket", errno);
      if (::connect(player.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return system_error("cannot connect", errno);
      std::vector<std::uint8_t> output;
      player.parser = make_media_parser(url_, output);
      if (!send_all(player.fd, output)) return system_error("cannot send", errno);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &player;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, player.fd, &event) != 0) return system_error("epoll", errno);
      if (auto read = run_once(std::chrono::milliseconds(0)); !read) return read;
    }
    return {};
  }

  Result<void> run_once(std::chrono::milliseconds timeout) {
    epoll_event events[256];
    const int count = ::epoll_wait(epoll_, events, std::size(events), static_cast<int>(timeout.count()));
    for (int i = 0; i < count; ++i)
      if (auto read = receive(*static_cast<Player*>(events[i].data.ptr)); !read) return read;
    return {};
  }

  bool all_play() const {
    return std::all_of(players_.begin(), players_.end(),
                       [](const Player& player) { return player.parser->messages() > 0; });
  }

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t messages() const {
    std::uint64_t sum = 0;
    for (const Player& player : players_) sum += player.parser->messages();
    return sum;
  }

 private:
  Result<void> receive(Player& player) {
    const ssize_t size = ::read(player.fd, buffer_.data(), buffer_.size());
    if (size < 0) return system_error("cannot read", errno);
    if (size == 0) return Error{Errc::closed, "the server closed a connection"};
    bytes_ += static_cast<std::uint64_t>(size);
    output_.clear();
    auto parsed = player.parser->feed(Bytes(buffer_.data(), static_cast<std::size_t>(size)), output_);
    if (!parsed) return parsed;
    if (!output_.empty() && !send_all(player.fd, output_)) return system_error("cannot send", errno);
    return {};
  }

  net::Url url_;
  std::vector<Player> players_;
  int epoll_ = -1;
  std::uint64_t bytes_ = 0;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(buffer_size);
  std::vector<std::uint8_t> output_;
};

Result<void> play(Client& client, std::chrono::milliseconds settle, std::chrono::milliseconds time) {
  if (auto connected = client.connect(); !connected) return connected;
  for (const auto end = Clock::now() + patience; !client.all_play();) {
    if (Clock::now() > end) return Error{Errc::timed_out, "not all players got media"};
    if (auto read = client.run_once(std::chrono::milliseconds(100)); !read) return read;
  }
  for (const auto end = Clock::now() + settle; Clock::now() < end;)
    if (auto read = client.run_once(std::chrono::milliseconds(100)); !read) return read;
  fmt::print(stderr, "bench-reading-client: measures\n");
  const double cpu = cpu_seconds();
  const std::uint64_t bytes = client.bytes();
  const std::uint64_t messages = client.messages();
  const auto start = Clock::now();
  while (Clock::now() < start + time)
    if (auto read = client.run_once(std::chrono::milliseconds(100)); !read) return read;
  const double cost = cpu_seconds() - cpu;
  const auto received = static_cast<double>(client.bytes() - bytes);
  fmt::print(
      "{{\"seconds\": {:.3f}, \"bytes\": {:.0f}, \"messages\": {}, \"cpu_seconds\": {:.6f}, "
      "\"cpu_seconds_per_gb\": {:.6f}}}\n",
      std::chrono::duration<double>(Clock::now() - start).count(), received, client.messages() - messages,
      cost, received > 0 ? cost / (received / 1e9) : 0.0);
  return {};
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 1;
  std::chrono::milliseconds time{10'000}, settle{0};
  std::string url_text;
  cli::CommandLine command("bench-reading-client",
                           "Plays a stream many times, reading and parsing everything");
  command.app()
      .add_option("-n,--count", count, "How many players")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}));
  cli::add_duration(command.app(), "--for", time, "How long to measure");
  cli::add_duration(command.app(), "--settle", settle, "How long to wait before, once all have media");
  command.app().add_option("URL", url_text, "http:// or rtmp://, with an IPv4 address")->required();
  if (const auto status = command.parse(argc, argv)) return *status;
  return cli::run(command, [&](const cli::Log& log) {
    raise_descriptor_limit();
    auto url = net::parse_url(url_text);
    Result<void> played = url ? Result<void>() : Result<void>(url.error());
    if (url) {
      Client client(*url, count);
      played = play(client, settle, time);
    }
    if (!played) log.error("{}", played.error().message);
    return played ? cli::exit_done : cli::exit_failed;
  });
}

// bench-read-floor: what it costs to receive the messages of 500 publishers of 500 kbit/s, and nothing else.
//
// A child sends as publishers do: 25 messages of 2,200 bytes and 43 of 250 a second on each of 500
// connections, each message with a send of its own. The parent takes them with epoll and one recv() an event,
// and throws them away. It prints CPU seconds per GB that two players a publisher would be sent, to compare
// with `fanout --shape many`.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <queue>
#include <random>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int publishers = 500, players_of_each = 2;
constexpr Seconds run_time{8};
constexpr std::array<std::size_t, 2> message_bytes{2200, 250};                    // video, audio
constexpr std::array<Seconds, 2> interval{Seconds(1.0 / 25), Seconds(1.0 / 43)};  // of each

struct Due {
  Clock::time_point time;
  int socket;
  std::size_t kind;
  bool operator<(const Due& other) const { return time > other.time; }  // the earliest first
};

Clock::duration part_of(Seconds time, double part) {
  return std::chrono::duration_cast<Clock::duration>(time * part);
}

[[noreturn]] void publish(const sockaddr_in& address) {
  const int on = 1;
  std::priority_queue<Due> due;
  std::minstd_rand random;
  std::uniform_real_distribution<double> phase(0, 1);
  const auto start = Clock::now() + std::chrono::seconds(1);
  for (int i = 0; i < publishers; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(1);
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (std::size_t kind = 0; kind < interval.size(); ++kind)
      due.push({start + part_of(interval[kind], phase(random)), fd, kind});
  }
  const std::vector<char> message(message_bytes[0]);
  while (Clock::now() < start + run_time) {
    Due next = due.top();
    due.pop();
    std::this_thread::sleep_until(next.time);
    ::send(next.socket, message.data(), message_bytes[next.kind], MSG_NOSIGNAL);
    next.time += part_of(interval[next.kind], 1);
    due.push(next);
  }
  ::_exit(0);
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void receive_all(int listener) {
  const int poll = ::epoll_create1(0);
  for (int i = 0; i < publishers; ++i) {
    epoll_event event{EPOLLIN, {.fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
  }
  std::array<epoll_event, 128> events;
  std::vector<char> buffer(64 * 1024);
  std::uint64_t bytes = 0, reads = 0;
  const double before = cpu_seconds();
  for (int open = publishers; open > 0;) {
    const int count = ::epoll_wait(poll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (size > 0) bytes += static_cast<std::size_t>(size), ++reads;
      if (size <= 0) ::close(fd), --open;
    }
  }
  const double used = cpu_seconds() - before;
  fmt::print("{} reads, {:.2f} microseconds each, {:.2f} CPU s/GB delivered to {} players a publisher\n",
             reads, used / static_cast<double>(reads) * 1e6,
             used / (static_cast<double>(bytes) * players_of_each / 1e9), players_of_each);
}

}  // namespace

int main() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, publishers) != 0 ||
      ::getsockname(listener, generic, &size) != 0)
    return 1;
  const pid_t child = ::fork();
  if (child == 0) publish(address);
  receive_all(listener);
  ::waitpid(child, nullptr, 0);
  return 0;
}

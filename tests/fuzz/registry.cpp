// A registry's answers: a server that poses as Redis sends the input through a real connection, then closes
// it. Accepted answers are bounded; values that name holders are the same when written and read again.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "choices.h"
#include "cli/log.h"
#include "registry/holder.h"
#include "registry/redis.h"
#include "target.h"

using namespace srs;
using namespace srs::registry;

namespace {

constexpr std::size_t max_elements = 1024;
constexpr std::size_t longest_number = 20;

// Sends every client the same, whatever it asks. Lives as long as the program.
class Liar {
 public:
  Liar() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    MUST_HOLD(listener_ >= 0 && ::bind(listener_, generic, size) == 0 && ::listen(listener_, 8) == 0);
    MUST_HOLD(::getsockname(listener_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    std::thread([this] {
      for (;;) serve(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    }).detach();
  }

  void set_answer(std::string answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  RedisServer server() const { return *parse_redis_server("redis://127.0.0.1:" + std::to_string(port_)); }

 private:
  void serve(int socket) {
    if (socket < 0) return;
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      answer = answer_;
    }
    std::string_view left = answer;
    for (ssize_t size = 0; size >= 0 && !left.empty(); left.remove_prefix(static_cast<std::size_t>(size)))
      if ((size = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL)) < 0) break;
    ::shutdown(socket, SHUT_WR);
    char buffer[4096];
    while (::recv(socket, buffer, sizeof buffer, 0) > 0) {
    }
    ::close(socket);
  }

  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::string answer_;
};

void check_holder(std::string_view text) {
  const auto holder = decode_holder(text);
  if (!holder) return;
  MUST_HOLD(!holder->urls.empty() && holder->urls.size() <= max_urls);
  for (const std::string& url : holder->urls) MUST_HOLD(url.size() <= max_url_bytes);
  const std::string written = encode(*holder);
  if (written.size() > max_holder_bytes) return;
  const auto again = decode_holder(written);
  MUST_HOLD(again.ok() && *again == *holder);
}

void check_error(const Error& error) {
  MUST_HOLD(error.message.size() < 1000 && cli::printable(error.message) == error.message);
}

void ask(const RedisServer& server, std::size_t questions, std::size_t answer_size) {
  auto redis = Redis::open(server);
  if (!redis) return check_error(redis.error());
  const auto answers = redis->run(std::vector<Redis::Command>(questions, {"GET", "x"}));
  if (!answers) return check_error(answers.error());
  MUST_HOLD(answers->size() == questions);
  std::size_t sum = 0;
  for (const Redis::Answer& answer : *answers) {
    MUST_HOLD(answer.size() <= max_elements);
    for (const std::string& value : answer) {
      if (value.size() > longest_number) sum += value.size();
      check_holder(value);
    }
  }
  MUST_HOLD(sum <= answer_size);
}

}  // namespace

// The first byte: 1: the start is answered as by Redis; 2, 4: with a password, a database; from 8 on, the
// number of queries.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Liar& liar = *new Liar;
  fuzz::Choices choices({data, size});
  const std::uint8_t how = choices.u8();
  const std::string_view input = fuzz::text_of(choices.rest());
  check_holder(input);
  RedisServer server = liar.server();
  if (how & 2) server.password = "p";
  if (how & 4) server.url.path = "/1";
  std::string answer;
  if (how & 1) {
    if (how & 2) answer += "+OK\r\n";
    if (how & 4) answer += "+OK\r\n";
    answer += "+PONG\r\n";
  }
  answer += input;
  const std::size_t answer_size = answer.size();
  liar.set_answer(std::move(answer));
  ask(server, 1 + how / 8 % 4, answer_size);
  return 0;
}

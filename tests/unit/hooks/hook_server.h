// HookServer: a server on a loopback port that answers as a test says, a thread a connection; and Tool:
// call-backs on a thread of their own, asked from the test's.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "hooks/hook_set.h"

namespace srs::hooks {

using namespace std::chrono_literals;
using asio::ip::tcp;

struct Seen {
  std::string head;  // with its blank line
  std::string body;

  std::string field(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class HookServer {
 public:
  // What it sends for a request; the socket, for those who do something else. An empty text: nothing, and the
  // connection is closed.
  using Behave = std::function<std::string(const Seen& seen, tcp::socket& socket)>;

  explicit HookServer(Behave behave)
      : behave_(std::move(behave)),
        acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this] { accept(); }) {}
  // Always the same answer.
  explicit HookServer(std::string answer)
      : HookServer([answer](const Seen&, tcp::socket&) { return answer; }) {}

  ~HookServer() {
    stopping_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
    {
      const std::lock_guard lock(mutex_);
      for (auto& socket : sockets_) ::shutdown(socket->native_handle(), SHUT_RDWR);
    }
    for (std::thread& connection : connections_) connection.join();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string url(const std::string& path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(port()) + path;
  }
  std::vector<Seen> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  // Waits until so many requests have come.
  bool reaches(std::size_t requests) {
    for (int i = 0; i < 500 && seen().size() < requests; ++i) std::this_thread::sleep_for(10ms);
    return seen().size() >= requests;
  }
  std::size_t most_at_a_time() const { return most_; }
  bool stopping() const { return stopping_; }

 private:
  void accept() {
    for (;;) {
      auto socket = std::make_shared<tcp::socket>(io_);
      asio::error_code error;
      acceptor_.accept(*socket, error);
      if (error || stopping_) return;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      connections_.emplace_back([this, socket] { serve(*socket); });
    }
  }

  void serve(tcp::socket& socket) {
    asio::error_code error;
    for (std::string buffer; !error;) {
      Seen seen;
      if (!read(socket, buffer, seen)) break;
      {
        const std::lock_guard lock(mutex_);
        seen_.push_back(seen);
        most_ = std::max<std::size_t>(most_, ++now_);
      }
      const std::string answer = behave_(seen, socket);
      --now_;
      if (answer.empty()) break;
      asio::write(socket, asio::buffer(answer), error);
    }
    ::shutdown(socket.native_handle(), SHUT_RDWR);
  }

  static bool fill(tcp::socket& socket, std::string& buffer) {
    char bytes[16384];
    asio::error_code error;
    buffer.append(bytes, socket.read_some(asio::buffer(bytes), error));
    return !error;
  }

  static bool read(tcp::socket& socket, std::string& buffer, Seen& seen) {
    while (buffer.find("\r\n\r\n") == std::string::npos)
      if (!fill(socket, buffer)) return false;
    const auto end = buffer.find("\r\n\r\n") + 4;
    seen.head = buffer.substr(0, end);
    const std::string length = seen.field("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoull(length);
    while (buffer.size() < end + size)
      if (!fill(socket, buffer)) return false;
    seen.body = buffer.substr(end, size);
    buffer.erase(0, end + size);
    return true;
  }

  const Behave behave_;
  asio::io_context io_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> now_ = 0, most_ = 0;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
  std::vector<std::thread> connections_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

// "200 OK" and a body.
inline std::string answer(const std::string& status, const std::string& body,
                          const std::string& fields = "") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// The system's, and what a test adds to it.
class TurnedClock : public Clock {
 public:
  TimePoint steady() const override { return Clock::steady() + added_.load(); }
  void turn(std::chrono::milliseconds time) { added_ = added_.load() + time; }

 private:
  std::atomic<std::chrono::milliseconds> added_{0ms};
};

class Tool {
 public:
  explicit Tool(std::vector<HookRules> rules, const Clock& clock = system_clock())
      : log_("test", cli::LogLevel::error, cli::LogFormat::text), thread_([this] { io_.run(); }) {
    on_its_thread([&] {
      hooks_.emplace(io_, std::move(rules), Sender{"edge1", "server-1", "service-1"}, log_, clock);
    });
  }
  explicit Tool(HookRules rules, const Clock& clock = system_clock())
      : Tool(std::vector<HookRules>{std::move(rules)}, clock) {}
  ~Tool() {
    on_its_thread([&] { hooks_.reset(); });
    work_.reset();
    thread_.join();
  }

  void on_its_thread(const std::function<void()>& work) {
    std::promise<void> done;
    asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::vector<access::Verdict> ask_all(const std::vector<access::Question>& questions,
                                       const Client& client = {}) {
    asio::io_context mine;
    std::vector<std::optional<access::Verdict>> verdicts(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i)
      asio::co_spawn(mine, ask_into(questions[i], client, verdicts[i]), asio::detached);
    mine.run();
    std::vector<access::Verdict> all;
    for (auto& verdict : verdicts) {
      REQUIRE(verdict.has_value());
      all.push_back(*std::move(verdict));
    }
    return all;
  }
  access::Verdict ask(const access::Question& question, const Client& client = {}) {
    return ask_all({question}, client).front();
  }
  HookFigures figures(std::size_t hook = 0) {
    HookFigures figures;
    on_its_thread([&] { figures = hooks_->figures().at(hook); });
    return figures;
  }
  HookSet& hooks() { return *hooks_; }

 private:
  asio::awaitable<void> ask_into(access::Question question, Client client,
                                 std::optional<access::Verdict>& verdict) {
    verdict = co_await hooks_->ask(std::move(question), std::move(client));
  }

  cli::Log log_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  std::optional<HookSet> hooks_;
  std::thread thread_;
};

inline HookRules rules(const std::string& url, HookRules::Format format = HookRules::Format::json) {
  HookRules rules;
  rules.name = "billing";
  rules.url = url;
  rules.format = format;
  rules.timeout = 5000ms;
  rules.events.set(static_cast<std::size_t>(HookEvent::publish));
  rules.events.set(static_cast<std::size_t>(HookEvent::play));
  return rules;
}

inline void also(HookRules& rules, HookEvent event) {
  rules.events.set(static_cast<std::size_t>(event));
}

inline access::Question publish_of(const std::string& path) {
  access::Question question;
  question.action = access::Action::publish;
  question.protocol = "rtmp";
  question.path = path;
  question.url_path = "/" + path;
  question.address = "10.0.0.7:50123";
  question.agent = "FMLE/3.0";
  question.credentials.query = "key=abc";
  question.credentials.key = "abc";
  return question;
}

inline Client client() {
  return {.id = "c17", .tc_url = "rtmp://example.org/live", .page_url = "http://page/"};
}

template <class Work>
std::chrono::milliseconds time_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace srs::hooks

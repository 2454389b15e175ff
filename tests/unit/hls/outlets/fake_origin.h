// FakeOrigin: an HTTP server that answers PUT and DELETE as configured, on the test's io_context. It checks
// that all files of a playlist are complete when the playlist arrives.
#pragma once

#include <doctest/doctest.h>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace srs::hls {

class FakeOrigin {
 public:
  using tcp = asio::ip::tcp;

  struct Call {
    std::string method, path, head, body;
  };
  struct Plan {
    int status = 201;
    std::string fields = {};  // of the answer, each with its CRLF
    bool reset = false;       // reset the connection once the body is received
    std::chrono::milliseconds delay{0};
  };

  explicit FakeOrigin(asio::io_context& io) : io_(io) { start(); }
  ~FakeOrigin() { stop(); }

  void start() {
    acceptor_.emplace(io_, tcp::endpoint(asio::ip::address_v4::loopback(), port_));
    port_ = acceptor_->local_endpoint().port();
    asio::co_spawn(io_, accept(), asio::detached);
  }
  void stop() {
    acceptor_.reset();
    for (const auto& socket : sockets_) close(*socket);
    io_.poll();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/base"; }
  std::size_t count(const std::string& method_and_path) const {
    return static_cast<std::size_t>(std::count(done.begin(), done.end(), method_and_path));
  }
  bool has(const std::string& path) const { return files.contains("/base/" + path); }

  std::function<Plan(const Call&)> plan = [](const Call&) { return Plan(); };
  std::map<std::string, std::string> files;
  std::vector<std::string> done;  // "PUT /base/live/x/1.ts": accepted requests
  std::vector<Call> calls;
  std::vector<std::string> broken;  // listed files that were missing
  std::size_t accepted = 0;         // connections
  std::size_t at_once = 0, most_at_once = 0;

 private:
  static void close(tcp::socket& socket) {
    asio::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
  }

  asio::awaitable<void> accept() {
    for (;;) {
      asio::error_code error;
      auto socket = std::make_shared<tcp::socket>(io_);
      co_await acceptor_->async_accept(*socket, asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      ++accepted;
      sockets_.insert(socket);
      asio::co_spawn(io_, serve(socket), asio::detached);
    }
  }

  asio::awaitable<void> serve(std::shared_ptr<tcp::socket> socket) {
    std::string input;
    bool goes_on = true;
    while (goes_on) goes_on = co_await serve_one(*socket, input);
    close(*socket);
    sockets_.erase(socket);
  }

  asio::awaitable<bool> serve_one(tcp::socket& socket, std::string& input) {
    asio::error_code error;
    auto buffer = asio::dynamic_buffer(input);
    const std::size_t head_size = co_await asio::async_read_until(
        socket, buffer, "\r\n\r\n", asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    Call call;
    call.head = input.substr(0, head_size);
    input.erase(0, head_size);
    std::istringstream line(call.head);
    line >> call.method >> call.path;
    std::size_t size = 0;
    if (const auto at = call.head.find("Content-Length: "); at != std::string::npos)
      size = std::stoull(call.head.substr(at + 16));
    ++at_once;
    most_at_once = std::max(most_at_once, at_once);
    if (input.size() < size)
      co_await asio::async_read(socket, buffer, asio::transfer_exactly(size - input.size()),
                                asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return --at_once, false;
    call.body = input.substr(0, size);
    input.erase(0, size);
    const bool goes_on = co_await answer(socket, std::move(call));
    --at_once;
    co_return goes_on;
  }

  asio::awaitable<bool> answer(tcp::socket& socket, Call call) {
    asio::error_code error;
    const Plan plan_now = plan(call);
    calls.push_back(call);
    if (plan_now.delay.count() > 0) {
      asio::steady_timer timer(io_, plan_now.delay);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    if (plan_now.reset) co_return false;
    if (plan_now.status < 300) take(call);
    const std::string text = "HTTP/1.1 " + std::to_string(plan_now.status) + " x\r\nContent-Length: 0\r\n" +
                             plan_now.fields + "\r\n";
    co_await asio::async_write(socket, asio::buffer(text), asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  void take(const Call& call) {
    done.push_back(call.method + " " + call.path);
    if (call.method == "DELETE") {
      files.erase(call.path);
      return;
    }
    files[call.path] = call.body;
    if (!call.path.ends_with(".m3u8")) return;
    const std::string folder = call.path.substr(0, call.path.rfind('/') + 1);
    std::istringstream lines(call.body);
    for (std::string line; std::getline(lines, line);)
      if (!line.starts_with('#') && !files.contains(folder + line)) broken.push_back(call.path + ": " + line);
  }

  asio::io_context& io_;
  std::optional<tcp::acceptor> acceptor_;
  std::uint16_t port_ = 0;
  std::set<std::shared_ptr<tcp::socket>> sockets_;
};

}  // namespace srs::hls

// LiveServer: a real server on a loopback port in its own thread, and a small blocking client.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/server.h"
#include "net/listener.h"

namespace srs::http {

class LiveServer {
 public:
  explicit LiveServer(Handler handler, ServerOptions options = {})
      : server_(std::in_place, std::move(handler), with_reports(std::move(options))),
        listener_(std::move(
            net::Listener::open({io_.get_executor()}, *net::parse_url("http://127.0.0.1:0"), {})->front())) {
    asio::co_spawn(io_,
                   listener_.accept_loop(
                       [this](asio::ip::tcp::socket socket, net::Ticket ticket) {
                         server_->serve(std::move(socket), std::move(ticket));
                       },
                       {[](const std::string&) {}, {}}),
                   asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  ~LiveServer() {
    on_its_thread([this] {
      listener_.close();
      server_->close();
    });
    thread_.join();  // run() returns once there is nothing to wait for
    CHECK(server_->connections() == 0);
  }

  std::uint16_t port() const { return listener_.port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  asio::io_context& io() { return io_; }
  Server& server() { return *server_; }

  void on_its_thread(std::function<void()> work) {
    std::promise<void> done;
    asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::size_t connections() {
    std::size_t count = 0;
    on_its_thread([&] { count = server_->connections(); });
    return count;
  }

  // Waits (up to ten seconds) until the server holds this many.
  bool reaches_connections(std::size_t wanted) {
    for (int i = 0; i < 1000; ++i) {
      if (connections() == wanted) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  std::vector<std::string> reports() {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

 private:
  ServerOptions with_reports(ServerOptions options) {
    options.on_error = [this](std::string what) {
      const std::lock_guard lock(mutex_);
      reports_.push_back(std::move(what));
    };
    return options;
  }

  std::mutex mutex_;
  std::vector<std::string> reports_;
  asio::io_context io_{1};
  std::optional<Server> server_;
  net::Listener listener_;
  std::thread thread_;
};

struct Reply {
  int status = 0;
  std::string head;  // with its blank line
  std::string body;

  // Empty if there is no such field.
  std::string field(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size();) {
      const auto end = head.find("\r\n", at + 2);
      const std::string_view line = std::string_view(head).substr(at + 2, end - at - 2);
      const auto colon = line.find(": ");
      if (colon != line.npos && equal_without_case(line.substr(0, colon), name))
        return std::string(line.substr(colon + 2));
      if (end == std::string::npos) break;
      at = end;
    }
    return {};
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval limit{20, 0};  // a hanging test fails instead
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  // False once the server has closed the connection.
  bool send(std::string_view bytes) {
    asio::error_code error;
    asio::write(socket_, asio::buffer(bytes), error);
    return !error;
  }

  // One answer; its body has the length in the head, or is empty for HEAD and 204, 304.
  Reply receive(bool head_only = false) {
    Reply reply;
    while (buffer_.find("\r\n\r\n") == std::string::npos)
      if (!fill()) return reply;
    const auto end = buffer_.find("\r\n\r\n") + 4;
    reply.head = buffer_.substr(0, end);
    buffer_.erase(0, end);
    reply.status = std::stoi(reply.head.substr(9, 3));
    const std::string length = reply.field("Content-Length");
    if (head_only || length.empty()) return reply;
    while (buffer_.size() < std::stoull(length))
      if (!fill()) break;
    reply.body = buffer_.substr(0, std::stoull(length));
    buffer_.erase(0, reply.body.size());
    return reply;
  }

  Reply get(std::string_view target, std::string_view fields = "") {
    send(std::string("GET ").append(target).append(" HTTP/1.1\r\nHost: x\r\n").append(fields).append("\r\n"));
    return receive();
  }

  // Everything up to the end of the connection.
  std::string receive_rest() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
  }

  // True if the server ended the connection and sent nothing more.
  bool at_end() { return buffer_.empty() && !fill() && ended_; }

  void close() { socket_.close(); }
  asio::ip::tcp::socket& socket() { return socket_; }

 private:
  // A plain recv(): asio's would wait on despite SO_RCVTIMEO.
  bool fill() {
    char bytes[65536];
    const ssize_t size = ::recv(socket_.native_handle(), bytes, sizeof bytes, 0);
    ended_ = size == 0 || (size < 0 && errno == ECONNRESET);
    if (size <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }

  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace srs::http

// MemoryTransport: a transport whose other end is the test.
#pragma once

#include <algorithm>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "net/transport.h"

namespace srs::net {

class MemoryTransport : public Transport {
 public:
  explicit MemoryTransport(asio::io_context& io) : io_(io) {}

  // The test's side.
  void set_room(std::size_t bytes) {
    room_ = bytes;
    if (room_ > 0) call(on_writable_, {});
  }
  // As if the peer had closed: it can be read from now on.
  void close_by_peer() {
    peer_closed_ = true;
    call(on_readable_, {});
  }
  bool peer_closed() const { return peer_closed_; }
  const std::string& sent() const { return sent_; }
  std::string pop_sent() { return std::exchange(sent_, {}); }
  bool shut() const { return shut_; }
  bool closed() const { return closed_; }

  ssize_t send(std::span<const iovec> pieces) override {
    if (peer_closed_ || closed_) {
      errno = EPIPE;
      return -1;
    }
    std::size_t total = 0, wanted = 0;
    for (const iovec& piece : pieces) {
      const std::size_t taken = std::min(piece.iov_len, room_);
      sent_.append(static_cast<const char*>(piece.iov_base), taken);
      room_ -= taken;
      total += taken;
      wanted += piece.iov_len;
    }
    if (total > 0 || wanted == 0) return static_cast<ssize_t>(total);
    errno = EAGAIN;
    return -1;
  }
  void wait(Ready what, OnReady done) override {
    (what == Ready::readable ? on_readable_ : on_writable_) = std::move(done);
    if (what == Ready::readable && peer_closed_) call(on_readable_, {});
    if (what == Ready::writable && (room_ > 0 || peer_closed_)) call(on_writable_, {});
  }
  void cancel() override {
    call(on_readable_, asio::error::operation_aborted);
    call(on_writable_, asio::error::operation_aborted);
  }
  void shut_sending() override { shut_ = true; }
  void close() override {
    closed_ = true;
    cancel();
  }
  void limit_unsent(int) override {}
  asio::any_io_executor executor() override { return io_.get_executor(); }
  std::string remote_address() const override { return "192.0.2.1:1000"; }

 private:
  void call(std::optional<OnReady>& who, asio::error_code error) {
    if (!who) return;
    asio::post(io_,
               [done = *std::exchange(who, std::nullopt), error] { done.call(done.owner.get(), error); });
  }

  asio::io_context& io_;
  std::size_t room_ = std::numeric_limits<std::size_t>::max();
  std::string sent_;
  bool peer_closed_ = false, shut_ = false, closed_ = false;
  std::optional<OnReady> on_readable_, on_writable_;
};

}  // namespace srs::net

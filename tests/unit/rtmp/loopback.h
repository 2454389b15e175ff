// The two ends of a real loopback connection, each with a coroutine.
#pragma once

#include <doctest/doctest.h>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>

#include "rtmp/server_session.h"

struct Loopback {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};

  std::uint16_t port() const { return acceptor.local_endpoint().port(); }

  // Runs until all have ended; fails after the tests' time-out.
  void run(std::initializer_list<asio::awaitable<void>*> coroutines) {
    std::size_t running = coroutines.size();
    asio::steady_timer patience(io, std::chrono::seconds(60));
    patience.async_wait([this](const asio::error_code& error) {
      if (!error) io.stop();
    });
    std::exception_ptr failure;
    for (auto* coroutine : coroutines)
      asio::co_spawn(io, std::move(*coroutine), [&](std::exception_ptr thrown) {
        if (thrown && !failure) failure = thrown;
        if (--running == 0 || failure) {
          patience.cancel();
          if (failure) io.stop();
        }
      });
    io.run();
    if (failure) std::rethrow_exception(failure);
    CHECK(running == 0);
  }
};

// Waits for the player's next request, as a server's session does. Not inline: g++ names a coroutine's types
// differently in each file, which would be two definitions of one type.
asio::awaitable<srs::Result<srs::rtmp::PlayerEvent>> next_event(srs::rtmp::ServerSession& session);

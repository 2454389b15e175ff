#include "net/reload_signal.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>

TEST_CASE("each SIGHUP calls every callback once, in order, until it is cancelled") {
  asio::io_context io;
  const srs::cli::Log log("test", srs::cli::LogLevel::error, srs::cli::LogFormat::text);
  srs::net::ReloadSignal reload(io, log);
  std::string called;
  reload.add([&] { called += 'a'; });
  reload.add([&] {
    called += 'b';
    if (called.size() == 4) reload.cancel();
    if (called.size() < 4) ::raise(SIGHUP);
  });
  ::raise(SIGHUP);
  io.run_for(std::chrono::seconds(20));
  CHECK(called == "abab");
  CHECK(io.stopped());
}

TEST_CASE("a SIGHUP with nothing to do does nothing") {
  asio::io_context io;
  const srs::cli::Log log("test", srs::cli::LogLevel::error, srs::cli::LogFormat::text);
  srs::net::ReloadSignal reload(io, log);
  ::raise(SIGHUP);
  io.run_for(std::chrono::milliseconds(50));
  CHECK_FALSE(io.stopped());
}

#include "net/reload_signal.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>

TEST_CASE("each SIGHUP calls every callback once, in order, until it is cancelled") {
  asio::io_context io;
  srs::net::ReloadSignal reload(io);
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

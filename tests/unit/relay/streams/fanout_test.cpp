#include "srs-relay/streams/fanout.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <memory>

#include "log/flv_wire.h"
#include "log/message_log.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;
using asio::ip::tcp;

namespace {

// A player whose peer is a socket that the test reads.
class Viewer : public relay::Player {
 public:
  Viewer(asio::io_context& io, tcp::acceptor& acceptor)
      : Player(system_clock()), theirs_(connected(io, acceptor)), ours_(acceptor.accept()) {}
  // Bytes that have come since the last call.
  std::size_t received() {
    std::size_t sum = 0;
    std::uint8_t buffer[65536];
    for (;;) {
      const ssize_t size = ::recv(theirs_.native_handle(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (size <= 0) return sum;
      sum += static_cast<std::size_t>(size);
    }
  }

 private:
  static tcp::socket connected(asio::io_context& io, tcp::acceptor& acceptor) {
    tcp::socket socket(io);
    socket.connect(acceptor.local_endpoint());
    return socket;
  }
  net::Transport& transport() override { return ours_; }
  void on_gone(const std::string&) override {}

  tcp::socket theirs_;
  net::TcpTransport ours_;
};

struct Hall {
  Hall() : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), log({"live/x", ""}, {}) {
    log.append(sample_video(true, 0, 500));
  }
  void add_viewers(int count) {
    for (int i = 0; i < count; ++i) {
      viewers.push_back(std::make_shared<Viewer>(io, acceptor));
      fanout.add(viewers.back());
      viewers.back()->received();
    }
  }
  void append(int i) { log.append(sample_video(i % 25 == 0, i * 40, 500)); }
  // Who got something, as '1' and '0' in the order of their coming.
  std::string served() {
    std::string served;
    for (const auto& viewer : viewers) served += viewer->received() > 0 ? '1' : '0';
    return served;
  }

  asio::io_context io;
  tcp::acceptor acceptor;
  log::FlvWire wire;
  log::MessageLog log;
  relay::Fanout fanout{log.wire(wire), {}, {}};
  std::vector<std::shared_ptr<Viewer>> viewers;
};

}  // namespace

TEST_CASE("a pass in parts reaches every player once, and what came meanwhile goes out with it") {
  Hall hall;
  hall.add_viewers(10);
  hall.append(1);
  hall.fanout.all_are_due();
  hall.fanout.send_some(4);
  CHECK(hall.served() == "1111000000");
  hall.append(2);
  hall.fanout.send_some(100);
  CHECK(hall.served() == "0000111111");
  CHECK(hall.fanout.due() == 0);
  // Those of the first part have the second message still to come.
  hall.fanout.all_are_due();
  hall.fanout.send_some(100);
  CHECK(hall.served() == "1111000000");
}

TEST_CASE("a player that leaves during a pass costs nobody their turn") {
  Hall hall;
  hall.add_viewers(6);
  for (const std::size_t leaver : {0u, 2u, 5u}) {
    hall.append(1 + static_cast<int>(leaver));
    hall.fanout.all_are_due();
    hall.fanout.send_some(3);
    CHECK(hall.fanout.remove(*hall.viewers[leaver]));
    hall.fanout.send_some(100);
    std::string served = hall.served();
    for (std::size_t i = 0; i < served.size(); ++i) {
      const bool is_here = std::any_of(hall.fanout.players().begin(), hall.fanout.players().end(),
                                       [&](const auto& player) { return player == hall.viewers[i]; });
      if (is_here) CHECK(served[i] == '1');
    }
  }
  CHECK(hall.fanout.players().size() == 3);
  CHECK_FALSE(hall.fanout.remove(*hall.viewers[0]));
}

TEST_CASE("in shares each player has its turn once in an interval, few or many") {
  for (const int count : {1, 3, 8, 20}) {
    Hall hall;
    hall.add_viewers(count);
    std::vector<int> turns(static_cast<std::size_t>(count));
    for (int i = 1; i <= 24; ++i) {  // three intervals of eight turns
      hall.append(i);
      hall.fanout.share_is_due(8);
      hall.fanout.send_some(100);
      const std::string served = hall.served();
      for (std::size_t j = 0; j < turns.size(); ++j) turns[j] += served[j] == '1';
    }
    CHECK(turns == std::vector<int>(static_cast<std::size_t>(count), 3));
  }
}

TEST_CASE("blocks are held until every player was looked at, and let go of then") {
  Hall hall;
  hall.add_viewers(4);
  std::weak_ptr<log::WireBlock> first = hall.log.wire(hall.wire)->first();
  // Some 2 MB in GOPs of 12 kB: the log itself lets go of its first block.
  for (int i = 1; i < 4000; ++i) {
    hall.append(i);
    if (i % 100 == 0) {
      hall.fanout.all_are_due();
      hall.fanout.send_some(100);
      hall.served();
    }
  }
  CHECK(hall.log.wire(hall.wire)->first() != first.lock());
  CHECK(first.expired());
  for (const auto& viewer : hall.viewers) CHECK(viewer->counters().sent_bytes > 0);
}

#include "srs-relay/streams/player.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "flv/reader.h"
#include "log/flv_wire.h"
#include "log/message_log.h"
#include "srs-relay/streams/fanout.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;
using asio::ip::tcp;
using flv::TagType;

namespace {

// A connected pair of TCP sockets with small buffers, so that a reader that pauses is soon noticed.
struct SocketPair {
  explicit SocketPair(asio::io_context& io) : ours(tcp::socket(io)), theirs(io) {
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    acceptor.set_option(asio::socket_base::receive_buffer_size(32768));
    theirs.open(tcp::v4());
    theirs.set_option(asio::socket_base::receive_buffer_size(32768));
    theirs.connect(acceptor.local_endpoint());
    acceptor.accept(ours.tcp());
    ours.tcp().set_option(asio::socket_base::send_buffer_size(32768));
    ours.tcp().non_blocking(true);
    theirs.non_blocking(true);
  }
  net::Socket ours;
  tcp::socket theirs;
};

class TestPlayer : public relay::Player {
 public:
  TestPlayer(net::Socket& socket, std::optional<std::string>& gone)
      : Player(system_clock()), transport_(socket), gone_(gone) {}

 private:
  net::Transport& transport() override { return transport_; }
  void on_gone(const std::string& why) override { gone_ = why; }
  void on_skipped(std::chrono::milliseconds time) override { skips.push_back(time); }

 public:
  std::vector<std::chrono::milliseconds> skips;

 private:
  net::TcpTransport transport_;
  std::optional<std::string>& gone_;
};

const Message last_message = sample_script("last", 999);

Slice encoded(const Message& message) {
  return log::encode_alone(log::FlvWire(), message);
}

// A stream log and one player of it, over a real socket.
struct Stage {
  explicit Stage(relay::LagLimit lag_limit = {})
      : log({"live/x", ""}, {.min_time = std::chrono::milliseconds(0)}),
        fanout(log.wire(wire), {encoded(last_message), encoded(last_message)}, lag_limit),
        sockets(io),
        player(std::make_shared<TestPlayer>(sockets.ours, gone)) {
    std::uint8_t header[flv::file_header_size];
    flv::store_file_header(header, true, true);
    player->put(Slice::copy_of(header));
  }

  void append_headers() {
    log.append(sample_script("onMetaData", 0));
    log.append(sample_header(TagType::video, 0, 1));
    log.append(sample_header(TagType::audio, 0, 2));
  }
  // A key frame and three others, of `size` bytes each.
  void append_gop(std::int64_t timestamp_ms, std::size_t size) {
    for (int i = 0; i < 4; ++i) {
      log.append(sample_video(i == 0, timestamp_ms + i * 40, size));
      flush();
    }
  }
  void flush() {
    fanout.all_are_due();
    fanout.send_some(SIZE_MAX);
  }
  // Everything that the player's side holds or gets, until nothing more comes.
  void receive() {
    for (int idle = 0; idle < 40;) {
      std::uint8_t buffer[65536];
      const ssize_t size = ::recv(sockets.theirs.native_handle(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (size > 0) reader.append(Bytes(buffer, static_cast<std::size_t>(size)));
      if (size == 0) closed = true;
      if (size <= 0)
        ++idle;
      else
        idle = 0;
      io.restart();
      io.run_for(std::chrono::milliseconds(2));
    }
    for (;;) {
      auto tag = reader.next();
      REQUIRE(tag.ok());
      if (!*tag) break;
      tags.push_back(**tag);
    }
  }
  std::vector<std::uint32_t> video_times() const {
    std::vector<std::uint32_t> times;
    for (const auto& tag : tags)
      if (classify(tag.type, tag.payload.bytes()) == MessageKind::key_frame ||
          classify(tag.type, tag.payload.bytes()) == MessageKind::video_frame)
        times.push_back(tag.timestamp_ms);
    return times;
  }

  asio::io_context io;
  log::FlvWire wire;
  log::MessageLog log;
  relay::Fanout fanout;
  SocketPair sockets;
  std::optional<std::string> gone;
  std::shared_ptr<TestPlayer> player;
  flv::Reader reader;
  std::vector<flv::Tag> tags;
  bool closed = false;
};

}  // namespace

TEST_CASE("a player that keeps up gets every message, whole and once") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 1000);
  stage.fanout.add(stage.player);
  for (int gop = 1; gop < 20; ++gop) {
    stage.append_gop(gop * 160, 1000);
    stage.receive();
  }
  const auto times = stage.video_times();
  REQUIRE(times.size() == 80);
  for (std::size_t i = 0; i < times.size(); ++i) CHECK(times[i] == i * 40);
  CHECK(stage.player->counters().jumps == 0);
  CHECK(stage.reader.pending() == 0);
}

TEST_CASE("a player that falls behind finishes its message and goes on at a key frame") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 30'000);
  stage.fanout.add(stage.player);
  for (int gop = 1; gop < 30; ++gop) stage.append_gop(gop * 160, 30'000);  // it reads nothing meanwhile
  CHECK(stage.player->counters().jumps >= 1);
  stage.receive();
  stage.append_gop(30 * 160, 30'000);
  stage.receive();
  // What came is a sequence of whole tags: a prefix, then from a key frame on without a hole.
  CHECK(stage.reader.pending() == 0);
  const auto times = stage.video_times();
  REQUIRE(times.size() >= 2);
  CHECK(times.back() == 30 * 160 + 120);
  int holes = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] == times[i - 1] + 40) continue;
    ++holes;
    CHECK(times[i] > times[i - 1]);
    CHECK(times[i] % 160 == 0);
  }
  CHECK(holes >= 1);
}

TEST_CASE("a player that jumps over a change of headers gets the new ones first") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 30'000);
  stage.fanout.add(stage.player);
  for (int gop = 1; gop < 10; ++gop) stage.append_gop(gop * 160, 30'000);
  stage.log.append(sample_header(TagType::video, 1600, 9));
  for (int gop = 10; gop < 30; ++gop) stage.append_gop(gop * 160, 30'000);
  stage.receive();
  std::size_t last_header = 0, jumped_to = 0;
  for (std::size_t i = 0; i < stage.tags.size(); ++i) {
    const auto& tag = stage.tags[i];
    if (classify(tag.type, tag.payload.bytes()) == MessageKind::video_header) last_header = i;
    if (jumped_to == 0 && tag.type == TagType::video && tag.timestamp_ms > 1600) jumped_to = i;
  }
  REQUIRE(jumped_to > 0);
  CHECK(last_header <= jumped_to);
  CHECK(stage.tags[last_header].payload.bytes().back() == 9);
}

TEST_CASE("replies go out between messages") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 200'000);  // more than the socket takes: the player stands inside a message
  stage.fanout.add(stage.player);
  const Message reply = sample_script("reply", 7);
  stage.player->reply(stage.fanout.reader(), encoded(reply));
  stage.receive();
  CHECK(stage.reader.pending() == 0);
  CHECK(stage.video_times().size() == 4);
  int replies = 0;
  for (const auto& tag : stage.tags) replies += script_name(tag.payload.bytes()) == "reply";
  CHECK(replies == 1);
}

TEST_CASE("a paused player gets nothing, and goes on at the newest key frame") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 1000);
  stage.fanout.add(stage.player);
  stage.player->pause(stage.fanout.reader());
  stage.append_gop(160, 1000);
  stage.append_gop(320, 1000);
  stage.receive();
  CHECK(stage.video_times() == std::vector<std::uint32_t>{0, 40, 80, 120});
  stage.player->resume();
  stage.append_gop(480, 1000);
  stage.receive();
  const auto times = stage.video_times();
  REQUIRE(times.size() == 8);
  CHECK(times[4] == 480);
}

TEST_CASE("at the end a slow player still gets the rest, the last bytes and a close") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 100'000);
  stage.fanout.add(stage.player);
  stage.fanout.finish(false);
  CHECK_FALSE(stage.gone);
  stage.receive();
  CHECK(stage.video_times().size() == 4);
  CHECK(script_name(stage.tags.back().payload.bytes()) == "last");
  CHECK(stage.closed);
  CHECK(stage.gone == "");
}

TEST_CASE("a player whose peer is gone is dropped") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 1000);
  stage.fanout.add(stage.player);
  stage.sockets.theirs.close();
  for (int gop = 1; gop < 50 && !stage.gone; ++gop) {
    stage.append_gop(gop * 160, 1000);
    stage.io.restart();
    stage.io.run_for(std::chrono::milliseconds(2));
  }
  REQUIRE(stage.gone);
  CHECK_FALSE(stage.gone->empty());
}

TEST_CASE("a player that is behind its allowed lag jumps, though the log goes back further") {
  Stage far({.bytes = 100'000}), late({.time = std::chrono::milliseconds(100)}), patient;
  for (Stage* stage : {&far, &late, &patient}) {
    stage->append_headers();
    stage->append_gop(0, 60'000);
    stage->fanout.add(stage->player);  // and reads nothing
    // The log is kept from the newest complete GOP on: it still goes back to the first.
    stage->log.append(sample_video(true, 160, 60'000));
    stage->log.append(sample_video(false, 280, 60'000));
    CHECK(stage->log.wire(stage->wire)->tail() < 1000);
    stage->flush();
  }
  CHECK(far.player->counters().jumps == 1);
  CHECK(late.player->counters().jumps == 1);
  CHECK(patient.player->counters().jumps == 0);
  for (Stage* stage : {&far, &late, &patient}) {
    stage->receive();
    CHECK(stage->reader.pending() == 0);
    CHECK(stage->video_times().back() == 280);
  }
  CHECK(far.video_times().size() < patient.video_times().size());
  CHECK(patient.video_times().size() == 6);
}

TEST_CASE("a player behind its allowed lag stays while there is no newer key frame") {
  Stage stage({.bytes = 1000});
  stage.append_headers();
  stage.append_gop(0, 60'000);
  stage.fanout.add(stage.player);
  for (int i = 4; i < 8; ++i) stage.log.append(sample_video(false, i * 40, 60'000));
  stage.flush();
  CHECK(stage.player->counters().jumps == 0);
  stage.receive();
  CHECK(stage.video_times().size() == 8);
}

TEST_CASE("a player that takes nothing jumps once, not with each GOP") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 60'000);
  stage.fanout.add(stage.player);
  for (int gop = 1; gop < 20; ++gop) stage.append_gop(gop * 160, 60'000);
  CHECK(stage.player->counters().jumps == 1);
}

TEST_CASE("how far a player is behind stays true while it skips, and what it missed is told once") {
  Stage stage;
  stage.append_headers();
  stage.append_gop(0, 60'000);
  stage.fanout.add(stage.player);
  for (int gop = 1; gop < 20; ++gop) stage.append_gop(gop * 160, 60'000);
  REQUIRE(stage.player->counters().jumps == 1);
  CHECK(stage.player->skips.empty());  // it has not been sent the rest of what it was at
  const std::int64_t newest_ms = 19 * 160 + 120;
  const auto behind = stage.player->lag(stage.fanout.reader());
  CHECK(behind.count() > newest_ms - 160 * 2);
  CHECK(behind.count() <= newest_ms);
  stage.receive();
  const std::vector<std::uint32_t> times = stage.video_times();
  CHECK(times.back() == newest_ms);
  CHECK(stage.player->lag(stage.fanout.reader()).count() == 0);
  REQUIRE(stage.player->skips.size() == 1);
  std::uint32_t gap = 0;
  for (std::size_t i = 1; i < times.size(); ++i) gap = std::max(gap, times[i] - times[i - 1]);
  CHECK(gap > 1000);
  // What it was at was sent in part, or not at all.
  CHECK(stage.player->skips[0].count() <= gap);
  CHECK(stage.player->skips[0].count() >= gap - 40);
}

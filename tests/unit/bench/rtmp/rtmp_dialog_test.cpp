// The RTMP client against the server's handshake and commands.
#include "srs-bench/rtmp/rtmp_dialog.h"

#include <doctest/doctest.h>

#include "rtmp/message_encoder.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::bench;

namespace {

class Notes : public MediaListener {
 public:
  void on_media(const MediaMessage& message) override { kinds.push_back(message.kind); }
  std::vector<media::MessageKind> kinds;
};

// A server scripted by the test.
struct Server {
  Notes notes;
  RtmpDialog dialog;
  rtmp::ServerHandshake handshake;
  rtmp::Outbox outbox;
  std::string asked;  // command names, in order

  explicit Server(RtmpDialog::Role role)
      : dialog(role, *net::parse_url("rtmp://h:1936/live/x?token=1"), notes) {
    shake_hands();
  }

  void shake_hands() {
    REQUIRE(handshake.feed(dialog.take_output()).ok());
    REQUIRE(dialog.feed(handshake.take_reply()).ok());
    const auto rest = dialog.take_output();
    const auto used = handshake.feed(rest);
    REQUIRE(used.ok());
    REQUIRE(handshake.done());
    read(Bytes(rest).subspan(*used));
  }
  // Collects the names of the commands in the client's output.
  void read(Bytes bytes) {
    class Commands : public ChunkListener {
     public:
      explicit Commands(std::string& to) : to_(to) {}
      Result<void> on_message(rtmp::MessageType type, std::uint32_t, Bytes head) override {
        if (type != rtmp::MessageType::command_amf0) return {};
        to_ += std::string(media::script_name(head)) + " ";
        return {};
      }

     private:
      std::string& to_;
    };
    static thread_local std::string names;
    names.clear();
    static Commands commands(names);
    if (!skimmer) skimmer = std::make_unique<ChunkSkimmer>(commands);
    REQUIRE(skimmer->feed(bytes).ok());
    asked += names;
  }
  Result<void> say() {
    auto fed = dialog.feed(outbox.take());
    read(dialog.take_output());
    return fed;
  }
  std::unique_ptr<ChunkSkimmer> skimmer;
};

void accept(Server& server, const char* status) {
  server.outbox.window_ack_size(2'500'000);
  server.outbox.command("_result", 1,
                        {amf::Null{}, amf::Value::object({{"code", "NetConnection.Connect.Success"}})});
  REQUIRE(server.say().ok());
  server.outbox.command("_result", 4, {amf::Null{}, 1.0});
  REQUIRE(server.say().ok());
  server.outbox.status(1, "status", status, "");
  REQUIRE(server.say().ok());
}

}  // namespace

TEST_CASE("a player reaches its media, and notices the end") {
  Server server(RtmpDialog::Role::play);
  accept(server, "NetStream.Play.Start");
  CHECK(server.asked == "connect createStream play ");
  CHECK(server.dialog.ready());
  std::vector<std::uint8_t> media;
  rtmp::append_message(media, {rtmp::MessageType::video, 6, 1, 0}, bytes_of("17 01 000000 00"), 128);
  REQUIRE(server.dialog.feed(media).ok());
  CHECK(server.notes.kinds == std::vector{media::MessageKind::key_frame});
  CHECK_FALSE(server.dialog.ended());
  server.outbox.user_control(rtmp::UserControl::stream_eof, 1);
  REQUIRE(server.say().ok());
  CHECK(server.dialog.ended());
}

TEST_CASE("a publisher is accepted and says good-bye") {
  Server server(RtmpDialog::Role::publish);
  accept(server, "NetStream.Publish.Start");
  CHECK(server.asked == "connect releaseStream FCPublish createStream publish ");
  CHECK(server.dialog.ready());
  server.asked.clear();
  server.read(server.dialog.farewell());
  CHECK(server.asked == "FCUnpublish deleteStream ");
}

TEST_CASE("refusals carry the server's code") {
  Server stream(RtmpDialog::Role::publish);
  stream.outbox.status(1, "error", "NetStream.Publish.BadName", "taken");
  const auto taken = stream.say();
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().message == "NetStream.Publish.BadName");

  Server connection(RtmpDialog::Role::play);
  connection.outbox.command(
      "_error", 1,
      {amf::Null{}, amf::Value::object({{"level", "error"}, {"code", "NetConnection.Connect.Rejected"}})});
  const auto rejected = connection.say();
  REQUIRE_FALSE(rejected.ok());
  CHECK(rejected.error().message == "NetConnection.Connect.Rejected");
}

TEST_CASE("pings are answered, and bytes acknowledged") {
  Server server(RtmpDialog::Role::play);
  server.outbox.user_control(rtmp::UserControl::ping_request, 77);
  REQUIRE(server.dialog.feed(server.outbox.take()).ok());
  CHECK_FALSE(server.dialog.take_output().empty());
  server.outbox.window_ack_size(1000);
  REQUIRE(server.dialog.feed(server.outbox.take()).ok());
  std::vector<std::uint8_t> media;
  rtmp::append_message(media, {rtmp::MessageType::video, 6, 1, 0}, std::vector<std::uint8_t>(2000), 128);
  REQUIRE(server.dialog.feed(media).ok());
  server.outbox.user_control(rtmp::UserControl::stream_begin, 1);
  REQUIRE(server.dialog.feed(server.outbox.take()).ok());
  CHECK_FALSE(server.dialog.take_output().empty());
}

TEST_CASE("bytes that are only counted are acknowledged, too, as is silence") {
  Server server(RtmpDialog::Role::play);
  accept(server, "NetStream.Play.Start");
  server.dialog.count(1000);
  CHECK(server.dialog.take_output().empty());
  server.dialog.count(2'000'000);
  CHECK_FALSE(server.dialog.take_output().empty());
  server.dialog.keep_alive();
  const auto output = server.dialog.take_output();
  // An acknowledgement of everything after the handshake: type 3, and a number at the end.
  REQUIRE(output.size() == 16);
  CHECK(output[7] == 3);
  CHECK(ByteReader(Bytes(output).subspan(12)).u32() > 2'001'000);
}

TEST_CASE("acknowledgements continue beyond 2^32 bytes") {
  Server server(RtmpDialog::Role::play);
  accept(server, "NetStream.Play.Start");
  server.dialog.keep_alive();
  const auto number = [&] {
    const auto output = server.dialog.take_output();
    REQUIRE(output.size() == 16);
    return ByteReader(Bytes(output).subspan(12)).u32();
  };
  const std::uint32_t before = number();
  server.dialog.count((std::size_t{1} << 32) - 1'000'000);
  CHECK(number() == before - 1'000'000);
  server.dialog.count(1'000'000);
  CHECK(server.dialog.take_output().empty());
  server.dialog.count(250'000);
  CHECK(number() == before + 250'000);
}

TEST_CASE("a counting player notices the end in the last bytes, once it plays") {
  rtmp::Outbox eof;
  eof.user_control(rtmp::UserControl::stream_eof, 1);
  const auto last_bytes = eof.take();
  Server server(RtmpDialog::Role::play);
  CHECK_FALSE(server.dialog.ends(last_bytes));
  accept(server, "NetStream.Play.Start");
  CHECK(server.dialog.ends(last_bytes));
  CHECK_FALSE(server.dialog.ends({}));
}

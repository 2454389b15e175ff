// The server session against the command sequences of real programs, and against garbage.
#include "rtmp/server_session.h"

#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "rtmp/handshake.h"
#include "rtmp/message_encoder.h"
#include "unit/rtmp/chunks.h"
#include "unit/rtmp/loopback.h"

using namespace srs;
using namespace srs::rtmp;
using namespace std::chrono_literals;

namespace {

using Buffer = std::vector<std::uint8_t>;
using amf::Null;
using amf::Value;

struct Outcome {
  std::optional<Request> request;
  std::optional<Errc> error;
  std::vector<MediaMessage> media;
  std::vector<PlayerEvent> events;
  bool ended = false;
  // What the peer received.
  std::vector<Message> replies;

  std::vector<std::string> reply_names() const {
    std::vector<std::string> names;
    for (const Message& reply : replies) {
      if (reply.type != MessageType::command_amf0) {
        names.push_back(std::to_string(static_cast<int>(reply.type)));
        continue;
      }
      const auto command = parse_command(reply);
      REQUIRE(command);
      const auto* information = command->arguments.size() > 1 ? &command->arguments[1] : nullptr;
      names.push_back(command->name == "onStatus" ? std::string(information->string_at("code"))
                                                  : command->name);
    }
    return names;
  }
};

asio::awaitable<void> serve(Loopback& loopback, Outcome& outcome) {
  auto socket = co_await loopback.acceptor.async_accept(asio::use_awaitable);
  ServerSession session(std::move(socket));
  auto request = co_await session.accept();
  if (!request) {
    outcome.error = request.error().code;
    co_return;
  }
  outcome.request = *request;
  if (request->kind == Request::publish) {
    auto started = co_await session.start_publish();
    while (started && !outcome.ended && !outcome.error) {
      auto message = co_await session.read_media(20s);
      if (!message)
        outcome.error = message.error().code;
      else if (!*message)
        outcome.ended = true;
      else
        outcome.media.push_back(**message);
    }
  } else {
    auto started = co_await session.start_play();
    while (started && !outcome.error) {
      auto event = co_await next_event(session);
      if (!event) {
        outcome.error = event.error().code;
        break;
      }
      outcome.events.push_back(*event);
      co_await asio::async_write(session.socket().tcp(), asio::buffer(event->reply), asio::use_awaitable);
    }
  }
}

asio::awaitable<void> send_all(Loopback& loopback, Buffer bytes, std::size_t piece_size, Outcome& outcome) {
  asio::ip::tcp::socket socket(loopback.io);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), loopback.port());
  co_await socket.async_connect(server, asio::use_awaitable);
  socket.set_option(asio::ip::tcp::no_delay(true));
  asio::error_code error;
  for (std::size_t at = 0; at < bytes.size() && !error; at += piece_size) {
    const std::size_t size = std::min(piece_size, bytes.size() - at);
    co_await asio::async_write(socket, asio::buffer(bytes.data() + at, size),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  Buffer reply(1 << 20);
  const std::size_t size = co_await asio::async_read(socket, asio::buffer(reply),
                                                     asio::redirect_error(asio::use_awaitable, error));
  reply.resize(size);
  constexpr std::size_t handshake = 1 + 2 * handshake_size;
  if (reply.size() <= handshake) co_return;
  Chunks chunks;
  chunks.feed(Bytes(reply).subspan(handshake));
  CHECK_FALSE(chunks.failed);
  outcome.replies = std::move(chunks.messages);
}

// Everything at once after C0 and C1, without waiting for an answer.
Outcome exchange(const Buffer& messages, std::size_t piece_size = SIZE_MAX) {
  Loopback loopback;
  Outcome outcome;
  Buffer bytes(1 + 2 * handshake_size, 0);
  bytes[0] = 3;
  bytes.insert(bytes.end(), messages.begin(), messages.end());
  auto server = serve(loopback, outcome);
  auto client = send_all(loopback, std::move(bytes), piece_size, outcome);
  loopback.run({&server, &client});
  return outcome;
}

void append_connect(Outbox& outbox, std::string_view app, std::string_view tc_url) {
  outbox.command("connect", 1,
                 {Value::object({{"app", app},
                                 {"type", "nonprivate"},
                                 {"flashVer", "FMLE/3.0 (compatible; FMSc/1.0)"},
                                 {"tcUrl", tc_url}})});
}

}  // namespace

TEST_CASE(
    "an encoder as OBS and FFmpeg are: releaseStream, FCPublish, createStream, publish, metadata, media, "
    "end") {
  Outbox outbox;
  append_connect(outbox, "live", "rtmp://127.0.0.1/live");
  outbox.command("releaseStream", 2, {Null{}, "cam1"});
  outbox.command("FCPublish", 3, {Null{}, "cam1"});
  outbox.command("createStream", 4, {Null{}});
  outbox.command("_checkbw", 5, {Null{}});
  outbox.command("publish", 6, {Null{}, "cam1?token=a", "live"}, 1);
  outbox.data(1, {"@setDataFrame", "onMetaData", Value::ecma_array({{"width", 640.0}})});
  outbox.media({flv::TagType::video, 0, Slice::copy_of(pattern(1000))}, 1);
  outbox.media({flv::TagType::audio, 20, Slice::copy_of(pattern(10))}, 1);
  outbox.media({flv::TagType::audio, 30, {}}, 1);
  outbox.user_control(UserControl::ping_request, 0x01020304);
  outbox.command("FCUnpublish", 7, {Null{}, "cam1"});
  outbox.command("deleteStream", 8, {Null{}, 1.0});
  const Buffer bytes = outbox.take();
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{100}}) {
    CAPTURE(piece);
    const Outcome outcome = exchange(bytes, piece);
    REQUIRE(outcome.request);
    CHECK(outcome.request->kind == Request::publish);
    CHECK(outcome.request->path == "live/cam1");
    CHECK(outcome.request->query == "token=a");
    CHECK(outcome.request->flash_version == "FMLE/3.0 (compatible; FMSc/1.0)");
    CHECK(outcome.ended);
    REQUIRE(outcome.media.size() == 3);
    CHECK(bytes_in(outcome.media[0].payload) ==
          amf::encode_all({"onMetaData", Value::ecma_array({{"width", 640.0}})}));
    CHECK(bytes_in(outcome.media[1].payload) == pattern(1000));
    CHECK(outcome.media[2].timestamp_ms == 20);
    const std::vector<std::string> expected = {
        "5",           "6",       "1",       "_result", "_result",
        "onFCPublish", "_result", "_result", "4",       "NetStream.Publish.Start"};
    auto names = outcome.reply_names();
    REQUIRE(names.size() >= expected.size());
    CHECK(std::vector<std::string>(names.begin(),
                                   names.begin() + static_cast<std::ptrdiff_t>(expected.size())) == expected);
    // The pong, and the end.
    CHECK(std::count(names.begin() + static_cast<std::ptrdiff_t>(expected.size()), names.end(), "4") == 1);
    CHECK(names.back() == "NetStream.Unpublish.Success");
    const auto created = parse_command(outcome.replies[6]);
    CHECK(created->transaction_id == 4);
    CHECK(created->arguments.at(1) == Value(1.0));
    CHECK(parse_command(outcome.replies[5])->transaction_id == 3);
    CHECK(outcome.replies[9].message_stream_id == 1);
  }
}

TEST_CASE("a player pauses, asks, seeks and leaves; the caller sends the replies") {
  Outbox outbox;
  append_connect(outbox, "live?token=b", "rtmp://127.0.0.1/live?token=b");
  outbox.window_ack_size(2'500'000);
  outbox.command("createStream", 2, {Null{}});
  outbox.command("getStreamLength", 3, {Null{}, "cam1"});
  outbox.command("play", 4, {Null{}, "cam1", -2000.0}, 1);
  outbox.user_control(UserControl::set_buffer_length, 1, 3000);
  outbox.command("pause", 5, {Null{}, true, 0.0}, 1);
  outbox.command("pause", 6, {Null{}, false, 0.0}, 1);
  outbox.command("seek", 7, {Null{}, 1000.0}, 1);
  outbox.user_control(UserControl::ping_request, 7);
  outbox.command("someone", 8, {Null{}});
  outbox.command("deleteStream", 9, {Null{}, 1.0});
  const Outcome outcome = exchange(outbox.take());
  REQUIRE(outcome.request);
  CHECK(outcome.request->kind == Request::play);
  CHECK(outcome.request->path == "live/cam1");
  CHECK(outcome.request->query == "token=b");
  CHECK(outcome.error == Errc::closed);
  const auto names = outcome.reply_names();
  const auto has = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  CHECK(has("NetStream.Play.Reset"));
  CHECK(has("NetStream.Play.Start"));
  CHECK(has("NetStream.Pause.Notify"));
  CHECK(has("NetStream.Unpause.Notify"));
  CHECK(has("NetStream.Seek.Failed"));
  REQUIRE(outcome.events.size() >= 2);
  std::vector<int> kinds;
  for (const PlayerEvent& event : outcome.events)
    if (event.kind != PlayerEvent::none) kinds.push_back(event.kind);
  CHECK(kinds == std::vector<int>{PlayerEvent::pause, PlayerEvent::resume});
}

TEST_CASE("where stream names and queries may be") {
  const auto path_of = [](std::string_view app, std::string_view tc_url, std::string_view name) {
    Outbox outbox;
    append_connect(outbox, app, tc_url);
    outbox.command("play", 2, {Null{}, name}, 1);
    const Outcome outcome = exchange(outbox.take());
    REQUIRE(outcome.request);
    return outcome.request->path + "?" + outcome.request->query;
  };
  CHECK(path_of("live", "", "x") == "live/x?");
  CHECK(path_of("/live/", "", "/x/") == "live/x?");
  CHECK(path_of("", "rtmp://h", "live/x?a=1") == "live/x?a=1");
  CHECK(path_of("live", "rtmp://h/live?t=1", "x") == "live/x?t=1");
  CHECK(path_of("live?t=1", "rtmp://h/live?t=1", "x?s=2") == "live/x?s=2&t=1");
  CHECK(path_of("live", "", "mp4:x") == "live/x?");
  CHECK(path_of("live", "", "../etc") == "live/../etc?");  // checked by the caller
}

TEST_CASE("Enhanced RTMP is announced only to clients that announced it") {
  Outbox outbox;
  outbox.command("connect", 1,
                 {Value::object({{"app", "live"},
                                 {"objectEncoding", 3.0},
                                 {"fourCcList", amf::StrictArray{{"hvc1"}}},
                                 {"capsEx", 1.0},
                                 {"videoFourCcInfoMap", Value::object({{"*", 1.0}})}})});
  outbox.command("play", 2, {Null{}, "x"}, 1);
  const Outcome enhanced = exchange(outbox.take());
  append_connect(outbox, "live", "");
  outbox.command("play", 2, {Null{}, "x"}, 1);
  const Outcome plain = exchange(outbox.take());
  REQUIRE(enhanced.replies.size() > 3);
  REQUIRE(plain.replies.size() > 3);
  const auto answer = parse_command(enhanced.replies[3]), short_answer = parse_command(plain.replies[3]);
  CHECK(answer->arguments.at(1).number_at("objectEncoding") == 3.0);
  const Value* const fourccs = answer->arguments.at(1).find("fourCcList");
  REQUIRE(fourccs);
  CHECK(*fourccs == Value(amf::StrictArray{{"avc1", "hvc1", "av01", "vp09", "vp08", "vvc1", "mp4a", "Opus",
                                            "ac-3", "ec-3", ".mp3", "fLaC"}}));
  CHECK(answer->arguments.at(1).number_at("capsEx") == 7.0);
  CHECK(answer->arguments.at(1).find("videoFourCcInfoMap"));
  CHECK_FALSE(answer->arguments.at(1).find("audioFourCcInfoMap"));
  CHECK_FALSE(short_answer->arguments.at(1).find("fourCcList"));
  CHECK_FALSE(short_answer->arguments.at(1).find("capsEx"));
}

TEST_CASE("peers that are not RTMP, break off or send garbage are errors") {
  const auto outcome_of = [](Buffer bytes) {
    Loopback loopback;
    Outcome outcome;
    auto server = serve(loopback, outcome);
    auto client = send_all(loopback, std::move(bytes), SIZE_MAX, outcome);
    loopback.run({&server, &client});
    CHECK_FALSE(outcome.request);
    return outcome.error;
  };
  CHECK(outcome_of(bytes_of("47 45 54 20 2f")) == Errc::invalid_data);
  CHECK(outcome_of({}) == Errc::closed);
  CHECK(outcome_of({3}) == Errc::closed);
  CHECK(outcome_of(joined({{3}, Buffer(2 * handshake_size, 0)})) == Errc::closed);
  CHECK(outcome_of(joined({{3}, Buffer(2 * handshake_size, 0), Buffer(100'000, 0xff)})) ==
        Errc::invalid_data);
  // An invalid command, and one nested beyond the limit.
  CHECK(
      outcome_of(joined({{3}, Buffer(2 * handshake_size, 0), bytes_of("03 000000 000001 14 00000000 05")})) ==
      Errc::invalid_data);
}

TEST_CASE("acknowledgements: sent once per window of the peer; a window of 0 is ignored") {
  Outbox outbox;
  outbox.window_ack_size(0);
  append_connect(outbox, "live", "");
  outbox.window_ack_size(100'000);
  outbox.command("publish", 2, {Null{}, "x", "live"}, 1);
  for (int i = 0; i < 20; ++i)
    outbox.media({flv::TagType::video, i * 40, Slice::copy_of(pattern(50'000))}, 1);
  outbox.command("deleteStream", 3, {Null{}, 1.0});
  const Outcome outcome = exchange(outbox.take(), 30'000);
  CHECK(outcome.media.size() == 20);
  std::vector<std::uint32_t> acknowledged;
  for (const Message& reply : outcome.replies)
    if (reply.type == MessageType::acknowledgement)
      acknowledged.push_back(ByteReader(reply.payload.bytes()).u32());
  CHECK(acknowledged.size() >= 4);
  CHECK(acknowledged.size() <= 10);
  CHECK(std::is_sorted(acknowledged.begin(), acknowledged.end()));
}

TEST_CASE("commands before connect, and a second connect, are refused") {
  const auto outcome_of = [](std::initializer_list<std::string_view> names) {
    Outbox outbox;
    for (const std::string_view name : names) {
      if (name == "connect") {
        append_connect(outbox, "live", "");
      } else {
        outbox.command(name, 2, {Null{}, "x", "live"}, 1);
      }
    }
    return exchange(outbox.take());
  };
  for (const std::string_view name : {"play", "publish", "createStream", "_checkbw"}) {
    CAPTURE(name);
    CHECK(outcome_of({name}).error == Errc::invalid_data);
  }
  CHECK(outcome_of({"connect", "connect", "play"}).error == Errc::invalid_data);
  CHECK(outcome_of({"connect", "createStream", "createStream", "play"}).request);
}

TEST_CASE("a second publish or play on a publisher's connection is refused, harmlessly") {
  Outbox outbox;
  append_connect(outbox, "live", "");
  outbox.command("publish", 2, {Null{}, "x", "live"}, 1);
  outbox.command("publish", 3, {Null{}, "y", "live"}, 1);
  outbox.command("play", 4, {Null{}, "x"}, 1);
  outbox.media({flv::TagType::video, 0, Slice::copy_of(pattern(100))}, 1);
  outbox.command("deleteStream", 5, {Null{}, 1.0});
  const Outcome outcome = exchange(outbox.take());
  REQUIRE(outcome.request);
  CHECK(outcome.request->path == "live/x");
  CHECK(outcome.ended);
  CHECK(outcome.media.size() == 1);
  const auto names = outcome.reply_names();
  CHECK(std::count(names.begin(), names.end(), "NetStream.Publish.Start") == 1);
  CHECK(std::count(names.begin(), names.end(), "NetStream.Publish.BadName") == 1);
  CHECK(std::count(names.begin(), names.end(), "NetStream.Play.Failed") == 1);
}

TEST_CASE("peers' texts are truncated on arrival, and made printable") {
  const auto request_of = [](std::string_view key, std::string_view text) {
    Outbox outbox;
    Value connect = Value::object({{"app", "live"}});
    connect.set(key, text);
    outbox.command("connect", 1, {connect});
    outbox.command("play", 2, {Null{}, "x"}, 1);
    return exchange(outbox.take());
  };
  const std::string large(60'000, 'V');
  CHECK(request_of("flashVer", large).request->flash_version.size() <= 256 + 3);
  CHECK(request_of("flashVer", "a\n\x1b[31m").request->flash_version == "a\\x0a\\x1b[31m");
  CHECK(request_of("app", large).request->path.size() == 256);  // refused by parse_stream_path
  CHECK(request_of("via", large).request->via.size() <= 1025);
  CHECK(request_of("timeline", large).request->timeline.size() <= 256);
  CHECK(request_of("tcUrl", "rtmp://h/live?t=" + large).error == Errc::invalid_data);
  // They become header lines.
  CHECK(request_of("via", "a\r\nSet-Cookie: b").error == Errc::invalid_data);
  CHECK(request_of("timeline", "a\r\nb").error == Errc::invalid_data);
}

// Server and client session against each other.
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "rtmp/client_session.h"
#include "rtmp/message_encoder.h"
#include "rtmp/server_session.h"
#include "unit/rtmp/chunks.h"
#include "unit/rtmp/loopback.h"

using namespace srs;
using namespace srs::rtmp;
using namespace std::chrono_literals;

namespace {

using Received = std::vector<MediaMessage>;

std::vector<MediaMessage> sample_media() {
  return {{flv::TagType::script, 0,
           Slice::copy_of(amf::encode_all({"onMetaData", amf::Value::ecma_array({{"width", 640.0}})}))},
          {flv::TagType::video, 0, Slice::copy_of(bytes_of("17 00 000000 01"))},
          {flv::TagType::audio, 0, Slice::copy_of(bytes_of("af 00 1210"))},
          {flv::TagType::video, 0, Slice::copy_of(pattern(200'000))},
          {flv::TagType::audio, 23, Slice::copy_of(pattern(300))},
          {flv::TagType::video, 0xffffff, Slice::copy_of(pattern(60'001))},
          {flv::TagType::video, 0x1000028, Slice::copy_of(pattern(60'000))}};
}

void check_same(const Received& got, const std::vector<MediaMessage>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i].type == expected[i].type);
    CHECK(got[i].timestamp_ms == expected[i].timestamp_ms);
    CHECK(bytes_in(got[i].payload) == bytes_in(expected[i].payload));
  }
}

net::Url url_to(const Loopback& loopback, std::string path_and_query) {
  auto url = net::parse_url("rtmp://127.0.0.1:" + std::to_string(loopback.port()) + path_and_query);
  REQUIRE(url);
  return *url;
}

template <class Session>
asio::awaitable<Result<void>> read_all(Session& session, Received& received) {
  for (;;) {
    auto message = co_await session.read_media(20s);
    if (!message) co_return std::move(message).error();
    if (!*message) co_return Result<void>{};
    received.push_back(**std::move(message));
  }
}

// What the server side of a test does with its one connection.
using Serve = std::function<asio::awaitable<void>(ServerSession&, Request)>;

asio::awaitable<void> serve_one(Loopback& loopback, Serve serve) {
  auto socket = co_await loopback.acceptor.async_accept(asio::use_awaitable);
  ServerSession session(std::move(socket));
  auto request = co_await session.accept();
  REQUIRE(request);
  co_await serve(session, *request);
}

asio::awaitable<void> publish_all(net::Url url, const std::vector<MediaMessage>& media) {
  auto session = co_await ClientSession::connect(url, 10s);
  REQUIRE(session);
  auto publishing = co_await session->publish(10s);
  REQUIRE(publishing);
  auto written = co_await session->write_media(media, 10s);
  REQUIRE(written);
  co_await session->close();
}

asio::awaitable<void> write_bytes(asio::ip::tcp::socket& socket, std::vector<std::uint8_t> bytes) {
  co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
}

std::vector<std::uint8_t> wire_bytes(const std::vector<MediaMessage>& media) {
  std::vector<std::uint8_t> bytes;
  for (const MediaMessage& message : media)
    append_message(bytes, media_header(message.type, message.timestamp_ms, media_stream_id),
                   message.payload.bytes(), wire_chunk_size);
  return bytes;
}

}  // namespace

TEST_CASE("a published stream arrives, byte for byte, and ends") {
  Loopback loopback;
  const auto media = sample_media();
  Received received;
  Request seen;
  auto server = serve_one(loopback, [&](ServerSession& session, Request request) -> asio::awaitable<void> {
    seen = request;
    auto started = co_await session.start_publish();
    REQUIRE(started);
    auto ended = co_await read_all(session, received);
    CHECK(ended);
  });
  auto client = publish_all(url_to(loopback, "/live/cam1?token=x&n=1"), media);
  loopback.run({&server, &client});
  CHECK(seen.kind == Request::publish);
  CHECK(seen.path == "live/cam1");
  CHECK(seen.query == "token=x&n=1");
  CHECK(seen.app == "live");
  CHECK(seen.remote_address.starts_with("127.0.0.1:"));
  check_same(received, media);
}

TEST_CASE("a relay sends its via, and learns that its script tags are welcome") {
  struct Case {
    std::string path, via, timeline;  // as sent by the client
    std::string seen;
    bool welcome;
  };
  for (const Case& each :
       {Case{"/live/key?x=1", "a,b", "t1", "a,b", true}, Case{"/live/key", "", "", "", false},
        Case{"/live/key?via=c", "", "", "c", false}}) {
    CAPTURE(each.seen);
    Loopback loopback;
    Request seen;
    auto server = serve_one(loopback, [&](ServerSession& session, Request request) -> asio::awaitable<void> {
      seen = request;
      auto started = co_await session.start_publish();
      REQUIRE(started);
      auto message = co_await session.read_media(20s);
      CHECK((message && !*message));
    });
    const auto publish = [&](net::Url url) -> asio::awaitable<void> {
      ConnectOptions options{each.via, each.timeline};
      auto session = co_await ClientSession::connect(url, 10s, options);
      REQUIRE(session);
      CHECK(session->accepts_annotations() == each.welcome);
      auto publishing = co_await session->publish(10s);
      REQUIRE(publishing);
      co_await session->close();
    };
    auto client = publish(url_to(loopback, each.path));
    loopback.run({&server, &client});
    CHECK(seen.via == each.seen);
    CHECK(seen.timeline == each.timeline);
    CHECK(seen.path == "live/key");
  }
}

TEST_CASE("a played stream arrives, byte for byte, and ends") {
  Loopback loopback;
  const auto media = sample_media();
  Received received;
  auto server = serve_one(loopback, [&](ServerSession& session, Request request) -> asio::awaitable<void> {
    CHECK(request.kind == Request::play);
    CHECK(request.path == "a/b/c");
    auto started = co_await session.start_play();
    REQUIRE(started);
    co_await write_bytes(session.socket().tcp(), wire_bytes(media));
    co_await write_bytes(session.socket().tcp(), ServerSession::play_end());
    auto gone = co_await next_event(session);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == Errc::closed);
  });
  const auto play = [&](net::Url url) -> asio::awaitable<void> {
    auto session = co_await ClientSession::connect(url, 10s);
    REQUIRE(session);
    auto playing = co_await session->play(10s);
    REQUIRE(playing);
    auto ended = co_await read_all(*session, received);
    CHECK(ended);
    co_await session->close();
  };
  auto client = play(url_to(loopback, "/a/b/c"));
  loopback.run({&server, &client});
  check_same(received, media);
}

TEST_CASE("a refused publisher and a refused player learn why") {
  for (const bool publish : {true, false}) {
    Loopback loopback;
    const std::string code = publish ? "NetStream.Publish.BadName" : "NetStream.Play.StreamNotFound";
    auto server = serve_one(loopback, [&](ServerSession& session, Request) -> asio::awaitable<void> {
      co_await session.refuse(code, "no luck");
    });
    const auto ask = [&](net::Url url) -> asio::awaitable<void> {
      auto session = co_await ClientSession::connect(url, 10s);
      REQUIRE(session);
      Result<void> answer;
      if (publish)
        answer = co_await session->publish(10s);
      else
        answer = co_await session->play(10s);
      REQUIRE_FALSE(answer);
      CHECK(answer.error().code == (publish ? Errc::refused : Errc::not_found));
      CHECK(answer.error().message.find(code) != std::string::npos);
      CHECK(answer.error().message.find("no luck") != std::string::npos);
      co_await session->close();
    };
    auto client = ask(url_to(loopback, "/live/x"));
    loopback.run({&server, &client});
  }
}

TEST_CASE("a broken connection is not the end of a stream") {
  Loopback loopback;
  const auto media = sample_media();
  Received received;
  Errc how{};
  auto server = serve_one(loopback, [&](ServerSession& session, Request) -> asio::awaitable<void> {
    auto started = co_await session.start_publish();
    REQUIRE(started);
    auto ended = co_await read_all(session, received);
    REQUIRE_FALSE(ended);
    how = ended.error().code;
  });
  const auto vanish = [&](net::Url url) -> asio::awaitable<void> {
    auto session = co_await ClientSession::connect(url, 10s);
    REQUIRE(session);
    auto publishing = co_await session->publish(10s);
    REQUIRE(publishing);
    auto written = co_await session->write_media(media, 10s);
    REQUIRE(written);
    session->socket().tcp().shutdown(asio::ip::tcp::socket::shutdown_send);
    session->socket().close();
  };
  auto client = vanish(url_to(loopback, "/live/x"));
  loopback.run({&server, &client});
  CHECK(how == Errc::closed);
  check_same(received, media);
}

TEST_CASE("a silent publisher times out, and can still be read from afterwards") {
  Loopback loopback;
  const auto media = sample_media();
  Received received;
  bool timed_out = false;
  auto server = serve_one(loopback, [&](ServerSession& session, Request) -> asio::awaitable<void> {
    auto started = co_await session.start_publish();
    REQUIRE(started);
    auto first = co_await session.read_media(1ms);
    timed_out = !first && first.error().code == Errc::timed_out;
    co_await session.refuse("NetStream.Publish.Denied", "too slow");
  });
  const auto wait = [&](net::Url url) -> asio::awaitable<void> {
    auto session = co_await ClientSession::connect(url, 10s);
    REQUIRE(session);
    auto publishing = co_await session->publish(10s);
    REQUIRE(publishing);
    Result<void> written;
    asio::steady_timer pause(loopback.io);
    while (written) {
      pause.expires_after(5ms);
      co_await pause.async_wait(asio::use_awaitable);
      written = co_await session->write_media({}, 10s);
    }
    CHECK(written.error().code == Errc::refused);
    CHECK(written.error().message.find("too slow") != std::string::npos);
    co_await session->close();
  };
  auto client = wait(url_to(loopback, "/live/x"));
  loopback.run({&server, &client});
  CHECK(timed_out);
}

TEST_CASE("a silent server, and an absent one") {
  Loopback loopback;
  const auto connect = [&](net::Url url, Errc expected) -> asio::awaitable<void> {
    auto session = co_await ClientSession::connect(url, 50ms);
    REQUIRE_FALSE(session);
    CHECK(session.error().code == expected);
  };
  auto silent = connect(url_to(loopback, "/live/x"), Errc::timed_out);
  loopback.run({&silent});
  Loopback other;
  const auto url = url_to(other, "/live/x");
  other.acceptor.close();
  auto absent = connect(url, Errc::closed);
  other.run({&absent});
}

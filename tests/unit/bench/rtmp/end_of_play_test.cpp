#include "srs-bench/rtmp/end_of_play.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "rtmp/command.h"
#include "srs-bench/http_flv/http_flv_dialog.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::bench;

namespace {

class Ignore : public MediaListener {
 public:
  void on_media(const MediaMessage&) override {}
};

Bytes as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Media followed by the server's message.
std::vector<std::uint8_t> behind_media(const std::vector<std::uint8_t>& said) {
  std::vector<std::uint8_t> bytes(1500 + said.size(), 0xab);
  std::copy(said.begin(), said.end(), bytes.begin() + 1500);
  return bytes;
}

}  // namespace

TEST_CASE("an end of play is found after media, in each of its forms") {
  CHECK_FALSE(contains_end_of_play({}));
  CHECK_FALSE(contains_end_of_play(std::vector<std::uint8_t>(2048)));
  for (const char* code :
       {"NetStream.Play.UnpublishNotify", "NetStream.Play.Stop", "NetStream.Play.Complete"}) {
    rtmp::Outbox outbox;
    outbox.status(1, "status", code, "over");
    CHECK(contains_end_of_play(behind_media(outbox.take())));
    CHECK(is_end_of_play(code));
  }
  rtmp::Outbox eof;
  eof.user_control(rtmp::UserControl::stream_eof, 1);
  CHECK(contains_end_of_play(behind_media(eof.take())));
  // With a chunk header of type 1, and cut off before its end.
  CHECK(contains_end_of_play(bytes_of("42 000000 000006 04 0001 00000001")));
  CHECK_FALSE(contains_end_of_play(bytes_of("42 000000 000006 04 0001 00")));
}

TEST_CASE("other messages are no end of play") {
  for (const char* code : {"NetStream.Play.Start", "NetStream.Play.Reset", "NetStream.Play.PublishNotify"}) {
    rtmp::Outbox outbox;
    outbox.status(1, "status", code, "");
    CHECK_FALSE(contains_end_of_play(behind_media(outbox.take())));
    CHECK_FALSE(is_end_of_play(code));
  }
  rtmp::Outbox others;
  others.user_control(rtmp::UserControl::stream_begin, 1);
  others.user_control(rtmp::UserControl::ping_request, 1);
  CHECK_FALSE(contains_end_of_play(behind_media(others.take())));
}

TEST_CASE("chunked HTTP ends with an empty chunk, plain HTTP without a sign") {
  Ignore ignore;
  const auto url = net::parse_url("http://h/x.flv");
  HttpFlvDialog chunked(*url, ignore);
  REQUIRE(chunked.feed(as_bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nFLV\1\5")).ok());
  CHECK(chunked.ends(as_bytes("media\r\n0\r\n\r\n")));
  CHECK_FALSE(chunked.ends(as_bytes("media\r\n0\r\n\r")));
  CHECK_FALSE(chunked.ends(as_bytes("media\r\n10\r\n\r\n")));
  CHECK_FALSE(chunked.ends({}));
  HttpFlvDialog plain(*url, ignore);
  REQUIRE(plain.feed(as_bytes("HTTP/1.1 200 OK\r\n\r\nFLV\1\5")).ok());
  CHECK_FALSE(plain.ends(as_bytes("media\r\n0\r\n\r\n")));
}

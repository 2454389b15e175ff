// Players' requests to srs-hls: the path and query of a GET, against a live Low-Latency stream. An input is a
// byte that chooses the path, two for headers, and the query. Every request is answered within its longest
// wait.
#include <asio/co_spawn.hpp>
#include <memory>

#include "choices.h"
#include "cli/log.h"
#include "srs-hls/delivery/delivery.h"
#include "target.h"

using namespace srs;
using namespace srs::hls;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

class TurnedClock : public Clock {
 public:
  std::chrono::system_clock::time_point utc() const override {
    return std::chrono::system_clock::time_point(milliseconds(1'790'000'000'000)) + passed;
  }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point{} + passed;
  }
  std::chrono::steady_clock::time_point steady_coarse() const override { return steady(); }

  milliseconds passed{0};
};

media::Message message(flv::TagType type, std::int64_t time_ms, std::initializer_list<std::uint8_t> bytes) {
  return media::make_message(type, time_ms, Slice::copy_of(Bytes(bytes.begin(), bytes.size())));
}

// One stream, live/x, with five segments, parts of a sixth, and a hint.
class Server {
 public:
  Server() {
    using flv::TagType;
    streams_.on_begin(1, {.path = "live/x"});
    streams_.on_message(
        1, message(TagType::video, 0, {0x17, 0,    0,    0, 0,    1, 0x64, 0, 0x1e, 0xff, 0xe1, 0,
                                       4,    0x67, 0x64, 0, 0x1e, 1, 0,    3, 0x68, 0xee, 0x3c}));
    for (std::int64_t ms = 0; ms < 10'900; ms += 40) {
      if (ms % 2'000 == 0)
        streams_.on_message(1,
                            message(TagType::video, ms, {0x17, 1, 0, 0, 0, 0, 0, 0, 4, 0x65, 0x88, 0x84, 0}));
      else
        streams_.on_message(1, message(TagType::video, ms, {0x27, 1, 0, 0, 0, 0, 0, 0, 3, 0x41, 0x9a, 0x24}));
      clock_.passed += milliseconds(40);
    }
  }

  http::Response get(http::Request request) {
    const milliseconds before = clock_.passed;
    std::optional<http::Response> response;
    asio::co_spawn(io_, delivery_.answer(std::move(request)),
                   [&](const std::exception_ptr& failed, http::Answer answer) {
                     MUST_HOLD(!failed);
                     response = std::get<http::Response>(std::move(answer));
                   });
    for (int waited_s = 0; poll(), !response; ++waited_s) {
      MUST_HOLD(waited_s < 20);
      clock_.passed += seconds(1);
      delivery_.tick();
    }
    clock_.passed = before;
    return *std::move(response);
  }

 private:
  void poll() {
    io_.restart();
    io_.poll();
  }

  TurnedClock clock_;
  cli::Log log_{"fuzz", static_cast<cli::LogLevel>(-1), cli::LogFormat::text};
  asio::io_context io_;
  StreamSettings settings_{
      .presentation = {.format = Format::fmp4, .rendition = {.window = 20, .in_memory = true}},
      .cut = {milliseconds(2'000), milliseconds(200)}};
  Streams streams_{settings_, "", Places{}, {}, clock_, log_};
  gate::Gate gate_{io_, log_};
  Delivery delivery_{io_, gate_, streams_, nullptr, clock_};
};

http::Request request_of(fuzz::Choices& choices) {
  static const char* const paths[] = {"/live/x.m3u8",  "/live/x/av.m3u8", "/live/x/init-0.mp4",
                                      "/live/x/0.m4s", "/live/x/5.0.m4s", "/live/y.m3u8",
                                      "/live/x/",      "/.live/x"};
  static const char* const ranges[] = {"",          "bytes=0-",          "bytes=-5",
                                       "bytes=1-2", "bytes=9999999999-", "bytes=5-1"};
  http::Request request;
  const std::uint8_t which = choices.u8(), headers = choices.u8();
  request.method = headers & 1 ? "HEAD" : "GET";
  request.path = paths[which % std::size(paths)];
  if (headers & 2) request.headers.add("Accept-Encoding", "gzip");
  if (headers & 4) request.headers.add("If-None-Match", "\"1\"");
  if (headers & 8) request.headers.add("Range", ranges[which / std::size(paths) % std::size(ranges)]);
  request.query = fuzz::text_of(choices.rest());
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Server server;
  fuzz::Choices choices({data, size});
  const http::Request request = request_of(choices);
  const http::Response response = server.get(request);
  const int status = response.status;
  bool known = false;
  for (const int one : {200, 206, 304, 400, 404, 416, 503}) known |= status == one;
  MUST_HOLD(known);
  MUST_HOLD(response.size_bytes() < 100'000);
  for (const auto& [name, value] : response.headers) MUST_HOLD(value.find_first_of("\r\n") == value.npos);
  // Error bodies are one line.
  if (status >= 400) MUST_HOLD(response.body.find('\n') == response.body.size() - 1 || response.body.empty());
  const bool plain = status == 200 && request.method == "GET" && !response.headers.find("Content-Encoding");
  if (plain && request.path.ends_with(".m3u8")) {
    MUST_HOLD(!response.pieces.empty());
    MUST_HOLD(fuzz::text_of(response.pieces.front().bytes()).starts_with("#EXTM3U\n"));
  }
  return 0;
}

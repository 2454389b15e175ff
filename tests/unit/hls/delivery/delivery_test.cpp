// rfc8216bis 6.2.5: blocking requests, delta updates, hinted parts; and what time-shift and caches need.
#include "srs-hls/delivery/delivery.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include <asio/co_spawn.hpp>
#include <memory>

#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// An answer that may still be pending.
using Pending = std::shared_ptr<std::optional<http::Response>>;

class Fixture {
 public:
  explicit Fixture(milliseconds part = 200ms, KeySettings keys = {})
      : settings_{.presentation = {.format = part.count() > 0 ? Format::fmp4 : Format::ts,
                                   .rendition = {.window = 20, .in_memory = true},
                                   .keys = std::move(keys)},
                  .cut = {2s, part}},
        streams_(settings_, "", Places{}, {}, clock, silent_log()),
        delivery_(io_, gate_, streams_, nullptr, clock) {}
  // Waiting requests must be destroyed before what they wait for.
  ~Fixture() {
    for (int i = 0; i < 40; ++i) {
      clock.passed += 1s;
      tick();
    }
  }

  void begin() {
    streams_.on_begin(1, {.path = "live/x"});
    streams_.on_message(1, video_header());
    streams_.on_message(1, audio_header());
  }
  // Plays up to this time: 25 pictures per second, a key frame every two seconds; advances the clock.
  void play_to(std::int64_t to_ms) {
    for (; at_ms_ < to_ms; at_ms_ += 40) {
      streams_.on_message(1, at_ms_ % 2'000 == 0 ? key_frame(at_ms_) : picture(at_ms_));
      streams_.on_message(1, sound(at_ms_));
      clock.passed += 40ms;
    }
    tick();
  }
  void end() { streams_.on_end(1, media::EndReason::ended); }
  void tick() {
    delivery_.tick();
    io_.restart();
    io_.poll();
  }

  Pending ask(const std::string& path, const std::string& query = "", const std::string& encoding = "") {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    if (!encoding.empty()) request.headers.add("Accept-Encoding", encoding);
    const Pending pending = std::make_shared<std::optional<http::Response>>();
    asio::co_spawn(io_, delivery_.answer(std::move(request)),
                   [pending](const std::exception_ptr& failed, http::Answer answer) {
                     if (!failed) *pending = std::get<http::Response>(std::move(answer));
                   });
    io_.restart();
    io_.poll();
    return pending;
  }
  http::Response get(const std::string& path, const std::string& query = "",
                     const std::string& encoding = "") {
    const Pending pending = ask(path, query, encoding);
    REQUIRE(pending->has_value());
    return *std::move(*pending);
  }
  // Sets the first segment's number, if nothing is listed yet.
  void start_at(std::uint64_t sequence) { streams_.presentation("live/x")->main().start_at(sequence); }
  const Playlist& list() { return streams_.presentation("live/x")->main().playlist(); }
  std::uint64_t next() { return list().next_sequence(); }

  std::size_t viewers() const { return delivery_.viewers().watching("live/x"); }

  TurnedClock clock;

 private:
  asio::io_context io_;
  StreamSettings settings_;
  Streams streams_;
  gate::Gate gate_{io_, silent_log()};
  Delivery delivery_;
  std::int64_t at_ms_ = 0;
};

const std::string media_list = "/live/x/av.m3u8";

std::string text_of(const http::Response& response) {
  std::string text = response.body;
  for (const Slice& piece : response.pieces) text.append(piece.data(), piece.data() + piece.size());
  return text;
}
std::string msn(std::uint64_t sequence) {
  return "_HLS_msn=" + std::to_string(sequence);
}
bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

TEST_CASE("missing files are 404, and a request before the first segment waits for a while") {
  Fixture f;
  CHECK(f.get("/live/x.m3u8").status == 404);
  CHECK(f.get(media_list).status == 404);
  CHECK(f.get("/live/x/0.m4s").status == 404);
  CHECK(f.get("/").status == 404);
  f.begin();
  const Pending multivariant = f.ask("/live/x.m3u8"), media = f.ask(media_list), given_up = f.ask(media_list);
  CHECK_FALSE(multivariant->has_value());
  f.clock.passed += 14s;
  f.tick();
  CHECK_FALSE(media->has_value());
  f.clock.passed += 1s;
  f.tick();
  REQUIRE(given_up->has_value());
  CHECK((*given_up)->status == 404);
  f.play_to(2'200);
  CHECK(f.get("/live/x.m3u8").status == 200);
  CHECK(has(text_of(f.get("/live/x.m3u8")), "\nx/av.m3u8\n"));
  CHECK(f.get("/live/x/no.m4s").status == 404);
  CHECK(f.get("/live/x/no.m3u8").status == 404);
}

TEST_CASE("clients that keep requesting media playlists are viewers") {
  Fixture f;
  f.begin();
  f.play_to(6'100);
  f.get("/live/x.m3u8");
  CHECK(f.viewers() == 0);
  for (int i = 0; i < 3; ++i) f.get(media_list);
  f.get("/live/y/av.m3u8");
  CHECK(f.viewers() == 1);
  f.clock.passed += 20s;
  f.tick();
  CHECK(f.viewers() == 0);
}

TEST_CASE("directives that make no sense are 400") {
  Fixture f;
  f.begin();
  f.play_to(6'100);
  for (const std::string& query :
       {std::string("_HLS_part=0"), std::string("_HLS_msn=x"), std::string("_HLS_msn=-1"),
        std::string("_HLS_msn="), msn(f.next()) + "&_HLS_part=x", msn(f.next() + 2),
        msn(f.next() + 2) + "&_HLS_part=0", std::string("_HLS_msn=18446744073709551615"),
        std::string("start=yesterday")}) {
    CAPTURE(query);
    CHECK(f.get(media_list, query).status == 400);
  }
  CHECK(f.get(media_list, "token=1&_HLS_push=0").status == 200);
}

TEST_CASE("an existing segment is answered at once, the next one when it is complete") {
  Fixture f;
  f.begin();
  f.play_to(6'100);
  const std::uint64_t next = f.next();
  CHECK(f.get(media_list, msn(next - 1)).status == 200);
  CHECK(f.get(media_list, msn(0)).status == 200);
  const Pending pending = f.ask(media_list, msn(next));
  f.play_to(7'900);
  CHECK_FALSE(pending->has_value());
  f.play_to(8'080);
  REQUIRE(pending->has_value());
  CHECK((*pending)->status == 200);
  CHECK(has(text_of(**pending), f.list().segments.back().uri + "\n"));
  CHECK((*pending)->headers.value("Cache-Control") == "max-age=2");
  CHECK(f.get(media_list).headers.value("Cache-Control") == "no-cache");
}

TEST_CASE("a requested part is sent with the playlist that lists it") {
  Fixture f;
  f.begin();
  f.play_to(6'440);
  const std::uint64_t next = f.next();
  const std::size_t parts = f.list().open->parts.size();
  REQUIRE(parts > 0);
  CHECK(f.get(media_list, msn(next) + "&_HLS_part=" + std::to_string(parts - 1)).status == 200);
  const Pending pending = f.ask(media_list, msn(next) + "&_HLS_part=" + std::to_string(parts));
  CHECK_FALSE(pending->has_value());
  const std::string hint = f.list().hint;
  f.play_to(6'700);
  REQUIRE(pending->has_value());
  CHECK(has(text_of(**pending), "URI=\"" + hint + "\""));
  // A part past the end of its segment is the first one of the next.
  const Pending past = f.ask(media_list, msn(next) + "&_HLS_part=50");
  f.play_to(8'080);
  CHECK_FALSE(past->has_value());
  f.play_to(8'300);
  REQUIRE(past->has_value());
  CHECK((*past)->status == 200);
}

TEST_CASE("requests block for segments and parts whose numbers are over 2^32 and 2^53") {
  for (const int bits : {31, 32, 53}) {
    CAPTURE(bits);
    Fixture f;
    f.begin();
    const std::uint64_t bound = std::uint64_t{1} << bits;
    f.start_at(std::max(bound - 2, f.next()));
    f.play_to(6'040);
    REQUIRE(f.next() > bound);
    CHECK(f.get(media_list, msn(f.next() - bound)).status == 200);  // long past
    CHECK(f.get(media_list, msn(f.next() + bound)).status == 400);
    const std::uint64_t next = f.next();
    const Pending segment = f.ask(media_list, msn(next)),
                  part = f.ask(media_list, msn(next) + "&_HLS_part=3");
    CHECK_FALSE(part->has_value());
    f.play_to(7'000);
    REQUIRE(part->has_value());
    CHECK_FALSE(segment->has_value());
    f.play_to(8'080);
    REQUIRE(segment->has_value());
    CHECK(has(text_of(**segment), "\n" + std::to_string(next) + ".m4s\n"));
    CHECK(f.get("/live/x/" + std::to_string(next) + ".m4s").status == 200);
  }
}

TEST_CASE("a request that waited three target durations in vain gets 503") {
  Fixture f;
  f.begin();
  f.play_to(6'100);
  const Pending list = f.ask(media_list, msn(f.next())), part = f.ask("/live/x/" + f.list().hint);
  f.clock.passed += 5'900ms;
  f.tick();
  CHECK_FALSE(list->has_value());
  CHECK_FALSE(part->has_value());
  f.clock.passed += 200ms;
  f.tick();
  REQUIRE(list->has_value());
  REQUIRE(part->has_value());
  CHECK((*list)->status == 503);
  CHECK((*part)->status == 503);
}

TEST_CASE("the hinted part is sent when it is whole, byte for byte as a part of its segment") {
  Fixture f;
  f.begin();
  f.play_to(6'100);
  const std::string hint = f.list().hint;
  const Pending pending = f.ask("/live/x/" + hint);
  CHECK_FALSE(pending->has_value());
  f.play_to(8'300);
  REQUIRE(pending->has_value());
  CHECK((*pending)->status == 200);
  CHECK((*pending)->headers.value("Content-Type") == "video/mp4");
  const Segment& segment = f.list().segments.back();
  std::string parts;
  for (const Part& one : segment.parts) parts += text_of(f.get("/live/x/" + one.uri));
  CHECK(parts == text_of(f.get("/live/x/" + segment.uri)));
  CHECK(has(parts, text_of(**pending)));
}

TEST_CASE("a hinted part that can no longer come is 404, and an ended playlist does not block") {
  Fixture f;
  f.begin();
  f.play_to(6'100);
  const std::string hint = f.list().hint;
  f.end();
  f.tick();
  const Pending asked = f.ask("/live/x/" + hint + "x");
  REQUIRE(asked->has_value());
  CHECK((*asked)->status == 404);
  const auto list = f.get(media_list, msn(f.next()));
  CHECK(list.status == 200);
  CHECK(has(text_of(list), "#EXT-X-ENDLIST"));
}

TEST_CASE("delta updates skip old segments, on request") {
  Fixture f;
  f.begin();
  f.play_to(30'100);
  const std::string full = text_of(f.get(media_list)), delta = text_of(f.get(media_list, "_HLS_skip=YES"));
  CHECK_FALSE(has(full, "#EXT-X-SKIP"));
  CHECK(has(delta, "#EXT-X-SKIP:SKIPPED-SEGMENTS="));
  CHECK(delta.size() < full.size());
  CHECK(text_of(f.get(media_list, "_HLS_skip=v2")) == delta);
  CHECK(text_of(f.get(media_list, "_HLS_skip=no")) == full);
  // Both end with the same lines.
  const auto tail = delta.find('\n', delta.find("#EXT-X-SKIP")) + 1;
  CHECK(full.ends_with(delta.substr(tail)));
}

TEST_CASE("playlists are compressed for clients that accept it, and have the same text") {
  Fixture f;
  f.begin();
  f.play_to(8'100);
  const auto plain = f.get(media_list), packed = f.get(media_list, "", "gzip, br");
  CHECK(plain.headers.value("Vary") == "Accept-Encoding");
  CHECK(packed.headers.value("Vary") == "Accept-Encoding");
  CHECK(plain.headers.value("Content-Encoding").empty());
  CHECK(packed.headers.value("Content-Encoding") == "gzip");
  CHECK(plain.headers.value("ETag") != packed.headers.value("ETag"));
  CHECK(plain.headers.value("Content-Type") == "application/vnd.apple.mpegurl");
  std::string bytes = text_of(packed), text(100'000, '\0');
  CHECK(bytes.size() < text_of(plain).size());
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + 15) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  CHECK(text == text_of(plain));
}

TEST_CASE("start= plays from then: a list of its own, and in the multivariant playlist for all") {
  Fixture f;
  f.begin();
  f.play_to(20'100);
  const auto count = [](const std::string& text) {
    std::size_t found = 0;
    for (auto at = text.find("#EXTINF"); at != text.npos; at = text.find("#EXTINF", at + 1)) ++found;
    return found;
  };
  const std::string from_then = text_of(f.get(media_list, "start=-5"));
  CHECK(count(from_then) == 3);
  CHECK(has(from_then, "#EXT-X-START:"));
  CHECK(count(text_of(f.get(media_list, "start=3600"))) == f.list().segments.size());
  CHECK(count(text_of(f.get(media_list, "start=0"))) == 1);
  const std::string multivariant = text_of(f.get("/live/x.m3u8", "start=-5"));
  CHECK(has(multivariant, "\nx/av.m3u8?start=2026-"));
  CHECK(f.get("/live/x.m3u8", "start=x").status == 400);
}

TEST_CASE("keys are given out, privately") {
  Fixture f(0ms, {.method = Encryption::aes_128, .every = 30});
  f.begin();
  f.play_to(4'100);
  const std::string list = text_of(f.get(media_list));
  const auto at = list.find("key-");
  REQUIRE(at != list.npos);
  const std::string name = list.substr(at, list.find('"', at) - at);
  const auto key = f.get("/live/x/" + name);
  CHECK(key.status == 200);
  CHECK(text_of(key).size() == 16);
  CHECK(has(std::string(key.headers.value("Cache-Control")), "private"));
  CHECK(f.get("/live/x/key-0x.key").status == 404);
}

TEST_CASE("without parts requests do not block") {
  Fixture f(0ms);
  f.begin();
  f.play_to(6'100);
  CHECK(f.get(media_list, msn(f.next() + 10)).status == 200);
  CHECK(f.get(media_list, "_HLS_skip=YES").status == 200);
  CHECK_FALSE(has(text_of(f.get(media_list, "_HLS_skip=YES")), "EXT-X-SKIP"));
}

TEST_CASE("texts of ?start= do not evict others, and their compression is limited") {
  Fixture f(0ms);
  f.begin();
  f.play_to(20'000);
  const auto pieces = [&] { return f.get(media_list, "", "gzip").pieces; };
  const auto before = pieces();
  REQUIRE(before.size() == 1);
  for (int i = 0; i < 600; ++i) {
    const std::string query = fmt::format("start=-{}.{:03}", i / 40, i);
    CHECK(f.get(media_list, query, "gzip").status == 200);
    CHECK(f.get("/live/x.m3u8", query, "gzip").status == 200);
  }
  // The same bytes, not a new copy.
  CHECK(pieces().front().data() == before.front().data());
}

TEST_CASE("waiting requests per rendition are limited, others get an answer at once") {
  Fixture f;
  f.begin();
  f.play_to(4'200);
  std::vector<Pending> all;
  for (std::size_t i = 0; i < Delivery::waiters_per_rendition_max; ++i)
    all.push_back(f.ask(media_list, msn(f.next() + 1)));
  CHECK_FALSE(all.front()->has_value());
  CHECK_FALSE(all.back()->has_value());
  const http::Response refused = f.get(media_list, msn(f.next() + 1));
  CHECK(refused.status == 503);
  CHECK(refused.headers.value("Retry-After") == "1");
  f.play_to(8'200);
  CHECK(all.front()->has_value());
  CHECK(all.back()->has_value());
  // There is room again.
  CHECK_FALSE(f.ask(media_list, msn(f.next() + 1))->has_value());
}

}  // namespace
}  // namespace srs::hls

// Where a relay begins that goes on after the loss of another origin.
#include "srs-relay/streams/resume.h"

#include <doctest/doctest.h>

#include "log/flv_wire.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/workers/worker.h"
#include "unit/media/media_samples.h"
#include "unit/net/manual_clock.h"
#include "unit/relay/workers/test_session.h"

using namespace srs;
using namespace srs::media;
using namespace std::chrono_literals;
using relay::Resume;

namespace {

constexpr std::int64_t gop_ms = 1'000;

// A stream with a key frame each second, of which the newest 2 to 3 s are kept.
struct Stage {
  explicit Stage(std::int64_t begin_ms, const std::string& timeline = {}) {
    published = hub.begin({"live/a", "test", "", timeline});
    REQUIRE(published);
    hub.append(*published, sample_header(flv::TagType::video, 0, 1));
    hub.append(*published, sample_header(flv::TagType::audio, 0, 1));
    for (std::int64_t time = begin_ms; time <= begin_ms + 10'500; time += 100) {
      hub.append(*published, sample_video((time - begin_ms) % gop_ms == 0, time));
      hub.append(*published, sample_audio(time));
    }
  }
  ~Stage() {
    hub.end_all();
    hub.stop();
    net::ManualClock::run({&io, &worker.io()});
    worker.close();
  }

  // The time of the first key frame that a player gets who resumes there.
  std::int64_t begins_at(std::optional<Resume> resume) {
    const relay::FoundStream found{published->stream, published->stream->wire(wire), {}};
    const auto session = std::make_shared<relay::TestSession>(worker, found.stream, log);
    session->set_resume(resume);
    session->start(found, relay::last_bytes);
    return first_frame_of(session->peer.sent());
  }

  // In the bytes of tags.
  static std::int64_t first_frame_of(const std::string& sent) {
    const auto byte = [&](std::size_t at) { return std::int64_t{static_cast<std::uint8_t>(sent.at(at))}; };
    for (std::size_t at = 0; at < sent.size();) {
      const std::int64_t size = byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
      const bool is_frame = byte(at) == 9 && byte(at + 12) == 1;
      if (is_frame) return byte(at + 7) << 24 | byte(at + 4) << 16 | byte(at + 5) << 8 | byte(at + 6);
      at += static_cast<std::size_t>(size) + 15;
    }
    return -1;
  }

  asio::io_context io;
  net::ManualClock clock;
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  relay::Worker worker{0, clock, {15s}};
  const relay::Wakers wakers{&worker};
  const log::FlvWire wire;
  relay::Hub hub{io, clock, {}, nullptr, wakers, "node", log};
  std::shared_ptr<relay::Hub::Published> published;
};

}  // namespace

TEST_CASE("who resumes begins with the newest key frame that is not later, others with the newest") {
  for (const std::string timeline : {"", "a1"}) {
    Stage stage(0, timeline);
    CHECK(stage.begins_at({}) == 10'000);
    CHECK(stage.begins_at(Resume{10'400, timeline}) == 10'000);
    CHECK(stage.begins_at(Resume{9'999, timeline}) == 9'000);
    CHECK(stage.begins_at(Resume{9'000, timeline}) == 9'000);
    CHECK(stage.begins_at(Resume{8'960, timeline}) == 8'000);
    CHECK(stage.begins_at(Resume{60'000, timeline}) == 10'000);  // the relay is ahead
  }
}

TEST_CASE("a time that is no longer kept: the oldest of a timeline that both know, the newest of others") {
  Stage named(0, "a1");
  CHECK(named.begins_at(Resume{3'000, "a1"}) == 8'000);
  CHECK(named.begins_at(Resume{3'000, "a2"}) == 10'000);
  CHECK(named.begins_at(Resume{9'500, "a2"}) == 10'000);
  CHECK(named.begins_at(Resume{9'500, ""}) == 10'000);
  Stage unnamed(0);
  CHECK(unnamed.begins_at(Resume{3'000, ""}) == 10'000);
}

TEST_CASE("who resumes counts time modulo 2^32 ms") {
  for (const std::int64_t turn : {std::int64_t{1} << 24, std::int64_t{1} << 31, std::int64_t{1} << 32}) {
    Stage stage(turn - 9'500, "a1");  // the newest key frame is 500 ms behind the turn
    const auto wire_time = [&](std::int64_t time) { return time & 0xffffffff; };
    CHECK(stage.begins_at({}) == wire_time(turn + 500));
    CHECK(stage.begins_at(Resume{turn + 400, "a1"}) == wire_time(turn - 500));
    CHECK(stage.begins_at(Resume{wire_time(turn + 400), "a1"}) == wire_time(turn - 500));
    CHECK(stage.begins_at(Resume{wire_time(turn + 600), "a1"}) == wire_time(turn + 500));
  }
}

TEST_CASE("what resumes is written and read; anything else is nothing") {
  for (const Resume& resume : {Resume{0, ""}, Resume{9'007'199'254'740'992, "origin-1_a.b:c/d"}}) {
    const auto read = relay::resume_of("token=1&resume=" + relay::resume_value(resume));
    REQUIRE(read);
    CHECK(read->after_ms == resume.after_ms);
    CHECK(read->timeline == resume.timeline);
  }
  for (const char* query :
       {"", "resume", "resume=", "resume=1", "resume=,a", "resume=-1,a", "resume=1x,a", "resume= 1,a",
        "resume=9007199254740993,a", "resume=99999999999999999999999,a", "resume=1,a%0d%0ab", "resume=1,a,b"})
    CHECK_FALSE(relay::resume_of(query));
  CHECK_FALSE(relay::resume_of("resume=1," + std::string(129, 'a')));
  CHECK(relay::resume_value({1, "a b"}).empty());
  CHECK(relay::resume_value({1, "a&wait=9"}).empty());
}

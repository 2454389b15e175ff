#include "srs-bench/content/verifier.h"

#include <doctest/doctest.h>

#include "media/annotations.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::bench;
using Step = TrackTime::Step;

TEST_CASE("even timestamps, also over the end of 32 bits") {
  TrackTime time;
  for (std::uint32_t i = 0; i < 100; ++i) CHECK(time.on_timestamp(0xffffff00 + 20 * i) == Step::even);
}

TEST_CASE("a jump is a gap, measured by the stream's own pace") {
  TrackTime fast;
  std::uint32_t at = 0;
  for (int i = 0; i < 50; ++i) CHECK(fast.on_timestamp(at += 40) == Step::even);
  CHECK(fast.on_timestamp(at += 200) == Step::even);  // four frames lost might be a pause of the encoder
  CHECK(fast.on_timestamp(at += 1000) == Step::gap);
  CHECK(fast.on_timestamp(at += 40) == Step::even);
  TrackTime slow;
  at = 0;
  for (int i = 0; i < 50; ++i) CHECK(slow.on_timestamp(at += 1000) == Step::even);
  CHECK(slow.on_timestamp(at += 4000) == Step::even);
  CHECK(slow.on_timestamp(at += 9000) == Step::gap);
}

TEST_CASE("before the pace is known a second is a gap") {
  TrackTime time;
  CHECK(time.on_timestamp(5'000'000) == Step::even);
  CHECK(time.on_timestamp(5'000'900) == Step::even);
  CHECK(time.on_timestamp(5'002'000) == Step::gap);
}

TEST_CASE("back in time is out of order, once") {
  TrackTime time;
  CHECK(time.on_timestamp(1000) == Step::even);
  CHECK(time.on_timestamp(1000) == Step::even);
  CHECK(time.on_timestamp(999) == Step::back);
  CHECK(time.on_timestamp(1039) == Step::even);
}

TEST_CASE("a verifier checks audio and video separately, and headers not at all") {
  using enum media::MessageKind;
  ThreadFigures thread;
  const VerifiedFigures& figures = thread.verified;
  Verifier verifier(thread, nullptr);
  const auto on_message = [&](flv::TagType type, media::MessageKind kind, std::uint32_t at) {
    verifier.on_message({type, kind, at, {}});
  };
  on_message(flv::TagType::video, video_header, 0);
  on_message(flv::TagType::video, key_frame, 90'000);
  on_message(flv::TagType::audio, audio_frame, 89'990);
  on_message(flv::TagType::script, script, 7);
  on_message(flv::TagType::video, video_frame, 90'040);
  on_message(flv::TagType::audio, audio_frame, 90'013);
  CHECK(figures.players == 1);
  CHECK(figures.messages == 6);
  CHECK(figures.out_of_order == 0);
  CHECK(figures.timestamp_gaps == 0);
  on_message(flv::TagType::video, video_frame, 90'000);
  on_message(flv::TagType::audio, audio_frame, 95'000);
  CHECK(figures.out_of_order == 1);
  CHECK(figures.timestamp_gaps == 1);
}

namespace {

UtcMicroseconds utc_ms(std::int64_t count) {
  return UtcMicroseconds(std::chrono::milliseconds(count));
}

}  // namespace

TEST_CASE("onClock tells the time of later timestamps, also over the end of 32 bits") {
  using enum media::MessageKind;
  StreamClock clock;
  const MediaMessage frame{flv::TagType::audio, audio_frame, 4, {}};
  CHECK_FALSE(clock.time_of(frame, {}));
  const Slice on_clock = media::encode_on_clock(utc_ms(1'795'000'000'000));
  CHECK_FALSE(clock.time_of({flv::TagType::script, annotation, 0xffffffff, on_clock.bytes()}, {}));
  CHECK(clock.time_of(frame, {}) == utc_ms(1'795'000'000'005));
  const MediaMessage before{flv::TagType::video, video_frame, 0xfffffff0, {}};
  CHECK(clock.time_of(before, {}) == utc_ms(1'794'999'999'985));
}

TEST_CASE("latency counts while measuring, and not for media sent before the player joined") {
  using enum media::MessageKind;
  ThreadFigures thread;
  Verifier verifier(thread, nullptr);
  const auto on_message = [&](std::chrono::seconds age) {
    const auto sent = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now() - age);
    const auto picture = embed_clock(bytes_of("27 01 000000 00000003 419a24"), sent, {});
    verifier.on_message({flv::TagType::video, video_frame, 0, *picture});
  };
  on_message(std::chrono::seconds(0));
  CHECK(thread.verified.latency.count() == 0);
  thread.measuring = true;
  on_message(std::chrono::seconds(5));
  CHECK(thread.verified.latency.count() == 1);
  CHECK(thread.verified.latency.max() >= std::chrono::seconds(5));
  verifier.begin();
  on_message(std::chrono::seconds(5));
  CHECK(thread.verified.latency.count() == 1);
  on_message(std::chrono::seconds(0));
  CHECK(thread.verified.latency.count() == 2);
}

TEST_CASE("a clock in the pictures goes before onClock") {
  using enum media::MessageKind;
  StreamClock clock;
  const Slice on_clock = media::encode_on_clock(utc_ms(1000));
  CHECK_FALSE(clock.time_of({flv::TagType::script, annotation, 0, on_clock.bytes()}, {}));
  const MediaMessage frame{flv::TagType::video, video_frame, 40, {}};
  CHECK(clock.time_of(frame, FoundClock{utc_ms(77), 0, 0}) == utc_ms(77));
  CHECK_FALSE(clock.time_of(frame, {}));
}

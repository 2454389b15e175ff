#include "srs-hls/cut/stream.h"

#include <doctest/doctest.h>

#include "media/annotations.h"
#include "unit/hls/cut/stream_rig.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using Durations = std::vector<int>;

TEST_CASE("missing key frames count only while pictures come") {
  StreamRig camera_off, endless_gop;
  for (StreamRig* f : {&camera_off, &endless_gop}) {
    f->headers();
    f->play(0, 4000);
  }
  for (std::int64_t at = 4000; at < 40'000; at += 20) camera_off.take(sound(at));
  camera_off.end();
  CHECK(camera_off.missing_key_frames() == 0);
  for (std::int64_t at = 4000; at < 40'000; at += 40) {
    endless_gop.take(picture(at));
    endless_gop.take(sound(at + 20));
  }
  endless_gop.end();
  CHECK(endless_gop.missing_key_frames() > 0);
}

TEST_CASE("segments are cut at the first key frame after the target") {
  StreamRig f;
  f.headers();
  f.play(0, 6000);
  f.end();
  CHECK(f.durations() == Durations{2000, 2000, 2020});
  CHECK(f.list().target_duration_s == 2);
  CHECK(f.list().ended);
  CHECK(f.place.text("live/x/av.m3u8").find("#EXT-X-INDEPENDENT-SEGMENTS\n") != std::string::npos);
}

TEST_CASE("a presentation time hours ahead does not break the target duration") {
  StreamRig f;
  f.headers();
  f.play(0, 1960);
  f.take(message_of(flv::TagType::video, 1960, "27 01 7fffff 00000003 41 9a 24"));
  f.take(message_of(flv::TagType::video, 2000, "17 01 7fffff 00000004 65 88 84 00"));
  f.play(2040, 8000);
  f.end();
  CHECK(f.list().target_duration_s <= 15);
  for (const Segment& segment : f.list().segments)
    CHECK(segment.duration < std::chrono::seconds(f.list().target_duration_s) + 500ms);
}

TEST_CASE("frames held until a picture can be decoded are bounded") {
  StreamRig f;
  f.take(video_header());
  const auto large = [](std::int64_t at_ms) {
    std::vector<std::uint8_t> bytes = bytes_of("17 01 000000 00100000 65");
    bytes.resize(bytes.size() + (1u << 20) - 1);
    return media::make_message(flv::TagType::video, at_ms, Slice::copy_of(bytes));
  };
  for (int i = 0; i < 100; ++i) f.take(large(0));
  f.end();
  CHECK(f.list().segments.size() >= 2);  // they were released, and then cut by size
}

TEST_CASE("the target duration is that of the encoder's group of pictures") {
  StreamRig f;
  f.headers();
  f.play(0, 12'000, 4000);
  f.end();
  CHECK(f.list().target_duration_s == 4);
  CHECK(f.durations() == Durations{4000, 4000, 4020});
}

TEST_CASE("a GOP that is too long is cut between key frames, and EXT-X-INDEPENDENT-SEGMENTS is removed") {
  StreamRig f;
  f.headers();
  f.play(0, 4000);
  f.play(4000, 10'000, 100'000);
  f.end();
  for (const int duration : f.durations()) CHECK(duration < 2500);
  CHECK(f.place.text("live/x/av.m3u8").find("INDEPENDENT") == std::string::npos);
  CHECK(f.discontinuities() == 0);
}

TEST_CASE("a key frame that is no IDR is a place to cut, but not independent") {
  StreamRig f;
  f.headers();
  f.play(0, 2000);
  f.take(recovery_point(2000));
  f.play(2040, 2100, 100'000);
  f.end();
  REQUIRE(f.list().segments.size() == 2);
  CHECK(f.list().segments[0].independent);
  CHECK_FALSE(f.list().segments[1].independent);
}

TEST_CASE("onDiscontinuity on the same timeline with the same headers has no effect") {
  StreamRig f;
  f.headers();
  f.play(0, 2000);
  f.take(media::make_message(flv::TagType::script, 2000, media::encode_on_discontinuity("back")));
  f.headers();
  f.play(2000, 4000);
  f.end();
  CHECK(f.discontinuities() == 0);
  CHECK(f.durations() == Durations{2000, 2020});
}

TEST_CASE("a new configuration is a discontinuity, a repeated one is not") {
  StreamRig f;
  f.headers();
  f.play(0, 3000);
  f.headers();
  f.play(3000, 4000);
  f.take(video_header(other_avc_record));
  f.play(4000, 5000);
  f.end();
  REQUIRE(f.discontinuities() == 1);
  CHECK(f.list().segments.back().discontinuity);
  CHECK(f.durations() == Durations{2000, 2020, 1020});
}

TEST_CASE("a gap or a step back of more than a second is a discontinuity, and no segment spans it") {
  for (const std::int64_t resumed : {7000, 100}) {
    StreamRig f;
    f.headers();
    f.play(0, 3000);
    f.play(resumed, resumed + 1000);
    f.end();
    CHECK(f.discontinuities() == 1);
    CHECK(f.durations() == Durations{2000, 1020, 1020});
  }
}

TEST_CASE("pictures that come every two seconds are no gaps") {
  StreamRig f;
  f.take(video_header());
  for (int at = 0; at < 60'000; at += 2000) f.take(key_frame(at));
  f.end();
  CHECK(f.discontinuities() <= 1);
}

TEST_CASE("the next run goes on: same timeline and headers, no discontinuity") {
  StreamRig f;
  f.headers();
  f.play(0, 3000);
  f.end(Stream::End::cut_off);
  CHECK_FALSE(f.list().ended);
  const auto before = f.list().segments.back();
  f.begin();
  f.headers();
  f.clock.passed += 5s;
  f.play(3000, 4000);
  f.end(Stream::End::cut_off);
  CHECK(f.discontinuities() == 0);
  CHECK(f.list().segments.back().uri == "2.ts");
  // Dates are those of the timeline.
  CHECK(f.list().segments.back().program_date_time - before.program_date_time == 1000ms);
}

TEST_CASE("the next run goes on: another timeline or other headers, a discontinuity") {
  for (const bool other_headers : {false, true}) {
    StreamRig f;
    f.headers();
    f.play(0, 3000);
    f.end();
    f.begin();
    f.take(video_header(other_headers ? other_avc_record : avc_record));
    f.take(audio_header());
    f.play(other_headers ? 3000 : 0, 4000);
    f.end();
    CHECK(f.discontinuities() == 1);
    CHECK(f.list().segments[2].discontinuity);
  }
}

TEST_CASE("dates come from onClock") {
  StreamRig f;
  const auto utc = *parse_utc("2030-01-01T00:00:00.000Z");
  f.headers();
  f.take(media::make_message(flv::TagType::script, 0, media::encode_on_clock(utc)));
  f.play(0, 4000);
  f.end();
  CHECK(f.list().segments[0].program_date_time == utc);
  CHECK(f.list().segments[1].program_date_time == utc + 2s);
}

TEST_CASE("payloads cut short or with a bit turned over do no harm") {
  for (const auto& sample : {video_header(), audio_header(), key_frame(40), sound(40)}) {
    const std::vector<std::uint8_t> bytes(sample.payload.bytes().begin(), sample.payload.bytes().end());
    StreamRig f;
    f.headers();
    f.play(0, 1000);
    const auto feed = [&](const std::vector<std::uint8_t>& broken) {
      f.take(media::make_message(sample.type, 1000, Slice::copy_of(broken)));
    };
    for_each_truncation(bytes, feed);
    for_each_flipped_bit(bytes, feed);
    f.headers();
    f.play(2000, 3000);
    f.end();
    CHECK_FALSE(f.list().segments.empty());
  }
}

}  // namespace
}  // namespace srs::hls

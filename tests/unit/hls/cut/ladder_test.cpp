#include "srs-hls/cut/ladder.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "srs-hls/cut/cut_plan.h"
#include "srs-hls/streams/streams.h"
#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the last word of a name identifies its rendition") {
  CHECK(ladder_of("live/cam_1080p") == "live/cam");
  CHECK(ladder_of("live/cam_1080p60") == "live/cam");
  CHECK(ladder_of("live/my_cam_2500k") == "live/my_cam");
  CHECK(ladder_of("live/cam_source") == "live/cam");
  CHECK(ladder_of("live/cam_track2") == "live/cam");
  CHECK(ladder_of("a/b/c_low") == "a/b/c");
  for (const char* none : {"live/cam", "live/cam_", "live/_720p", "live/cam_x", "live/cam_p", "live/cam_k",
                           "live_720p/cam", "live/cam_720px", "live/cam-720p", ""}) {
    CAPTURE(none);
    CHECK(ladder_of(none).empty());
  }
}

TEST_CASE("the first stream in a segment decides where it begins") {
  CutPlan plan(100);
  CHECK(plan.join(0) == 100);
  CHECK(plan.join(5) == 100);
  CHECK(!plan.cut(101, 1'000, false));
  CHECK(plan.cut(101, 2'000, true));
  // The other stream would not have cut by itself; its key frame comes a moment later.
  CHECK(!plan.cut(101, 1'000, false));
  CHECK(plan.cut(101, 2'040, false));
  // Nor does it cut earlier, although its own rule would.
  CHECK(plan.cut(102, 4'000, true));
  CHECK(!plan.cut(102, 3'000, true));
  CHECK(plan.cut(102, 4'000, true));
}

TEST_CASE("a stream that comes later joins the segment that the others are in") {
  CutPlan plan(7);
  plan.join(10'000);
  plan.record_start(8, 12'000);
  plan.record_start(9, 14'000);
  CHECK(plan.join(10'500) == 7);
  CHECK(plan.join(12'000) == 8);
  CHECK(plan.join(13'900) == 9);
  CHECK(plan.join(20'000) == 9);
}

TEST_CASE("the first stream's durations hold for all") {
  CutPlan plan(0);
  CHECK(plan.target_duration_s() == 0);
  plan.settle(4);
  plan.settle(2);
  CHECK(plan.target_duration_s() == 4);
  plan.settle_parts(200ms);
  plan.settle_parts(240ms);
  CHECK(plan.part_target() == 200ms);
}

TEST_CASE("clocks that differ slightly agree, one that was set does not") {
  const ProgramClock::Utc zero = ProgramClock::Utc(1'700'000'000s);
  std::shared_ptr<ProgramClock::Zero> common;
  ProgramClock first, second;
  first.on_clock(0, zero);
  first.agree(common);
  second.on_clock(1'000, zero + 1'080ms);
  second.agree(common);
  CHECK(second.at(1'000) == zero + 1'000ms);
  CHECK(first.at(1'000) == second.at(1'000));
  second.on_clock(2'000, zero + 1h);
  second.agree(common);
  CHECK(second.at(2'000) == zero + 1h);
  first.on_clock(2'000, zero + 1h + 40ms);
  first.agree(common);
  CHECK(first.at(2'000) == zero + 1h);
}

TEST_CASE("dates continue from an earlier run, unless the clock was set in between") {
  const ProgramClock::Utc zero = ProgramClock::Utc(1'700'000'000s);
  ProgramClock clock;
  clock.restore(zero);
  clock.begin(5'000, zero + 5'060ms, false);
  clock.on_clock(5'000, zero + 5'060ms);
  CHECK(clock.at(5'000) == zero + 5s);
  clock.on_clock(6'000, zero + 1h);
  CHECK(clock.at(6'000) == zero + 1h);

  ProgramClock anew;
  anew.restore(zero);
  anew.begin(100, zero + 9s, true);
  anew.on_clock(100, zero + 9'010ms);
  CHECK(anew.at(100) == zero + 9'010ms);
}

TEST_CASE("a clock that differs is followed slowly, and at once at a discontinuity") {
  const ProgramClock::Utc zero = ProgramClock::Utc(1'700'000'000s);
  ProgramClock clock;
  clock.on_clock(0, zero);
  clock.begin(0, zero, false);
  clock.on_clock(1'000, zero + 1'600ms);
  CHECK(clock.at(1'000) == zero + 1s);
  std::int64_t at = 2'000;
  for (; at <= 60'000; at += 2'000) {
    const auto before = clock.at(at);
    clock.begin(at, zero, false);
    CHECK(clock.at(at) == before + 20ms);
  }
  for (; at <= 80'000; at += 2'000) clock.begin(at, zero, false);
  CHECK(clock.at(at) == zero + std::chrono::milliseconds(at) + 600ms);
  clock.on_clock(at, zero + std::chrono::milliseconds(at) + 1s);
  CHECK(clock.at(at) == zero + std::chrono::milliseconds(at) + 600ms);
  clock.begin(at, zero, true);
  CHECK(clock.at(at) == zero + std::chrono::milliseconds(at) + 1s);
}

// Streams of a ladder on the pipe, each on its own channel.
class LadderFixture {
 public:
  LadderFixture(std::chrono::milliseconds part = 0ms)
      : settings_{.presentation = {.format = Format::fmp4, .rendition = {.window = 100, .in_memory = true}},
                  .cut = {2s, part},
                  .ladder = true},
        streams_(settings_, "", Places{}, {}, clock_, silent_log()) {}

  void begin(pipe::ChannelId channel, const std::string& path) {
    streams_.on_begin(channel, {.path = path});
    streams_.on_message(channel, video_header());
    streams_.on_message(channel, audio_header());
  }
  // 25 pictures per second. late_ms: how far the stream's times are behind those of the others.
  void take(pipe::ChannelId channel, std::int64_t at_ms, std::int64_t gop_ms, std::int64_t late_ms = 0) {
    streams_.on_message(channel, at_ms % gop_ms == 0 ? key_frame(at_ms + late_ms) : picture(at_ms + late_ms));
    streams_.on_message(channel, sound(at_ms + late_ms));
  }
  void send(pipe::ChannelId channel, const media::Message& message) { streams_.on_message(channel, message); }
  void pass(std::chrono::milliseconds time) { clock_.passed += time; }
  const Playlist& list(const std::string& path) { return streams_.presentation(path)->main().playlist(); }
  void end(pipe::ChannelId channel) { streams_.on_end(channel, media::EndReason::ended); }
  std::string multivariant(const std::string& path) { return streams_.multivariant(path)->text(); }

 private:
  TurnedClock clock_;
  StreamSettings settings_;
  Streams streams_;
};

// Checks that segments of the same number begin and end together; returns how many both lists share.
std::size_t check_aligned(const Playlist& a, const Playlist& b, std::chrono::milliseconds tolerance = 0ms) {
  CHECK(a.target_duration_s == b.target_duration_s);
  CHECK(a.part_target == b.part_target);
  std::size_t common = 0;
  for (std::size_t i = 0; i < a.segments.size(); ++i) {
    const std::uint64_t sequence = a.media_sequence + i;
    if (sequence < b.media_sequence || sequence >= b.media_sequence + b.segments.size()) continue;
    const Segment &one = a.segments[i], &other = b.segments[sequence - b.media_sequence];
    // The first segment of a late stream is shorter.
    if (sequence == a.media_sequence || sequence == b.media_sequence) continue;
    ++common;
    CAPTURE(sequence);
    CHECK(std::chrono::abs(one.program_date_time - other.program_date_time) <= tolerance);
    CHECK(std::chrono::abs(one.duration - other.duration) <= tolerance);
    CHECK(one.discontinuity == other.discontinuity);
  }
  return common;
}

TEST_CASE("segments of a ladder begin together and have the same numbers, whoever comes first or late") {
  for (const auto part : {0ms, 200ms}) {
    CAPTURE(part.count());
    LadderFixture f(part);
    f.begin(1, "live/cam_720p");
    f.begin(2, "live/cam_360p");
    for (std::int64_t at = 0; at < 30'000; at += 40) {
      f.pass(40ms);
      if (at == 9'000) f.begin(3, "live/cam_180p");
      // The streams take turns in being first.
      const bool turned = at / 3'000 % 2 == 1;
      f.take(turned ? 2 : 1, at, 1'000);
      f.take(turned ? 1 : 2, at, 1'000);
      if (at >= 9'000) f.take(3, at, 1'000);
    }
    for (const pipe::ChannelId channel : {1, 2, 3}) f.end(channel);
    CHECK(check_aligned(f.list("live/cam_720p"), f.list("live/cam_360p")) >= 13);
    CHECK(check_aligned(f.list("live/cam_720p"), f.list("live/cam_180p")) >= 9);
    const std::string text = f.multivariant("live/cam");
    for (const char* member : {"cam_720p/av.m3u8", "cam_360p/av.m3u8", "cam_180p/av.m3u8"})
      CHECK(text.find(member) != text.npos);
  }
}

TEST_CASE("a rendition whose times are a few pictures off is cut with the others") {
  LadderFixture f;
  f.begin(1, "live/cam_720p");
  f.begin(2, "live/cam_360p");
  for (std::int64_t at = 0; at < 20'000; at += 40) {
    f.pass(40ms);
    f.take(1, at, 2'000);
    f.take(2, at, 2'000, 80);
  }
  for (const pipe::ChannelId channel : {1, 2}) f.end(channel);
  CHECK(check_aligned(f.list("live/cam_720p"), f.list("live/cam_360p"), 80ms) >= 8);
}

TEST_CASE("a rendition with fewer key frames does not disturb the cuts of others") {
  LadderFixture f;
  f.begin(1, "live/cam_720p");
  f.begin(2, "live/cam_360p");
  for (std::int64_t at = 0; at < 24'000; at += 40) {
    f.pass(40ms);
    f.take(1, at, 1'000);
    f.take(2, at, 2'000);
  }
  for (const pipe::ChannelId channel : {1, 2}) f.end(channel);
  CHECK(check_aligned(f.list("live/cam_720p"), f.list("live/cam_360p")) >= 10);
  for (const Segment& segment : f.list("live/cam_360p").segments) CHECK(segment.independent);
}

TEST_CASE("a rendition that comes to a ladder older than 2^32 ms is cut with the others") {
  constexpr std::int64_t wrap = std::int64_t{1} << 32, from = (wrap - 5'000) / 1'000 * 1'000;
  // Each stream starts, and restarts, with its own 32 bits.
  const auto take = [](LadderFixture& f, pipe::ChannelId channel, std::int64_t at, std::int64_t turns) {
    f.send(channel, at % 1'000 == 0 ? key_frame(at - turns * wrap) : picture(at - turns * wrap));
    f.send(channel, sound(at - turns * wrap));
  };
  for (const auto part : {0ms, 200ms}) {
    CAPTURE(part.count());
    LadderFixture f(part);
    f.begin(1, "live/cam_720p");
    f.begin(2, "live/cam_360p");
    for (std::int64_t at = from; at < from + 30'000; at += 40) {
      f.pass(40ms);
      if (at == from + 9'000) f.begin(3, "live/cam_180p");
      take(f, 1, at, 0);
      take(f, 2, at, 0);
      if (at >= from + 9'000) take(f, 3, at, 1);
    }
    for (const pipe::ChannelId channel : {1, 2, 3}) f.end(channel);
    CHECK(check_aligned(f.list("live/cam_720p"), f.list("live/cam_360p")) >= 13);
    CHECK(check_aligned(f.list("live/cam_720p"), f.list("live/cam_180p")) >= 9);
  }
  // Two that begin together, one of them right before the wrap.
  LadderFixture f;
  f.begin(1, "live/cam_720p");
  f.begin(2, "live/cam_360p");
  for (std::int64_t at = wrap - 24; at < wrap + 20'000; at += 40) {
    f.pass(40ms);
    const bool key = (at - wrap + 24) % 1'000 == 0;
    f.send(1, key ? key_frame(at) : picture(at));
    f.send(2, key ? key_frame(at + 30 - wrap) : picture(at + 30 - wrap));
    f.send(1, sound(at));
    f.send(2, sound(at + 30 - wrap));
  }
  for (const pipe::ChannelId channel : {1, 2}) f.end(channel);
  CHECK(check_aligned(f.list("live/cam_720p"), f.list("live/cam_360p"), 40ms) >= 7);
}

TEST_CASE("a stream with the name of a live track is left out, and vice versa") {
  // One tag with two tracks, as Enhanced RTMP packs them: 'avc1', many tracks, the same for both.
  const auto tracks_of = [](const std::string& kind, std::int64_t time_ms, const std::string& body) {
    const std::string size = fmt::format("{:06x}", bytes_of(body).size());
    return message_of(flv::TagType::video, time_ms,
                      kind + " 61766331 00 " + size + " " + body + " 01 " + size + " " + body);
  };
  const auto begin_multitrack = [&](LadderFixture& f) {
    f.begin(1, "live/cam");
    f.send(1, tracks_of("96 10", 0, avc_record));
    f.send(1, tracks_of("96 11", 0, "000000 00000004 65 88 84 00"));
  };
  for (const bool multitrack_first : {true, false}) {
    CAPTURE(multitrack_first);
    LadderFixture f;
    if (multitrack_first) begin_multitrack(f);
    f.begin(2, "live/cam_track1");
    if (!multitrack_first) begin_multitrack(f);
    for (std::int64_t at = 0; at < 9'000; at += 40) f.take(2, at, 1'000);
    f.end(2);
    f.end(1);
    const std::size_t made = f.list("live/cam_track1").segments.size();
    CHECK(made == (multitrack_first ? 1 : 5));
  }
}

}  // namespace
}  // namespace srs::hls

// Parts of Low-Latency HLS: rfc8216bis 4.4.3.7, 4.4.4.9, and Apple's rule that all but a segment's last part
// last at least 85 % of the part target.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "srs-hls/cut/stream.h"
#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/playlist/multivariant.h"
#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

class Fixture {
 public:
  explicit Fixture(bool demuxed, milliseconds part = 200ms)
      : settings_{.format = Format::fmp4,
                  .demuxed_audio = demuxed,
                  .rendition = {.window = 1'000, .in_memory = true}},
        presentation("live/x", settings_, Places{}, nullptr, clock, silent_log()) {
    Stream::Muxing muxing;
    muxing.main = std::make_unique<Fmp4Muxer>();
    if (demuxed) muxing.audio = std::make_unique<Fmp4Muxer>();
    stream_ = std::make_unique<Stream>(presentation, CutSettings{2s, part}, std::move(muxing), nullptr, 0,
                                       clock, silent_log());
  }

  void headers() {
    stream_->on_message(video_header());
    stream_->on_message(audio_header());
  }
  // Pictures at `rate`, with key frames each `gop` of them, and sound of 44100 Hz: stamps in whole
  // milliseconds.
  void play(double rate, int gop, double seconds, double from_s = 0) {
    for (int i = 0; i < rate * seconds; ++i) {
      const double at_s = from_s + i / rate;
      const auto at = static_cast<std::int64_t>(std::lround(at_s * 1'000));
      stream_->on_message(i % gop == 0 ? key_frame(at) : picture(at));
      for (; sound_s_ < at_s + 1 / rate; sound_s_ += 1024.0 / 44'100)
        stream_->on_message(sound(static_cast<std::int64_t>(std::lround(sound_s_ * 1'000))));
    }
  }
  void end() { stream_->end(Stream::End::ended); }
  Stream& stream() { return *stream_; }

 private:
  PresentationSettings settings_;

 public:
  TurnedClock clock;
  Presentation presentation;

 private:
  std::unique_ptr<Stream> stream_;
  double sound_s_ = 0;
};

milliseconds sum(const std::vector<Part>& parts) {
  milliseconds all{0};
  for (const Part& part : parts) all += part.duration;
  return all;
}

void check_parts(const Playlist& list) {
  REQUIRE(list.part_target > 0ms);
  std::set<std::string> names;
  // The last one ends where the stream does.
  for (std::size_t i = 0; i + 1 < list.segments.size(); ++i) {
    const Segment& segment = list.segments[i];
    REQUIRE(segment.parts.size() > 1);
    CHECK(sum(segment.parts) == segment.duration);
    CHECK(segment.parts.front().independent);
    for (std::size_t k = 0; k < segment.parts.size(); ++k) {
      CAPTURE(i);
      CAPTURE(k);
      CHECK(segment.parts[k].duration <= list.part_target);
      if (k + 1 < segment.parts.size()) CHECK(segment.parts[k].duration * 100 >= list.part_target * 85);
      CHECK(names.insert(segment.parts[k].uri).second);
    }
  }
}

TEST_CASE("parts are as long as the playlist says, whatever the frame rate") {
  for (const double rate : {24.0, 25.0, 30'000 / 1'001.0, 30.0, 50.0, 60'000 / 1'001.0, 60.0}) {
    for (const bool demuxed : {false, true}) {
      CAPTURE(rate);
      CAPTURE(demuxed);
      Fixture f(demuxed);
      f.headers();
      f.play(rate, static_cast<int>(std::lround(rate * 2)), 20);
      f.end();
      const Playlist& list = f.presentation.main().playlist();
      CHECK(list.segments.size() >= 9);
      CHECK(std::abs((list.part_target - 200ms).count()) <= 20);
      check_parts(list);
      if (demuxed) {
        check_parts(f.presentation.audio()->playlist());
        CHECK(f.presentation.audio()->playlist().part_target == list.part_target);
      }
    }
  }
}

TEST_CASE("there is a playlist as soon as there is a part, and its target durations stay") {
  for (const double rate : {24.0, 25.0, 30'000 / 1'001.0, 60.0})
    for (const bool demuxed : {false, true}) {
      CAPTURE(rate);
      CAPTURE(demuxed);
      Fixture f(demuxed);
      Multivariant multivariant("live/x");
      multivariant.add(f.presentation);
      f.headers();
      CHECK_FALSE(multivariant.ready());
      f.play(rate, static_cast<int>(std::lround(rate * 2)), 2);
      REQUIRE(f.presentation.ready(Reach::parts));
      CHECK_FALSE(f.presentation.ready(Reach::segments));
      std::vector<std::pair<int, milliseconds>> promised;
      for (const auto& rendition : f.presentation.renditions()) {
        const Playlist& list = rendition->playlist();
        CHECK(list.segments.empty());
        CHECK(list.open->parts.size() > 1);
        promised.emplace_back(list.target_duration_s, list.part_target);
        const std::string text = format(list, {.parts = true});
        CHECK(text.find("#EXT-X-TARGETDURATION:2\n") != std::string::npos);
        CHECK(text.find("#EXTINF") == std::string::npos);
      }
      const std::string text = multivariant.text();
      CHECK(text.find("BANDWIDTH=0") == std::string::npos);
      CHECK(text.find("AVERAGE") == std::string::npos);
      CHECK(text.find("FRAME-RATE=") != std::string::npos);
      CHECK((text.find("TYPE=AUDIO") != std::string::npos) == demuxed);
      f.play(rate, static_cast<int>(std::lround(rate * 2)), 20, 2);
      f.end();
      for (const auto& rendition : f.presentation.renditions()) {
        CHECK(promised.front() ==
              std::pair(rendition->playlist().target_duration_s, rendition->playlist().part_target));
        check_parts(rendition->playlist());
      }
    }
}

TEST_CASE("parts are long enough at odd lengths, and for pictures and sound alike") {
  for (const double rate : {24.0, 25.0, 30'000 / 1'001.0, 30.0, 60.0})
    for (const milliseconds part : {67ms, 100ms, 150ms, 333ms}) {
      CAPTURE(rate);
      CAPTURE(part);
      Fixture f(true, part);
      f.headers();
      f.play(rate, static_cast<int>(std::lround(rate * 2.37)), 20);
      f.end();
      check_parts(f.presentation.main().playlist());
      check_parts(f.presentation.audio()->playlist());
    }
}

TEST_CASE("a hole between two frames does not shorten parts") {
  Fixture f(false);
  f.headers();
  f.play(25, 25, 5);
  f.play(25, 25, 5, 5.09);
  f.end();
  check_parts(f.presentation.main().playlist());
}

TEST_CASE("parts of very slow and very short streams are whole frames") {
  for (const double rate : {1.0, 5.0, 8.0}) {
    CAPTURE(rate);
    Fixture f(false);
    f.headers();
    f.play(rate, static_cast<int>(rate * 2), 20);
    f.end();
    for (const Segment& segment : f.presentation.main().playlist().segments)
      for (const Part& part : segment.parts)
        CHECK(part.duration <= f.presentation.main().playlist().part_target);
  }
}

TEST_CASE("the hint is the name of the next part, in and between segments") {
  Fixture f(false);
  f.headers();
  f.play(25, 50, 4.1);
  const Playlist& list = f.presentation.main().playlist();
  std::vector<std::string> hints, made;
  const auto note = [&] {
    if (hints.empty() || hints.back() != list.hint) hints.push_back(list.hint);
  };
  note();
  const std::size_t listed = list.segments.size();
  for (int i = 0; i < 200; ++i) {
    const std::int64_t at = 4'100 + i * 40;
    f.stream().on_message(i % 50 == 24 ? key_frame(at) : picture(at));
    note();
  }
  for (std::size_t i = listed; i < list.segments.size(); ++i)
    for (const Part& part : list.segments[i].parts) made.push_back(part.uri);
  for (const Part& part : list.open->parts) made.push_back(part.uri);
  REQUIRE(hints.size() > 30);
  hints.pop_back();  // the last one is still to come
  const auto first = std::find(made.begin(), made.end(), hints.front());
  REQUIRE(first != made.end());
  CHECK(std::vector<std::string>(first, made.end()) == hints);
}

TEST_CASE("a GOP that is too long breaks neither the target duration nor the parts, and is counted") {
  Fixture f(false);
  f.headers();
  f.play(25, 50, 10);
  f.play(25, 100'000, 14, 10);
  f.end();
  const Playlist& list = f.presentation.main().playlist();
  CHECK(list.target_duration_s == 2);
  for (const Segment& segment : list.segments) CHECK(segment.duration < 2'500ms);
  CHECK(f.stream().missing_key_frames() > 0);
  check_parts(Playlist{.segments = {list.segments.begin(), list.segments.begin() + 5},
                       .part_target = list.part_target});
  for (const Segment& segment : list.segments) CHECK(sum(segment.parts) <= segment.duration);
}

TEST_CASE("a clock set forward or back by an hour changes no duration and no cut") {
  for (const milliseconds jump : {milliseconds(3'600'000), milliseconds(-3'600'000)}) {
    Fixture f(false), undisturbed(false);
    for (Fixture* one : {&f, &undisturbed}) {
      one->headers();
      one->play(25, 50, 6);
      if (one == &f) f.clock.passed += jump;
      one->play(25, 50, 6, 6);
      one->end();
    }
    const Playlist &list = f.presentation.main().playlist(),
                   &other = undisturbed.presentation.main().playlist();
    REQUIRE(list.segments.size() == other.segments.size());
    for (std::size_t i = 0; i < list.segments.size(); ++i) {
      CAPTURE(i);
      CHECK(list.segments[i].duration == other.segments[i].duration);
      CHECK(list.segments[i].parts.size() == other.segments[i].parts.size());
      CHECK(list.segments[i].discontinuity == other.segments[i].discontinuity);
      CHECK(list.segments[i].program_date_time == other.segments[i].program_date_time);
    }
  }
}

}  // namespace
}  // namespace srs::hls

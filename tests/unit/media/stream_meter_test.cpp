#include "media/stream_meter.h"

#include <doctest/doctest.h>

#include "media/annotations.h"
#include "unit/media/media_samples.h"

using namespace srs::media;
using srs::flv::TagType;
using std::chrono::milliseconds;

namespace {

// 25 frames a second of 1000 bytes, a key frame every two seconds, sound 60 ms behind the picture.
void play(StreamMeter& meter, StreamMeter::Clock::time_point zero, std::int64_t from_ms, std::int64_t to_ms) {
  for (std::int64_t time = from_ms; time < to_ms; time += 40) {
    const auto now = zero + milliseconds(time);
    meter.add(sample_video(time % 2000 == 0, time, 1000), now);
    meter.add(sample_audio(time - 60, 100), now);
  }
}

}  // namespace

TEST_CASE("a meter before the first message") {
  const auto figures = StreamMeter().figures(StreamMeter::Clock::now());
  CHECK(figures.bytes == 0);
  CHECK(figures.frames_per_second == 0);
  CHECK_FALSE(figures.gop_seconds.has_value());
  CHECK_FALSE(figures.key_frame_age_seconds.has_value());
  CHECK_FALSE(figures.skew_seconds.has_value());
}

TEST_CASE("rates, GOP length, key-frame age and skew of a steady stream") {
  StreamMeter meter;
  const StreamMeter::Clock::time_point zero{std::chrono::seconds(1'000'000)};
  play(meter, zero, 0, 20'000);
  const auto figures = meter.figures(zero + milliseconds(20'000));
  CHECK(figures.video_frames == 500);
  CHECK(figures.audio_frames == 500);
  CHECK(figures.key_frames == 10);
  CHECK(figures.bytes == 500 * 1100);
  CHECK(figures.frames_per_second == doctest::Approx(25).epsilon(0.001));
  CHECK(figures.bits_per_second == doctest::Approx(25 * 1100 * 8).epsilon(0.02));
  CHECK(*figures.gop_seconds == doctest::Approx(2));
  CHECK(*figures.key_frame_age_seconds == doctest::Approx(2));
  CHECK(*figures.skew_seconds == doctest::Approx(0.06));
}

TEST_CASE("a burst does not look like a thousand frames a second, and silence is no rate at all") {
  StreamMeter meter;
  const StreamMeter::Clock::time_point zero{std::chrono::seconds(1'000'000)};
  for (std::int64_t time = 0; time < 4000; time += 40) meter.add(sample_video(time == 0, time, 1000), zero);
  CHECK(meter.figures(zero + milliseconds(500)).frames_per_second == doctest::Approx(25));
  const auto later = meter.figures(zero + milliseconds(30'000));
  CHECK(later.frames_per_second == 0);
  CHECK(later.bits_per_second == 0);
  CHECK(later.video_frames == 100);
}

TEST_CASE("seams are counted, and headers are no frames") {
  StreamMeter meter;
  const auto now = StreamMeter::Clock::now();
  meter.add(sample_header(TagType::video, 0, 1), now);
  meter.add(make_message(TagType::script, 0, encode_on_discontinuity("x")), now);
  meter.add(make_message(TagType::script, 0, encode_on_clock(std::chrono::system_clock::now())), now);
  CHECK(meter.figures(now).video_frames == 0);
  CHECK(meter.figures(now).discontinuities == 1);
}

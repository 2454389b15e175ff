#include "srs-hls/record/recorder.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "media/annotations.h"
#include "unit/hls/record/recorder_rig.h"

namespace srs::hls {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("files are cut at key frames, named by the time of their first frame, and described") {
  RecorderRig f;
  f.headers();
  f.play(0, 10'000);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 3);
  CHECK(names[0] == "live/cam/2026-09-21_14-13-20.mp4");
  CHECK(names[1] == "live/cam/2026-09-21_14-13-24.mp4");
  const json first = f.sidecar(names[0]);
  CHECK(first["path"] == "live/cam");
  CHECK(first["file"] == names[0]);
  CHECK(first["start"] == "2026-09-21T14:13:20.000Z");
  CHECK(first["end"] == "2026-09-21T14:13:24.000Z");
  CHECK(first["duration_s"] == doctest::Approx(4).epsilon(0.01));
  CHECK(first["codecs"] == json{"avc1.64001f", "mp4a.40.2"});
  CHECK(first["width"] == 720);
  CHECK(first["key_frames"] == 4);
  CHECK(first["finished"] == true);
  std::uint64_t keys = 0;
  for (const std::string& name : names) {
    const auto scanned = f.scan(name);
    CHECK(scanned.whole_bytes == f.directory.size_of(name));
    CHECK(f.sidecar(name)["size_bytes"] == scanned.whole_bytes);
    CHECK(std::abs(scanned.duration.count() / 1'000.0 - f.sidecar(name)["duration_s"].get<double>()) < 0.05);
    CHECK(f.sidecar(name)["key_frames"] == scanned.key_frames);
    keys += scanned.key_frames;
  }
  CHECK(keys == 10);
  CHECK(f.recorder->figures().files == 3);
}

TEST_CASE("sound alone is cut anywhere") {
  RecorderRig f;
  f.recorder->on_message(audio_header());
  for (std::int64_t ms = 0; ms < 10'000; ms += 20) f.sound(ms);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 3);
  CHECK(f.sidecar(names[1])["duration_s"] == doctest::Approx(4).epsilon(0.01));
  CHECK(f.sidecar(names[1])["key_frames"] == 0);
  CHECK_FALSE(f.sidecar(names[1]).contains("width"));
}

TEST_CASE("without a key frame audio continues alone, until there is one") {
  RecorderRig f;
  f.settings.segment = seconds(3600);
  f.headers();
  for (std::int64_t ms = 1'020; ms < 20'020; ms += 20) {
    f.take(f.frame(flv::TagType::video, ms, "27 01 000000 00000066 41"));
    f.sound(ms);
  }
  f.play(21'000, 24'000);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 2);
  CHECK(f.sidecar(names[0])["key_frames"] == 0);
  CHECK(f.sidecar(names[0])["duration_s"] == doctest::Approx(19).epsilon(0.02));
  CHECK(f.sidecar(names[1])["key_frames"] == 3);
}

TEST_CASE("another configuration begins another fMP4 file; a repeated one does not") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    RecorderRig f(container);
    f.headers();
    f.play(0, 1'000);
    f.headers();
    f.play(1'000, 2'000);
    f.headers(other_record);
    f.play(2'000, 3'000);
    f.recorder->end();
    const bool fmp4 = container == RecordContainer::fmp4;
    CHECK(f.files(fmp4 ? ".mp4" : ".flv").size() == (fmp4 ? 2 : 1));
  }
}

TEST_CASE("sound of another configuration waits for the key frame, and none of it is lost") {
  RecorderRig f;
  f.headers();
  f.play(0, 1'500);
  f.recorder->on_message(audio_header("11 90"));  // 48 kHz
  f.play(1'500, 3'000);
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 2);
  // From 1500 on, since that is when the new sound begins.
  CHECK(f.sidecar(names[0])["duration_s"] == doctest::Approx(2).epsilon(0.01));
  CHECK(f.sidecar(names[1])["start"] == "2026-09-21T14:13:21.500Z");
  CHECK(f.sidecar(names[1])["duration_s"] == doctest::Approx(1.5).epsilon(0.02));
}

TEST_CASE("a timeline that jumps begins another file, at a key frame") {
  RecorderRig f;
  f.headers();
  f.play(0, 2'000);
  f.play(7'000, 9'000);  // a gap
  f.play(520, 3'000);    // another timeline, which begins with undecodable pictures
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() == 3);
  for (const std::string& name : names) CHECK(f.sidecar(name)["key_frames"] == 2);
  CHECK(f.sidecar(names[1])["duration_s"] == doctest::Approx(2).epsilon(0.02));
}

TEST_CASE("a file lasts as long as its content, whatever comes next") {
  for (const std::int64_t gap_ms : {1'200, 6'000, 20'000, 3'600'000}) {
    for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
      CAPTURE(gap_ms);
      RecorderRig f(container);
      f.settings.segment = seconds(3'600);
      f.headers();
      f.play(0, 3'200);  // ends between two key frames
      f.play(3'200 + gap_ms, 7'000 + gap_ms);
      f.recorder->end();
      const auto names = f.files(container == RecordContainer::fmp4 ? ".mp4" : ".flv");
      REQUIRE(names.size() == 2);
      CHECK(f.sidecar(names[0])["duration_s"] == doctest::Approx(3.2).epsilon(0.001));
      CHECK(f.scan(names[0]).duration.count() == doctest::Approx(3'200).epsilon(0.01));
      CHECK(f.sidecar(names[0])["key_frames"] == 4);
      CHECK(f.sidecar(names[1])["key_frames"] == f.scan(names[1]).key_frames);
      CHECK(std::abs(f.scan(names[1]).duration.count() / 1'000.0 -
                     f.sidecar(names[1])["duration_s"].get<double>()) < 0.05);
      // The second file has no picture that refers to one before the gap.
      CHECK(f.sidecar(names[1])["duration_s"].get<double>() < 3.25);
    }
  }
}

TEST_CASE("the last picture lasts one usual frame where sound alone goes on") {
  RecorderRig f;
  f.settings.segment = seconds(3'600);
  f.headers();
  f.play(0, 2'000);
  for (std::int64_t ms = 2'000; ms < 5'000; ms += 20) f.sound(ms);
  f.recorder->end();
  CHECK(f.sidecar(f.files(".mp4")[0])["duration_s"] == doctest::Approx(5).epsilon(0.001));
  CHECK(f.scan(f.files(".mp4")[0]).duration.count() == doctest::Approx(5'000).epsilon(0.01));
}

TEST_CASE("another publisher begins another file, at his first key frame") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    RecorderRig f(container);
    f.settings.segment = seconds(3'600);
    f.headers();
    f.play(0, 2'480);
    f.recorder->on_message(media::make_message(flv::TagType::script, 2'480,
                                               media::encode_on_discontinuity("source lost and back")));
    f.headers();
    f.play(2'520, 5'000);  // comes back between two key frames
    f.recorder->end();
    const auto names = f.files(container == RecordContainer::fmp4 ? ".mp4" : ".flv");
    REQUIRE(names.size() == 2);
    CHECK(f.sidecar(names[0])["duration_s"] == doctest::Approx(2.48).epsilon(0.001));
    CHECK(f.sidecar(names[0])["key_frames"] == 3);
    CHECK(f.sidecar(names[1])["key_frames"] == 2);
    CHECK(f.sidecar(names[1])["duration_s"].get<double>() >= 2);
    CHECK(f.sidecar(names[1])["duration_s"].get<double>() < 2.05);
  }
}

TEST_CASE("sound goes on alone; when pictures are back, they begin a file with a key frame") {
  RecorderRig f;
  f.headers();
  f.play(0, 2'000);
  for (std::int64_t ms = 2'000; ms < 30'000; ms += 20) f.sound(ms);
  f.play(30'200, 34'000);  // between two key frames
  f.recorder->end();
  const auto names = f.files(".mp4");
  REQUIRE(names.size() >= 3);
  for (const std::string& name : names) CHECK(f.sidecar(name)["key_frames"] == f.scan(name).key_frames);
  CHECK(f.sidecar(names.back())["start"] == "2026-09-21T14:13:51.000Z");
  CHECK(f.sidecar(names.back())["key_frames"] == 3);
}

TEST_CASE("where pictures begin late, the recording has the first sound") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    RecorderRig f(container);
    f.settings.segment = seconds(3'600);
    f.headers();
    for (std::int64_t ms = 0; ms < 5'000; ms += 20) f.sound(ms);
    f.play(5'000, 8'000);
    f.recorder->end();
    const auto names = f.files(container == RecordContainer::fmp4 ? ".mp4" : ".flv");
    REQUIRE(names.size() == 1);
    CHECK(f.sidecar(names[0])["duration_s"] == doctest::Approx(8).epsilon(0.001));
    CHECK(f.sidecar(names[0])["key_frames"] == 3);
  }
}

TEST_CASE("times come from the stream's onClock") {
  RecorderRig f;
  f.headers();
  const std::chrono::system_clock::time_point told(seconds(1'800'000'000));
  f.recorder->on_message(media::make_message(flv::TagType::script, 0, media::encode_on_clock(told)));
  f.play(0, 1'000);
  f.recorder->end();
  CHECK(f.files(".mp4") == std::vector<std::string>{"live/cam/2027-01-15_08-00-00.mp4"});
}

TEST_CASE("names: a zone, folders, and a number where one is taken") {
  RecorderRig f;
  f.settings.name = "%Y/%H";
  for (int i = 0; i < 3; ++i) {
    f.restart();
    f.headers();
    f.play(0, 1'000);
    f.recorder->end();
    f.clock.passed = milliseconds(0);
  }
  CHECK(f.directory.list("live/cam/2026").size() == 6);
  for (const char* name : {"14.mp4", "14.json", "14-2.mp4", "14-2.json", "14-3.mp4", "14-3.json"})
    CHECK(f.directory.has(std::string("live/cam/2026/") + name));

  RecordSettings settings;
  const Utc time(seconds(1'790'000'000));
  ::setenv("TZ", "Asia/Kolkata", 1);
  ::tzset();
  CHECK(record_name(settings, time) == "2026-09-21_19-43-20");
  settings.utc = true;
  CHECK(record_name(settings, time) == "2026-09-21_14-13-20");
  ::unsetenv("TZ");
  ::tzset();
  settings.directory = "x";
  for (const char* wrong : {"", "/%H", "../%H", "%H/.%M", "a//b", "%H/", "a%nb"}) {
    settings.name = wrong;
    CHECK_FALSE(finish_record_options(settings).ok());
  }
  settings.name = "%Y/%m/%d";
  CHECK(finish_record_options(settings).ok());
}

}  // namespace
}  // namespace srs::hls

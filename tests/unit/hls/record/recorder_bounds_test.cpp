// What a recorder does under hostile input and with a full disk: memory and the number of files are bounded.
#include <doctest/doctest.h>

#include "unit/hls/file_size_limit.h"
#include "unit/hls/record/recorder_rig.h"

namespace srs::hls {
namespace {

using std::chrono::seconds;

TEST_CASE("timestamps that jump with each frame make a bounded number of files, even without key frames") {
  RecorderRig f;
  f.headers();
  for (int i = 0; i < 2'000; ++i) f.sound(i % 2 == 0 ? i : 3'600'000 + i);
  f.recorder->end();
  CHECK(f.recorder->figures().files <= 66);
}

TEST_CASE("a full disk: existing files stay whole, and a new file begins once there is room") {
  for (const auto container : {RecordContainer::fmp4, RecordContainer::flv}) {
    RecorderRig f(container);
    f.settings.segment = seconds(3600);
    f.headers();
    f.play(0, 2'000);
    {
      const FileSizeLimit limit(16'384);
      f.play(2'000, 20'000);
      CHECK(f.recorder->figures().errors > 0);
      CHECK(f.recorder->figures().failing);
    }
    f.play(20'000, 40'000);
    f.recorder->end();
    CHECK_FALSE(f.recorder->figures().failing);
    const auto names = f.files(container == RecordContainer::fmp4 ? ".mp4" : ".flv");
    REQUIRE(names.size() >= 2);
    CHECK(names.size() < 8);
    for (const std::string& name : names) {
      CHECK(f.scan(name).whole_bytes == f.directory.size_of(name));
      CHECK(f.sidecar(name)["size_bytes"] == f.directory.size_of(name));
      CHECK(f.sidecar(name)["finished"] == true);
    }
    CHECK(f.sidecar(names.back())["key_frames"].get<int>() >= 15);
  }
}

TEST_CASE("an unwritable directory does no harm, and links are not followed") {
  RecorderRig f;
  std::filesystem::create_directory(f.place.path() / "outside");
  std::filesystem::create_directory_symlink(f.place.path() / "outside", f.place.www() / "live");
  f.headers();
  f.play(0, 20'000);
  f.recorder->end();
  CHECK(f.recorder->figures().failing);
  CHECK(f.recorder->figures().errors >= 2);
  CHECK(std::filesystem::is_empty(f.place.path() / "outside"));
}

TEST_CASE("tiny frames whose timestamps stand still: memory is bounded") {
  for (const RecordContainer container : {RecordContainer::fmp4, RecordContainer::flv}) {
    RecorderRig f(container);
    f.headers();
    f.recorder->on_message(key_frame(0));
    std::size_t most = 0;
    for (int i = 0; i < 200'000; ++i) {
      f.recorder->on_message(picture(0));
      most = std::max(most, f.recorder->held_bytes());
    }
    CHECK(most < (9u << 20));
    // A trickle is written in time, too.
    const std::uint64_t before = f.recorder->figures().bytes;
    for (int i = 0; i < 10; ++i) {
      f.clock.passed += seconds(10);
      f.recorder->on_message(picture(0));
    }
    CHECK(f.recorder->figures().bytes > before);
    f.recorder->end();
    CHECK(f.recorder->figures().files == 1);
  }
}

TEST_CASE(
    "codecs that change with each picture make a bounded number of files, and recording continues "
    "afterwards") {
  RecorderRig f;
  for (int i = 0; i < 500; ++i) {
    f.recorder->on_message(video_header(i % 2 == 0 ? real_record : other_record));
    f.recorder->on_message(key_frame(i));
  }
  CHECK(f.recorder->figures().files <= 66);
  const std::uint64_t files = f.recorder->figures().files;
  f.clock.passed += seconds(10);
  f.recorder->on_message(video_header(real_record));
  for (std::int64_t ms = 2'000; ms < 8'000; ms += 40)
    f.recorder->on_message(ms % 1'000 == 0 ? key_frame(ms) : picture(ms));
  f.recorder->end();
  CHECK(f.recorder->figures().files > files);
}

}  // namespace
}  // namespace srs::hls

// Old streams: segments, playlists and recordings with times beyond 32 bits.
#include <doctest/doctest.h>

#include "srs-hls/cut/cut_budget.h"
#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/mux/ts_muxer.h"
#include "srs-hls/outlets/append_file.h"
#include "srs-hls/time/program_clock.h"
#include "srs-hls/time/timestamps.h"
#include "unit/hls/samples.h"
#include "unit/mp4/boxes.h"

namespace srs::hls {
namespace {

const std::vector<std::uint8_t> idr = bytes_of("00000004 65 88 84 00");

constexpr std::int64_t bounds_ms[] = {std::int64_t{1} << 24, std::int64_t{1} << 31,
                                      std::int64_t{1} << 32, (std::int64_t{1} << 33) / 90,
                                      604'800'000,           7 * (std::int64_t{1} << 32)};

}  // namespace

TEST_CASE("tfdt has 64 bits, and the offsets of pictures and sound stay small") {
  for (const std::int64_t bound : bounds_ms) {
    CAPTURE(bound);
    Fmp4Muxer muxer;
    REQUIRE(muxer
                .configure_video(codec::VideoCodec::avc,
                                 bytes_of("01 64 00 1e ff e1 0004 67 64 00 1e 01 0003 68 ee 3c"))
                .ok());
    REQUIRE(muxer.configure_audio(codec::AudioCodec::aac, bytes_of("11 88")).ok());  // 48 kHz
    muxer.begin_segment();
    std::uint64_t end[3] = {};
    for (std::int64_t i = -25; i < 25; ++i) {
      const std::int64_t at = bound + i * 40;
      REQUIRE(muxer.write_video(idr, {at, at + 80, 0}, true));
      REQUIRE(muxer.write_audio(bytes_of("21 10 04 60 8c 1c"), {at, at, 0}));
      if ((i + 25) % 5 < 4) continue;
      const auto fragment = mp4::read_fragment(muxer.end_part(at + 40).bytes());
      for (const auto& track : fragment.tracks) {
        if (i == -21) {
          const std::int64_t scale = track.id == mp4::video_track_id ? 90'000 : 48'000;
          CHECK(track.decode_time == static_cast<std::uint64_t>((bound - 1'000) * scale / 1'000));
        } else {
          CHECK(track.decode_time == end[track.id]);
        }
        for (const auto& sample : track.samples)
          CHECK(sample.composition_offset == (track.id == mp4::video_track_id ? 7'200 : 0));
        end[track.id] = track.end();
      }
    }
  }
}

TEST_CASE("a clock dates the frames of a stream that runs for years") {
  for (const std::int64_t bound : bounds_ms) {
    ProgramClock clock;
    const ProgramClock::Utc now(std::chrono::milliseconds(1'790'000'000'000));
    clock.on_clock(bound - 500, now);
    CHECK(clock.at(bound + 500) == now + std::chrono::seconds(1));
    Timestamps timestamps;
    for (std::int64_t at = bound - 2'000; at < bound + 2'000; at += 40) {
      REQUIRE_FALSE(timestamps.jumps(Track::video, at));
      timestamps.follow(Track::video, at, false);
    }
    CHECK(timestamps.interval_ms(Track::video) == 40);
  }
}

TEST_CASE("short segments have the same budget after 25 and 50 days, also behind a pause as long") {
  using std::chrono::milliseconds;
  for (const std::int64_t bound : bounds_ms) {
    CAPTURE(bound);
    CutBudget budget;
    CutBudget::Time now{milliseconds(bound - 5'000)};
    const auto taken = [&] {
      int count = 0;
      while (budget.consume(now)) ++count;
      return count;
    };
    CHECK(taken() == 64);
    now += milliseconds(10'000);
    CHECK(taken() == 40);
    now += milliseconds(bound);
    CHECK(taken() == 64);
  }
}

// Most of the file is a hole and takes no disk space.
TEST_CASE("a recording grows over 2^32 bytes") {
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  auto created = directory.create("large.mp4");
  REQUIRE(created.ok());
  REQUIRE(*created);
  AppendFile& file = **created;
  constexpr std::uint64_t bound = std::uint64_t{1} << 32;
  if (!file.truncate(bound - 2).ok()) return;  // the file system does not allow such large files
  const std::vector<Slice> pieces{Slice::copy_of(bytes_of("010203")), Slice::copy_of(bytes_of("040506"))};
  REQUIRE(file.append(pieces).ok());
  CHECK(file.size_bytes() == bound + 4);
  CHECK(file.read(bound - 3, 100).value() == bytes_of("00010203040506"));
  CHECK(std::filesystem::file_size(place.www() / "large.mp4") == bound + 4);
}

}  // namespace srs::hls

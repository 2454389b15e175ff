// Old streams: everything continues seamlessly across 2^24, 2^31 and 2^32 milliseconds, the wrap of MPEG-TS's
// 33 bits, and after weeks.
#include <doctest/doctest.h>

#include "media/annotations.h"
#include "srs-hls/cut/stream.h"
#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/mux/ts_muxer.h"
#include "srs-hls/record/record_recovery.h"
#include "srs-hls/record/recorder.h"
#include "unit/hls/samples.h"
#include "unit/mp4/boxes.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// Each stream begins two seconds before its edge; PTS wraps relative to time_base.
const std::int64_t edges_ms[] = {
    std::int64_t{1} << 24,        std::int64_t{1} << 31,
    std::int64_t{1} << 32,        ((std::int64_t{1} << 33) - TsMuxer::time_base) / 90,
    (std::int64_t{1} << 33) / 90, 7LL * 24 * 3'600'000,
    std::int64_t{1} << 38};

std::string bytes_in(const StoredFile& file) {
  std::string all;
  for (const Slice& piece : file.content) all.append(piece.data(), piece.data() + piece.size());
  return all;
}

struct Run {
  Run(bool ts, milliseconds part, std::int64_t from_ms)
      : settings{.format = ts ? Format::ts : Format::fmp4, .rendition = {.window = 100, .in_memory = true}},
        presentation("live/x", settings, Places{}, nullptr, clock, silent_log()) {
    Stream::Muxing muxing;
    if (ts)
      muxing.main = std::make_unique<TsMuxer>();
    else
      muxing.main = std::make_unique<Fmp4Muxer>();
    Stream stream(presentation, CutSettings{2s, part}, std::move(muxing), nullptr, 0, clock, silent_log());
    stream.on_message(media::make_message(flv::TagType::script, from_ms, media::encode_on_clock(utc)));
    stream.on_message(video_header());
    stream.on_message(audio_header());
    for (std::int64_t at = from_ms; at < from_ms + 8'000; at += 40) {
      stream.on_message((at - from_ms) % 1'000 == 0 ? key_frame(at) : picture(at));
      stream.on_message(sound(at + 20));
      clock.passed += 40ms;
    }
    stream.end(Stream::End::ended);
  }
  const Playlist& list() const { return presentation.main().playlist(); }
  std::string segment(std::size_t i) const {
    return bytes_in(*presentation.main().find(list().segments[i].uri));
  }

  const Utc utc = *parse_utc("2030-01-01T00:00:00.000Z");
  TurnedClock clock;
  PresentationSettings settings;
  Presentation presentation;
};

void check_list(const Run& run) {
  const Playlist& list = run.list();
  REQUIRE(list.segments.size() == 4);
  Utc begins = run.utc;
  for (const Segment& segment : list.segments) {
    // Numbers of lists in memory start from the clock, so the first segment may follow an earlier one.
    if (&segment != &list.segments.front()) CHECK_FALSE(segment.discontinuity);
    CHECK(segment.independent);
    CHECK(std::chrono::abs(segment.duration - 2s) <= 40ms);
    CHECK(segment.program_date_time == begins);
    begins += segment.duration;
  }
}

// PTS of the first picture of a segment, and its first PCR.
std::pair<Ticks, Ticks> first_times(const std::string& segment) {
  std::optional<Ticks> pts, pcr;
  for (std::size_t at = 0; at < segment.size() && !(pts && pcr); at += ts_packet_size) {
    const auto* const p = reinterpret_cast<const std::uint8_t*>(segment.data()) + at;
    const int pid = (p[1] & 0x1f) << 8 | p[2];
    if (pid != video_pid) continue;
    std::size_t start = 4;
    if ((p[3] & 0x20) != 0) {
      if (p[4] > 0 && (p[5] & 0x10) != 0 && !pcr)
        pcr = static_cast<Ticks>(p[6]) << 25 | p[7] << 17 | p[8] << 9 | p[9] << 1 | p[10] >> 7;
      start += 1u + p[4];
    }
    if ((p[1] & 0x40) == 0 || pts) continue;
    const auto* const h = p + start;
    pts =
        static_cast<Ticks>(h[9] >> 1 & 7) << 30 | h[10] << 22 | (h[11] >> 1) << 15 | h[12] << 7 | h[13] >> 1;
  }
  REQUIRE(pts.has_value());
  REQUIRE(pcr.has_value());
  return {*pts, *pcr};
}

TEST_CASE("MPEG-TS segments go on over every edge, their times modulo 2^33") {
  for (const std::int64_t edge : edges_ms) {
    CAPTURE(edge);
    const std::int64_t from = edge - 2'000;
    const Run run(true, 0ms, from);
    check_list(run);
    constexpr Ticks mask = (Ticks{1} << 33) - 1;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto [pts, pcr] = first_times(run.segment(i));
      const Ticks wanted = (from + static_cast<std::int64_t>(i) * 2'000) * 90 + TsMuxer::time_base;
      CHECK(pts == (wanted & mask));
      CHECK(pcr == ((wanted - TsMuxer::pcr_lead) & mask));
    }
  }
}

TEST_CASE("fMP4 segments and parts go on over every edge, their decode times in 64 bits") {
  for (const std::int64_t edge : edges_ms)
    for (const milliseconds part : {0ms, 200ms}) {
      CAPTURE(edge);
      const std::int64_t from = edge - 2'000;
      const Run run(false, part, from);
      check_list(run);
      for (std::size_t i = 0; i < 4; ++i) {
        const std::string segment = run.segment(i);
        Bytes bytes(reinterpret_cast<const std::uint8_t*>(segment.data()), segment.size());
        for (const mp4::ReadBox& box : mp4::boxes(bytes)) {
          if (box.type != "moof") continue;
          const mp4::ReadBox tfdt = mp4::find_box(box.content, "traf/tfdt");
          ByteReader reader(tfdt.content);
          reader.bytes(4);
          const std::uint64_t time = reader.u64();
          CHECK(time == static_cast<std::uint64_t>(from + static_cast<std::int64_t>(i) * 2'000) * 90);
          break;
        }
      }
    }
}

TEST_CASE("recordings of an old stream begin at 0 and have all of it") {
  for (const std::int64_t edge : edges_ms)
    for (const RecordContainer container : {RecordContainer::fmp4, RecordContainer::flv}) {
      CAPTURE(edge);
      const TemporaryDirectory place;
      const Directory directory = place.directory();
      TurnedClock clock;
      RecordSettings settings;
      settings.container = container;
      Recorder recorder(directory, "live/x", settings, clock, silent_log());
      const std::string real =
          "01 64 00 1f ff e1 0018 6764001facd940b424d8208000000300800000190f8b16cb 01 0007 68fba3cb3002c0 "
          "fdf8f800";
      recorder.on_message(video_header(real));
      recorder.on_message(audio_header());
      for (std::int64_t at = edge - 2'000; at < edge + 2'000; at += 40) {
        recorder.on_message((at - edge) % 1'000 == 0 ? key_frame(at) : picture(at));
        recorder.on_message(sound(at + 20));
        clock.passed += 40ms;
      }
      recorder.end();
      CHECK(recorder.figures().files == 1);
      for (const std::string& name : directory.list("live/x")) {
        if (name.ends_with(".json")) continue;
        const auto file = directory.reopen("live/x/" + name);
        REQUIRE(file.ok());
        const auto scanned = name.ends_with(".flv") ? scan_flv(*file) : scan_fmp4(*file);
        REQUIRE(scanned.ok());
        CHECK(std::chrono::abs(scanned->duration - 4s) < 100ms);
        CHECK(scanned->key_frames == 4);
      }
    }
}

TEST_CASE("the program clock does not overflow at the largest accepted times") {
  const Utc now = *parse_utc("2030-01-01T00:00:00.000Z");
  const std::int64_t last = Tracks::time_max_ms - 1;
  for (const std::int64_t first : {-last, std::int64_t{0}, last})
    for (const std::int64_t then : {-last, std::int64_t{0}, last}) {
      ProgramClock clock;
      clock.begin(first, now, false);
      clock.on_clock(then, now);
      CHECK(clock.at(then) <= now + ProgramClock::jitter);
      clock.on_clock(first, *parse_utc("2199-12-31T00:00:00.000Z"));
      (void)clock.at(first);
    }
}

}  // namespace
}  // namespace srs::hls

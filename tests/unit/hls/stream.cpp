#include "srs-hls/stream.h"

#include <doctest/doctest.h>

#include "media/annotations.h"
#include "samples.h"
#include "srs-hls/directory_outlet.h"
#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/mux/ts_muxer.h"
#include "srs-hls/streams.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

class Fixture {
 public:
  explicit Fixture(bool demuxed = false) : settings_{.demuxed_audio = demuxed, .rendition = {.window = 100}} {
    if (demuxed) settings_.format = Format::fmp4;
    begin();
  }

  void begin() {
    stream_.reset();
    presentation_.reset();
    const auto playlist = place.www() / "live/x/av.m3u8";
    if (std::filesystem::exists(playlist))
      std::filesystem::last_write_time(playlist, std::chrono::file_clock::from_sys(clock.utc()));
    presentation_ = std::make_unique<Presentation>("live/x", settings_, Places{&directory_, {&outlet_}},
                                                   nullptr, clock, silent_log());
    Stream::Muxing muxing;
    if (settings_.demuxed_audio) {
      muxing.main = std::make_unique<Fmp4Muxer>();
      muxing.audio = std::make_unique<Fmp4Muxer>();
    } else {
      muxing.main = std::make_unique<TsMuxer>();
    }
    stream_ = std::make_unique<Stream>(*presentation_, CutSettings{2s}, std::move(muxing), nullptr, 0, clock,
                                       silent_log());
  }
  void take(const media::Message& message) { stream_->take(message); }
  void headers() {
    take(video_header());
    take(audio_header());
  }
  // Pictures each 40 ms with a key frame each `gop_ms`, and a sound with each.
  void play(std::int64_t from_ms, std::int64_t to_ms, std::int64_t gop_ms = 1000) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40) {
      take((at - from_ms) % gop_ms == 0 ? key_frame(at) : picture(at));
      take(sound(at + 20));
    }
  }
  void end(Stream::End how = Stream::End::ended) { stream_->end(how); }
  const Playlist& list() { return presentation_->main().playlist(); }
  const Playlist& sound_list() { return presentation_->audio()->playlist(); }
  std::vector<int> durations() {
    std::vector<int> all;
    for (const Segment& segment : list().segments) all.push_back(static_cast<int>(segment.duration.count()));
    return all;
  }
  int discontinuities() {
    int count = 0;
    for (const Segment& segment : list().segments) count += segment.discontinuity;
    return count;
  }

  TemporaryDirectory place;
  TurnedClock clock;

 private:
  Directory directory_ = place.directory();
  DirectoryOutlet outlet_{directory_, clock, silent_log()};
  PresentationSettings settings_;
  std::unique_ptr<Presentation> presentation_;
  std::unique_ptr<Stream> stream_;
};

using Durations = std::vector<int>;

TEST_CASE("segments are cut at the first key frame after the target") {
  Fixture f;
  f.headers();
  f.play(0, 6000);
  f.end();
  CHECK(f.durations() == Durations{2000, 2000, 2020});
  CHECK(f.list().target_duration_s == 2);
  CHECK(f.list().ended);
  CHECK(f.place.text("live/x/av.m3u8").find("#EXT-X-INDEPENDENT-SEGMENTS\n") != std::string::npos);
}

TEST_CASE("a picture that claims to be shown hours later breaks no promise") {
  Fixture f;
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

TEST_CASE("what is held back until a picture can be decoded is bounded") {
  Fixture f;
  f.take(video_header());
  const auto large = [](std::int64_t at_ms) {
    std::vector<std::uint8_t> bytes = bytes_of("17 01 000000 00100000 65");
    bytes.resize(bytes.size() + (1u << 20) - 1);
    return media::make_message(flv::TagType::video, at_ms, Slice::copy_of(bytes));
  };
  for (int i = 0; i < 100; ++i) f.take(large(0));
  f.end();
  CHECK(f.list().segments.size() >= 2);  // they were let go, and then cut by size
}

TEST_CASE("sound apart that is away for a while leaves gaps, and keeps the numbers of the picture") {
  Fixture f(true);
  f.headers();
  f.play(0, 4000);
  for (std::int64_t at = 4000; at < 8000; at += 40) f.take(at % 1000 == 0 ? key_frame(at) : picture(at));
  f.play(8000, 12'000);
  f.end();
  REQUIRE(f.list().segments.size() == 6);
  REQUIRE(f.sound_list().segments.size() == 6);
  CHECK(f.sound_list().media_sequence == f.list().media_sequence);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(f.sound_list().segments[i].gap == (i == 2 || i == 3));
    const auto apart = f.sound_list().segments[i].program_date_time - f.list().segments[i].program_date_time;
    CHECK(std::chrono::abs(apart) <= 40ms);
  }
  CHECK(f.sound_list().segments[2].duration == 2000ms);
}

TEST_CASE("sound apart that comes late begins with the number of the picture") {
  Fixture f(true);
  f.take(video_header());
  for (std::int64_t at = 0; at < 4000; at += 40) f.take(at % 1000 == 0 ? key_frame(at) : picture(at));
  f.take(audio_header());
  f.play(4000, 8000);
  f.end();
  REQUIRE(!f.sound_list().segments.empty());
  CHECK(f.sound_list().next_sequence() == f.list().next_sequence());
}

TEST_CASE("the target duration is that of the encoder's group of pictures") {
  Fixture f;
  f.headers();
  f.play(0, 12'000, 4000);
  f.end();
  CHECK(f.list().target_duration_s == 4);
  CHECK(f.durations() == Durations{4000, 4000, 4020});
}

TEST_CASE("a group that gets too long is cut between key frames, and the promise goes") {
  Fixture f;
  f.headers();
  f.play(0, 4000);
  f.play(4000, 10'000, 100'000);
  f.end();
  for (const int duration : f.durations()) CHECK(duration < 2500);
  CHECK(f.place.text("live/x/av.m3u8").find("INDEPENDENT") == std::string::npos);
  CHECK(f.discontinuities() == 0);
}

TEST_CASE("a key frame that is no IDR is a place to cut, but not independent") {
  Fixture f;
  f.headers();
  f.play(0, 2000);
  f.take(recovery_point(2000));
  f.play(2040, 2100, 100'000);
  f.end();
  REQUIRE(f.list().segments.size() == 2);
  CHECK(f.list().segments[0].independent);
  CHECK_FALSE(f.list().segments[1].independent);
}

TEST_CASE("audio alone is cut by time") {
  Fixture f;
  f.take(audio_header());
  for (int at = 0; at < 5000; at += 20) f.take(sound(at));
  f.end();
  CHECK(f.durations() == Durations{2000, 2000, 1000});
}

TEST_CASE("audio from before the first picture is kept, up to a second of it") {
  Fixture f;
  f.headers();
  f.take(sound(0));
  f.take(picture(10));  // nobody can decode it
  f.take(sound(1500));
  f.play(2000, 4000);
  f.end();
  CHECK(f.durations().front() == 2020 + 500);
}

TEST_CASE("a seam on the same timeline with the same headers shows nowhere") {
  Fixture f;
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
  Fixture f;
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
    Fixture f;
    f.headers();
    f.play(0, 3000);
    f.play(resumed, resumed + 1000);
    f.end();
    CHECK(f.discontinuities() == 1);
    CHECK(f.durations() == Durations{2000, 1020, 1020});
  }
}

TEST_CASE("pictures that come every two seconds are no gaps") {
  Fixture f;
  f.take(video_header());
  for (int at = 0; at < 60'000; at += 2000) f.take(key_frame(at));
  f.end();
  CHECK(f.discontinuities() <= 1);
}

TEST_CASE("the next run goes on: same timeline and headers, no discontinuity") {
  Fixture f;
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
    Fixture f;
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
  Fixture f;
  const auto utc = *parse_utc("2030-01-01T00:00:00.000Z");
  f.headers();
  f.take(media::make_message(flv::TagType::script, 0, media::encode_on_clock(utc)));
  f.play(0, 4000);
  f.end();
  CHECK(f.list().segments[0].program_date_time == utc);
  CHECK(f.list().segments[1].program_date_time == utc + 2s);
}

TEST_CASE("video that MPEG-TS may not carry is left out, its audio goes on") {
  Fixture f;
  f.take(audio_header());
  f.take(message_of(flv::TagType::video, 0, "90 68766331 00"));  // hvc1 sequence start
  for (int at = 0; at < 3000; at += 20) {
    f.take(message_of(flv::TagType::video, at, "91 68766331 000000 00000002 2601"));
    f.take(sound(at));
  }
  f.end();
  CHECK(f.durations() == Durations{2000, 1000});
}

TEST_CASE("payloads cut short or with a bit turned over do no harm") {
  for (const auto& sample : {video_header(), audio_header(), key_frame(40), sound(40)}) {
    const std::vector<std::uint8_t> bytes(sample.payload.bytes().begin(), sample.payload.bytes().end());
    Fixture f;
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

TEST_CASE("names that would be another stream's files are refused") {
  CHECK(refuse_file_name("live/x").empty());
  CHECK(refuse_file_name("live/x.y").empty());
  CHECK_FALSE(refuse_file_name("live/x.m3u8/y").empty());
  CHECK_FALSE(refuse_file_name("live/x/1.ts").empty());
  CHECK_FALSE(refuse_file_name("live/" + std::string(231, 'x')).empty());
}

}  // namespace
}  // namespace srs::hls

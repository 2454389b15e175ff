#include "srs-probe/streams/flv_streams.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "srs-probe/report/findings.h"
#include "srs-probe/report/report.h"
#include "srs-probe/report/thresholds.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::probe;

namespace {

// H.264 Constrained Baseline 1.3, 320x240 at 25 frames a second, as x264 makes it.
const char* const avc_header =
    "17 00 000000 01 42c00d ff e1 0018 6742c00dd90141fb011000000300100000030320f142a480 01 0005 68cb83cb20";
const char* const aac_header = "af 00 1210";

struct Probed {
  StreamList streams;
  WallMs wall = 0;
  FlvStreams flv;

  explicit Probed(const std::string& wanted = "", std::int64_t limit_ms = 0)
      : flv(streams, wanted, limit_ms, [this] { return wall; }) {}

  void send(flv::TagType type, std::int64_t at_ms, const std::vector<std::uint8_t>& payload,
            pipe::ChannelId channel = 0) {
    flv.on_message(channel, media::make_message(type, at_ms, Slice::copy_of(payload)));
  }
  void video(std::int64_t at_ms, bool key) {
    send(flv::TagType::video, at_ms, bytes_of(key ? "17 01 000000 00000001 65" : "27 01 000000 00000001 41"));
  }
  void audio(std::int64_t at_ms) { send(flv::TagType::audio, at_ms, bytes_of("af 01 2110")); }

  void begin(bool describes_video = true) {
    flv.on_begin(0, {"live/x", "test"});
    if (describes_video) send(flv::TagType::video, 0, bytes_of(avc_header));
    send(flv::TagType::audio, 0, bytes_of(aac_header));
  }
  void play(std::int64_t from_ms, std::int64_t to_ms) {
    for (std::int64_t at = from_ms; at < to_ms; at += 40, wall += 40) {
      video(at, at % 1000 == 0);
      audio(at);
    }
  }
  bool finds(const std::string& code) const {
    for (const Finding& finding : find_faults(streams.front()))
      if (finding.code == code) return true;
    return false;
  }
};

}  // namespace

TEST_CASE("a good stream is healthy, and its figures are right") {
  Probed probed;
  probed.begin();
  probed.play(0, 5000);
  probed.flv.on_end(0, media::EndReason::ended);
  const Stream& stream = probed.streams.front();
  CHECK(find_faults(stream).empty());
  const Track* video = stream.first(TrackKind::video);
  REQUIRE(video != nullptr);
  CHECK(video->frames() == 125);
  CHECK(video->frame_rate() == doctest::Approx(25));
  CHECK(video->gops().frames().average() == 25);
  CHECK(video->description().codec == "H.264");
  CHECK(stream.duration_ms() == doctest::Approx(5000));
  CHECK(stream.first_key_frame() == 0);
  const Track* audio = stream.first(TrackKind::audio);
  REQUIRE(audio != nullptr);
  CHECK(audio->description().sample_rate == 44100);
  CHECK(audio->description().channels == 2);
}

TEST_CASE("tracks that are announced and do not come, stop, begin late or cannot be decoded") {
  // The parameter set of avc_header.
  const std::string same = "00000018 6742c00dd90141fb011000000300100000030320f142a480";
  SUBCASE("a sequence header and no frames") {
    Probed probed;
    probed.begin();
    for (std::int64_t at = 0; at < 1'900; at += 40) probed.video(at, at % 1'000 == 0);
    CHECK_FALSE(probed.finds("audio-missing"));
    for (std::int64_t at = 1'900; at < 5'000; at += 40) probed.video(at, false);
    CHECK(probed.finds("audio-missing"));
    CHECK_FALSE(probed.finds("video-missing"));
    CHECK(Threshold::parse("missing-tracks>0")->crossed_by(probed.streams.front()));
    CHECK(Threshold::parse("errors>0")->crossed_by(probed.streams.front()));
  }
  SUBCASE("only the metadata speaks of it") {
    Probed probed;
    probed.flv.on_begin(0, {"live/x", "test", {}, {}});
    // onMetaData {audiocodecid: 10}
    probed.send(flv::TagType::script, 0,
                bytes_of("02 000a 6f6e4d65746144617461 08 00000001 000c 617564696f636f6465636964 00 "
                         "4024000000000000 000009"));
    for (std::int64_t at = 0; at < 3'000; at += 40) probed.video(at, at % 1'000 == 0);
    CHECK(probed.finds("audio-missing"));
    probed.audio(3'000);
    CHECK_FALSE(probed.finds("audio-missing"));
  }
  SUBCASE("it stops, and the other goes on") {
    Probed probed;
    probed.begin();
    probed.play(0, 12'000);
    for (std::int64_t at = 12'000; at < 60'000; at += 40) probed.video(at, at % 1'000 == 0);
    probed.flv.on_end(0, media::EndReason::ended);
    const Stream& stream = probed.streams.front();
    CHECK(probed.finds("audio-gap"));
    CHECK_FALSE(probed.finds("av-skew"));
    CHECK_FALSE(probed.finds("video-gap"));
    CHECK(stream.gaps(*stream.first(TrackKind::audio)).largest().length_ms > 47'000);
    CHECK(Threshold::parse("gap>40s")->crossed_by(stream));
    CHECK(Threshold::parse("gaps>0")->crossed_by(stream));
  }
  SUBCASE("it begins late") {
    Probed probed;
    probed.begin();
    for (std::int64_t at = 0; at < 20'000; at += 40) probed.audio(at);
    probed.play(20'000, 30'000);
    CHECK(probed.finds("video-late"));
    CHECK_FALSE(probed.finds("audio-late"));
    CHECK_FALSE(probed.finds("av-skew"));
    CHECK(Threshold::parse("late-start>15s")->crossed_by(probed.streams.front()));
  }
  SUBCASE("no sequence header: what the pictures say is reported all the same") {
    Probed probed;
    probed.flv.on_begin(0, {"live/x", "test", {}, {}});
    probed.send(flv::TagType::video, 0, bytes_of("17 01 000000 " + same + " 00000001 65"));
    CHECK(probed.finds("video-no-header"));
    CHECK_FALSE(probed.finds("video-configuration-change"));
    const Track* video = probed.streams.front().first(TrackKind::video);
    REQUIRE(video);
    CHECK(video->description().width == 320);
    CHECK(video->description().codec_string == "avc1.42c00d");
    probed.send(flv::TagType::audio, 0, bytes_of("af 01 2110"));
    CHECK(probed.finds("audio-no-header"));
  }
  SUBCASE("parameter sets that change in band") {
    Probed probed;
    probed.begin();
    probed.send(flv::TagType::video, 0, bytes_of(avc_header));
    probed.send(flv::TagType::video, 0, bytes_of("17 01 000000 " + same + " 00000001 65"));
    CHECK_FALSE(probed.finds("video-configuration-change"));
    // High 3.1, 1280x720
    const std::string other = "00000018 6764001facd940b424d8208000000300800000190f8b16cb";
    probed.send(flv::TagType::video, 40, bytes_of("17 01 000000 " + other + " 00000001 65"));
    probed.send(flv::TagType::video, 80, bytes_of("17 01 000000 " + other + " 00000001 65"));
    CHECK(probed.finds("video-configuration-change"));
    const Track& video = *probed.streams.front().first(TrackKind::video);
    CHECK(video.in_band_changes() == 1);
    CHECK(video.description().codec_string == "avc1.64001f");
    CHECK(video.description().width == 720);
  }
  SUBCASE("start codes where lengths belong") {
    Probed probed;
    probed.begin();
    probed.send(flv::TagType::video, 0, bytes_of("17 01 000000 00000001 65 88 84 00 00 00 01 06 05"));
    CHECK(probed.finds("corrupt-video"));
    CHECK(probed.streams.front().first(TrackKind::video)->first_corrupt().find("Annex B") !=
          std::string::npos);
  }
}

TEST_CASE("faults are found") {
  Probed probed;
  probed.begin();
  probed.play(0, 3000);
  SUBCASE("a stall") {
    probed.play(5000, 7000);
    CHECK(probed.finds("video-gap"));
    CHECK(probed.finds("audio-gap"));
  }
  SUBCASE("timestamps that go back") {
    probed.play(1000, 3000);
    CHECK(probed.finds("video-backward-jump"));
  }
  SUBCASE("a seam") {
    probed.send(flv::TagType::script, 3000, bytes_of("02 000f 6f6e446973636f6e74696e75697479"));
    CHECK(probed.finds("discontinuity"));
  }
  SUBCASE("no key frame for long") {
    for (std::int64_t at = 3000; at < 15'000; at += 40) probed.video(at, false);
    CHECK(probed.finds("long-gop"));
    // Audio stopped in between, which is no skew.
    probed.streams.front().finish();
    CHECK(probed.finds("audio-gap"));
    CHECK_FALSE(probed.finds("av-skew"));
  }
  SUBCASE("a payload too short for its header") {
    probed.send(flv::TagType::video, 3000, bytes_of("17 01"));
    CHECK(probed.finds("corrupt-video"));
  }
  SUBCASE("a codec configuration that cannot be read") {
    probed.send(flv::TagType::video, 3000, bytes_of("17 00 000000 01"));
    CHECK(probed.finds("corrupt-video"));
  }
  SUBCASE("another configuration") {
    probed.send(flv::TagType::audio, 3000, bytes_of(aac_header));
    CHECK_FALSE(probed.finds("audio-configuration-change"));
    probed.send(flv::TagType::audio, 3000, bytes_of("af 00 1190"));
    CHECK(probed.finds("audio-configuration-change"));
  }
  SUBCASE("an input that broke off") {
    probed.flv.on_end(0, media::EndReason::lost);
    CHECK(probed.finds("broken-off"));
  }
}

TEST_CASE("NAL units that are cut short are corrupt once their lengths can be read") {
  Probed probed;
  probed.begin();
  probed.send(flv::TagType::video, 0, bytes_of(avc_header));
  probed.video(0, true);
  CHECK_FALSE(probed.finds("corrupt-video"));
  const TrackDescription& description = probed.streams.front().first(TrackKind::video)->description();
  CHECK(description.codec_string == "avc1.42c00d");
  CHECK(description.profile == "Constrained Baseline");
  CHECK(description.level == "1.3");
  CHECK(description.width == 320);
  CHECK(description.frame_rate == doctest::Approx(25));
  probed.send(flv::TagType::video, 40, bytes_of("27 01 000000 00000009 41"));
  CHECK(probed.finds("corrupt-video"));
}

TEST_CASE("the metadata declares a frame rate where the codec configuration does not") {
  Probed probed;
  probed.begin(false);
  probed.play(0, 1000);
  const Track& video = *probed.streams.front().first(TrackKind::video);
  CHECK(probed.streams.front().declared_frame_rate(video) == 0);
  // onMetaData {framerate: 30}
  const auto metadata =
      bytes_of("02 000a 6f6e4d65746144617461 03 0009 6672616d6572617465 00 403e000000000000 000009");
  probed.send(flv::TagType::script, 1000, metadata);
  CHECK(probed.streams.front().declared_frame_rate(video) == 30);
}

TEST_CASE("a stream that starts in the middle of a GOP") {
  Probed probed;
  probed.begin();
  probed.play(200, 3000);
  CHECK(probed.finds("starts-without-key-frame"));
}

TEST_CASE("of a pipe with many streams only the wanted one is analysed") {
  Probed probed("live/b");
  probed.flv.on_begin(1, {"live/a", ""});
  probed.flv.on_begin(2, {"live/b", ""});
  probed.send(flv::TagType::audio, 0, bytes_of("af 01 2110"), 1);
  probed.send(flv::TagType::audio, 0, bytes_of("af 01 2110"), 2);
  probed.flv.on_end(1, media::EndReason::ended);
  REQUIRE(probed.streams.size() == 1);
  CHECK(probed.streams.front().info().path == "live/b");
  CHECK(probed.streams.front().has_media());
}

TEST_CASE("a limit cuts each stream at its length") {
  Probed probed("", 2000);
  probed.begin();
  probed.play(0, 5000);
  CHECK(probed.flv.past_limit());
  CHECK(probed.streams.front().first(TrackKind::video)->frames() == 50);
}

TEST_CASE("the JSON report is complete, also for a stream without media") {
  Probed probed;
  probed.begin();
  Report report;
  report.source = "a.flv";
  report.streams = &probed.streams;
  auto json = as_json(report);
  CHECK(json["verdict"] == "broken");
  CHECK(json["streams"][0]["findings"][0]["code"] == "no-media");
  probed.play(0, 3000);
  json = as_json(report);
  CHECK(json["verdict"] == "healthy");
  const auto& stream = json["streams"][0];
  CHECK(stream["path"] == "live/x");
  CHECK(stream["duration_ms"] == 3000);
  CHECK(stream["longest_silence_ms"].is_null());
  for (const auto& track : stream["tracks"])
    if (track["type"] == "video") {
      CHECK(track["frames"] == 75);
      CHECK(track["gop_ms"]["average"] == 1000);
      CHECK(track["frame_rate"]["declared"] == 25);
      CHECK(track["late_ms"] == 0);
      CHECK(track["stopped_ms"].is_null());
      CHECK(track["in_band_changes"] == 0);
    }
  CHECK(as_table(report).find("live/x: healthy") == 0);
}

TEST_CASE("thresholds") {
  Probed probed;
  probed.begin();
  probed.play(0, 3000);
  probed.play(4500, 6000);
  const auto crossed = [&](const std::string& expression) {
    auto threshold = Threshold::parse(expression);
    REQUIRE(threshold.ok());
    return threshold->crossed_by(probed.streams.front()).has_value();
  };
  CHECK(crossed("gap>1s"));
  CHECK_FALSE(crossed("gap>2s"));
  CHECK(crossed("gaps>=1"));
  CHECK_FALSE(crossed("gaps>1"));
  CHECK(crossed("fps<24"));
  CHECK_FALSE(crossed("fps<10"));
  CHECK(crossed("bitrate<6M"));
  CHECK_FALSE(crossed("no-key-frame>10s"));
  CHECK_FALSE(crossed("corrupt>0"));
  for (const char* wrong : {"", "gap", "gap>", "gap>fast", "speed>1", "gap=1s", ">1s", "fps<x", "fps<1k"})
    CHECK_FALSE(Threshold::parse(wrong).ok());
}

TEST_CASE("positions and lengths for people") {
  CHECK(position(12'345) == "00:00:12.3");
  CHECK(position(3'723'000) == "01:02:03.0");
  CHECK(position(-40) == "-00:00:00.0");
  CHECK(length(350) == "350 ms");
  CHECK(length(1240) == "1.2 s");
}

TEST_CASE("a run keeps a limited number of streams: the oldest ended ones are dropped, and reported before") {
  StreamList streams;
  std::vector<std::string> forgotten;
  FlvStreams flv(
      streams, "", 0, [] { return WallMs{0}; },
      [&](Stream& stream) { forgotten.push_back(stream.info().path); });
  const std::string long_text(100'000, 'x');
  for (pipe::ChannelId channel = 1; channel <= 3'000; ++channel) {
    flv.on_begin(channel, {"live/" + std::to_string(channel), long_text, long_text, long_text});
    flv.on_message(channel,
                   media::make_message(flv::TagType::audio, 0, Slice::copy_of(bytes_of("af 01 2110"))));
    // One of them continues all the time.
    if (channel > 1) flv.on_end(channel, media::EndReason::ended);
  }
  CHECK(streams.size() == FlvStreams::streams_max);
  CHECK(forgotten.size() == 2'000);
  CHECK(forgotten.front() == "live/2");
  CHECK(streams.front().info().path == "live/1");
  CHECK(streams.front().info().origin.size() == 256);
  CHECK(flv.not_seen() == 0);
}

TEST_CASE("streams without end: those beyond a thousand are counted, and nothing is kept of them") {
  StreamList streams;
  FlvStreams flv(streams, "", 0, [] { return WallMs{0}; });
  for (pipe::ChannelId channel = 1; channel <= 5'000; ++channel) {
    flv.on_begin(channel, {"live/" + std::to_string(channel), "test"});
    flv.on_message(channel,
                   media::make_message(flv::TagType::audio, 0, Slice::copy_of(bytes_of("af 01 2110"))));
  }
  CHECK(streams.size() == FlvStreams::streams_max);
  CHECK(flv.not_seen() == 4'000);
  // Ends of unknown streams.
  flv.on_end(5'000, media::EndReason::ended);
  flv.on_end(1, media::EndReason::ended);
  flv.on_begin(6'000, {"live/new", "test"});
  CHECK(streams.back().info().path == "live/new");
}

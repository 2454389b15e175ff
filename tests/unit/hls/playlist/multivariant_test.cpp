#include "srs-hls/playlist/multivariant.h"

#include <doctest/doctest.h>

#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;

// A stream with segments, whose sizes give its rates.
struct Member {
  Member(const std::string& path, const TurnedClock& clock, bool demuxed = false,
         std::chrono::milliseconds part = 0ms)
      : settings{.demuxed_audio = demuxed, .rendition = {.in_memory = true}},
        presentation(path, settings, Places{}, nullptr, clock, silent_log()) {
    for (const auto& rendition : presentation.renditions()) {
      rendition->set_target_duration(2);
      if (part.count() > 0) rendition->set_part_target(part);
    }
  }

  static void add(Rendition& rendition, std::size_t size_bytes, bool independent = true) {
    rendition.begin({});
    const std::vector<std::uint8_t> bytes(size_bytes);
    rendition.complete({Slice::copy_of(bytes)}, 2'000ms, independent, "x");
  }

  PresentationSettings settings;
  Presentation presentation;
};

const TrackInfo picture_info{
    .codecs = "avc1.64001f", .width = 1'280, .height = 720, .frame_rate = 30'000 / 1'001.0};
const TrackInfo sound_info{.codecs = "mp4a.40.2", .channels = 2};

TEST_CASE("one stream: its rates, codecs, size and frames a second") {
  TurnedClock clock;
  Member member("live/cam", clock);
  Multivariant multivariant("live/cam");
  CHECK_FALSE(multivariant.ready());
  multivariant.add(member.presentation);
  multivariant.add(member.presentation);
  CHECK_FALSE(multivariant.ready());
  member.presentation.describe(&picture_info, &sound_info, 30);
  Member::add(member.presentation.main(), 500'000);
  Member::add(member.presentation.main(), 250'000);
  CHECK(multivariant.ready());
  // The peak is 500 kB in two seconds; the average is 375 kB.
  CHECK(multivariant.text() ==
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1500000,CODECS=\"avc1.64001f,mp4a.40.2\","
        "RESOLUTION=1280x720,FRAME-RATE=29.970\ncam/av.m3u8\n");
  CHECK(multivariant.text("start=-60").ends_with("\ncam/av.m3u8?start=-60\n"));
  Member::add(member.presentation.main(), 250'000, false);
  CHECK(multivariant.text().find("INDEPENDENT") == std::string::npos);
}

TEST_CASE("the measured frame rate replaces a missing or wrong one of the configuration") {
  TurnedClock clock;
  Member member("live/cam", clock);
  Multivariant multivariant("live/cam");
  multivariant.add(member.presentation);
  Member::add(member.presentation.main(), 1'000);
  const auto says = [&](const TrackInfo& info, double measured, const std::string& attribute) {
    member.presentation.describe(&info, nullptr, measured);
    return multivariant.text().find(attribute) != std::string::npos;
  };
  CHECK(says(picture_info, 25, ",FRAME-RATE=25.000\n"));
  CHECK(says(picture_info, 0, ",FRAME-RATE=29.970\n"));
  CHECK(says(TrackInfo{.codecs = "vp09.00.11.08"}, 59.94, "CODECS=\"vp09.00.11.08\",FRAME-RATE=59.940\n"));
  CHECK_FALSE(says(TrackInfo{.codecs = "vp09.00.11.08"}, 0, "FRAME-RATE"));
  CHECK_FALSE(says(TrackInfo{}, 0, "CODECS"));
}

TEST_CASE("a ladder: the best first, sound of each in its group, its rate counted in") {
  TurnedClock clock;
  Member low("live/cam_360p", clock, true), high("live/cam_720p", clock, true),
      silent("live/cam_low", clock, true);
  Multivariant multivariant("live/cam");
  for (Member* member : {&low, &high, &silent}) {
    multivariant.add(member->presentation);
    member->presentation.describe(&picture_info, member == &silent ? nullptr : &sound_info, 0);
  }
  Member::add(low.presentation.main(), 100'000);
  Member::add(*low.presentation.audio(), 10'000);
  Member::add(high.presentation.main(), 400'000);
  // A member that cannot be played yet is not listed.
  CHECK(multivariant.text().find("720p") == std::string::npos);
  Member::add(*high.presentation.audio(), 20'000);
  Member::add(silent.presentation.main(), 50'000);
  const std::string rest = ",RESOLUTION=1280x720,FRAME-RATE=29.970";
  CHECK(multivariant.text() ==
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-cam_720p\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
        "CHANNELS=\"2\",URI=\"cam_720p/audio.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-cam_360p\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
        "CHANNELS=\"2\",URI=\"cam_360p/audio.m3u8\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=1680000,AVERAGE-BANDWIDTH=1680000,CODECS=\"avc1.64001f,mp4a.40.2\"" +
            rest +
            ",AUDIO=\"audio-cam_720p\"\ncam_720p/video.m3u8\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=440000,AVERAGE-BANDWIDTH=440000,CODECS=\"avc1.64001f,mp4a.40.2\"" +
            rest +
            ",AUDIO=\"audio-cam_360p\"\ncam_360p/video.m3u8\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=200000,AVERAGE-BANDWIDTH=200000,CODECS=\"avc1.64001f\"" +
            rest + "\ncam_low/video.m3u8\n");
  multivariant.remove(high.presentation);
  CHECK(multivariant.text().find("720p") == std::string::npos);
}

TEST_CASE("sound alone is the variant itself") {
  TurnedClock clock;
  Member member("live/radio", clock, true);
  Multivariant multivariant("live/radio");
  multivariant.add(member.presentation);
  member.presentation.describe(nullptr, &sound_info, 0);
  Member::add(*member.presentation.audio(), 32'000);
  CHECK(
      multivariant.text() ==
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=128000,AVERAGE-BANDWIDTH=128000,CODECS=\"mp4a.40.2\"\nradio/audio.m3u8\n");
}

TEST_CASE("reports name the newest part of each other rendition") {
  TurnedClock clock;
  Member one("live/cam_720p", clock, false, 200ms), other("live/cam_360p", clock, false, 200ms);
  Multivariant multivariant("live/cam");
  multivariant.add(one.presentation);
  multivariant.add(other.presentation);
  Rendition& rendition = other.presentation.main();
  CHECK(multivariant.reports(one.presentation.main()).empty());
  const auto part = [&] { rendition.add_part(Slice::copy_of(std::vector<std::uint8_t>(10)), 200ms, true); };
  const std::string head = "#EXT-X-RENDITION-REPORT:URI=\"../cam_360p/av.m3u8\",";
  rendition.begin({});
  const std::uint64_t first = rendition.playlist().next_sequence();
  part();
  part();
  rendition.complete({}, 400ms, true, "x");
  CHECK(multivariant.reports(one.presentation.main()) ==
        head + "LAST-MSN=" + std::to_string(first) + ",LAST-PART=1\n");
  rendition.begin({});
  CHECK(multivariant.reports(one.presentation.main()) ==
        head + "LAST-MSN=" + std::to_string(first) + ",LAST-PART=1\n");
  part();
  CHECK(multivariant.reports(one.presentation.main()) ==
        head + "LAST-MSN=" + std::to_string(first + 1) + ",LAST-PART=0\n");
  CHECK(multivariant.reports(rendition).empty());
}

TEST_CASE("URIs are encoded, and relative to their playlist") {
  CHECK(relative_uri("live/cam", "live/cam/av.m3u8") == "cam/av.m3u8");
  CHECK(relative_uri("live/a/av.m3u8", "live/b/av.m3u8") == "../b/av.m3u8");
  CHECK(relative_uri("a/b/c", "d/e") == "../../d/e");
  CHECK(relative_uri("cam", "cam/av.m3u8") == "cam/av.m3u8");
  CHECK(relative_uri("live/x", "live/x y?#\"/av.m3u8") == "x%20y%3F%23%22/av.m3u8");
}

}  // namespace
}  // namespace srs::hls

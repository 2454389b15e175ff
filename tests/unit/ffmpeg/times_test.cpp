// The order and the shift of timestamps.
#include <doctest/doctest.h>

#include "ffmpeg/interleaver.h"
#include "ffmpeg/missing_times.h"

using namespace srs;
using namespace srs::ffmpeg;

namespace {

constexpr std::size_t video = 0, audio = 1;

ffmpeg::TimedTag tag(std::size_t track, std::int64_t dts_ms) {
  return {track == video ? flv::TagType::video : flv::TagType::audio, dts_ms, Slice()};
}

std::vector<std::int64_t> pop_all(ffmpeg::Interleaver& interleaver) {
  std::vector<std::int64_t> times;
  while (auto next = interleaver.pop()) times.push_back(next->dts_ms);
  return times;
}

using Times = std::vector<std::int64_t>;

ffmpeg::FfmpegPtr<AVPacket> packet(std::int64_t dts, std::int64_t pts, std::int64_t duration) {
  auto made = ffmpeg::make_packet();
  made->dts = dts;
  made->pts = pts;
  made->duration = duration;
  return made;
}

}  // namespace

TEST_CASE("tags of two tracks come in the order of their times") {
  ffmpeg::Interleaver interleaver(2, 1000);
  interleaver.push(video, tag(video, 0));
  interleaver.push(video, tag(video, 40));
  CHECK(pop_all(interleaver) == Times{});  // audio may still begin earlier
  interleaver.push(audio, tag(audio, 10));
  CHECK(pop_all(interleaver) == Times{0, 10});
  interleaver.end(audio);
  CHECK(pop_all(interleaver) == Times{40});
}

TEST_CASE("of equal times the first track goes first") {
  ffmpeg::Interleaver interleaver(2, 1000);
  interleaver.push(audio, tag(audio, 5));
  interleaver.push(video, tag(video, 5));
  CHECK(interleaver.pop()->type == flv::TagType::video);
}

TEST_CASE("a negative start shifts every track by the same amount") {
  ffmpeg::Interleaver interleaver(2, 1000);
  interleaver.push(video, tag(video, -80));
  interleaver.push(video, tag(video, -40));
  interleaver.push(audio, tag(audio, -21));
  interleaver.push(audio, tag(audio, 0));
  interleaver.end(video);
  interleaver.end(audio);
  CHECK(pop_all(interleaver) == Times{0, 40, 59, 80});
}

TEST_CASE("a positive start stays") {
  ffmpeg::Interleaver interleaver(1, 1000);
  interleaver.push(video, tag(video, 1400));
  CHECK(pop_all(interleaver) == Times{1400});
}

TEST_CASE("nobody waits for a silent track for more than the span") {
  ffmpeg::Interleaver interleaver(2, 100);
  for (int i = 0; i <= 4; ++i) interleaver.push(video, tag(video, i * 40));
  CHECK(pop_all(interleaver) == Times{0, 40});
  // A tag too late for the shift does not get a time below zero.
  interleaver.push(audio, tag(audio, -30));
  CHECK(interleaver.pop()->dts_ms == 0);
}

TEST_CASE("pictures without decoding times get those that lead up to the first known one") {
  ffmpeg::MissingTimes times(40);
  Times seen;
  const ffmpeg::MissingTimes::Sink sink = [&](AVPacket& got) { seen.push_back(got.dts); };
  times.push(*packet(AV_NOPTS_VALUE, 23, 40), sink);
  times.push(*packet(AV_NOPTS_VALUE, 103, 0), sink);
  CHECK(seen.empty());
  times.push(*packet(23, 63, 40), sink);
  CHECK(seen == Times{-57, -17, 23});
  times.push(*packet(AV_NOPTS_VALUE, 183, 40), sink);
  CHECK(seen.back() == 63);
}

TEST_CASE("no decoding time is later than the picture is shown") {
  ffmpeg::MissingTimes times(40);
  Times seen;
  const ffmpeg::MissingTimes::Sink sink = [&](AVPacket& got) { seen.push_back(got.dts); };
  times.push(*packet(AV_NOPTS_VALUE, 0, 40), sink);
  times.push(*packet(AV_NOPTS_VALUE, 40, 40), sink);
  times.push(*packet(200, 240, 40), sink);
  CHECK(seen == Times{0, 40, 200});
}

TEST_CASE("a stream without any decoding times is output at its end") {
  ffmpeg::MissingTimes times(40);
  Times seen;
  const ffmpeg::MissingTimes::Sink sink = [&](AVPacket& got) { seen.push_back(got.dts); };
  times.push(*packet(AV_NOPTS_VALUE, 0, 40), sink);
  times.push(*packet(AV_NOPTS_VALUE, 40, 40), sink);
  times.flush(sink);
  CHECK(seen == Times{0, 40});
}

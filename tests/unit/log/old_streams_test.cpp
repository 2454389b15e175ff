// Streams that are old, in what holds a time or counts.
#include <doctest/doctest.h>

#include <vector>

#include "flv/tag.h"
#include "live/splice.h"
#include "live/timeline.h"
#include "log/flv_wire.h"
#include "log/message_log.h"
#include "log/wire_reader.h"
#include "media/annotations.h"
#include "media/stream_meter.h"
#include "pipe/pipe_reader.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t wrap = std::int64_t{1} << 32;
constexpr std::int64_t bounds[] = {std::int64_t{1} << 24, std::int64_t{1} << 31, wrap, 604'800'000,
                                   (std::int64_t{1} << 33) / 90};

std::vector<std::uint8_t> tag(flv::TagType type, std::int64_t time_ms, Bytes payload) {
  std::vector<std::uint8_t> bytes(flv::tag_header_size + payload.size() + flv::tag_trailer_size);
  flv::store_tag_header(bytes.data(), type, payload.size(), static_cast<std::uint32_t>(time_ms), 0);
  std::copy(payload.begin(), payload.end(), bytes.begin() + flv::tag_header_size);
  flv::store_tag_trailer(bytes.data() + flv::tag_header_size + payload.size(), payload.size());
  return bytes;
}

class Times : public pipe::PipeSink {
 public:
  void on_begin(pipe::ChannelId, const StreamInfo&) override {}
  void on_message(pipe::ChannelId, Message message) override { times.push_back(message.timestamp_ms); }
  void on_end(pipe::ChannelId, EndReason) override {}
  std::vector<std::int64_t> times;
};

void feed(pipe::PipeReader& reader, Bytes bytes) {
  const auto room = reader.prepare();
  REQUIRE(room.size() >= bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.begin());
  REQUIRE(reader.commit(bytes.size()).ok());
}

// Pictures of a second's GOP and sound, as a source has them that knows 32 bits.
Message picture(std::int64_t time_ms, std::int64_t wire_ms) {
  Message message = sample_video(time_ms % 1'000 == 0, time_ms, time_ms % 1'000 == 0 ? 2'000 : 100);
  message.timestamp_ms = wire_ms;
  return message;
}

}  // namespace

TEST_CASE("FLV whose headers say 0 has the times of its frames") {
  for (const std::int64_t bound : bounds) {
    CAPTURE(bound);
    Times sink;
    pipe::PipeReader reader(sink, "live/x");
    std::uint8_t head[flv::file_header_size];
    flv::store_file_header(head, true, true);
    feed(reader, head);
    feed(reader, tag(flv::TagType::script, 0, sample_script("onMetaData", 0).payload.bytes()));
    feed(reader, tag(flv::TagType::video, 0, sample_header(flv::TagType::video, 0, 1).payload.bytes()));
    for (const std::int64_t off : {-40, 0, 40})
      feed(reader, tag(flv::TagType::video, bound + off, sample_video(off < 0, off).payload.bytes()));
    feed(reader, tag(flv::TagType::script, 0, sample_script("onMetaData", 0).payload.bytes()));
    feed(reader, tag(flv::TagType::video, bound + 80, sample_video(false, 80).payload.bytes()));
    REQUIRE(sink.times.size() == 7);
    CHECK(static_cast<std::uint32_t>(sink.times[5]) == 0);
    sink.times.erase(sink.times.begin() + 5);
    CHECK(sink.times == std::vector<std::int64_t>{0, 0, bound - 40, bound, bound + 40, bound + 80});
  }
}

TEST_CASE("a header or a script of another time neither empties a log nor opens it") {
  for (const std::int64_t strange : {std::int64_t{0}, wrap - 1, std::int64_t{1} << 40}) {
    CAPTURE(strange);
    log::MessageLog log({"live/x", {}, {}, {}}, {});
    const log::FlvWire encoder;
    const auto wire = log.wire(encoder);
    log.append(sample_script("onMetaData", strange));
    for (std::int64_t time = 1'000'000; time < 1'002'000; time += 40) log.append(picture(time, time));
    log.append(sample_script("onCuePoint", strange));
    log.append(sample_header(flv::TagType::video, strange, 3));
    log.append(picture(1'002'000, 1'002'000));
    CHECK(log.newest_ms() == 1'002'000);
    log::WireReader reader(*wire);
    reader.refresh();
    REQUIRE(reader.oldest_start() != nullptr);
    CHECK(reader.oldest_start()->timestamp_ms == 1'000'000);
  }
  TrackGate gate;
  gate.add(sample_header(flv::TagType::video, 0, 1));
  gate.add(sample_video(true, wrap));
  CHECK_FALSE(gate.open());  // sound may still come
  gate.add(sample_video(false, wrap + 1'001));
  CHECK(gate.open());
}

TEST_CASE("a log keeps its GOPs over each bound, and readers find times in it") {
  for (const std::int64_t bound : bounds) {
    CAPTURE(bound);
    log::MessageLog log({"live/x", {}, {}, {}}, {});
    const log::FlvWire encoder;
    const auto wire = log.wire(encoder);
    const std::int64_t begin = bound / 1'000 * 1'000 - 5'000;
    for (std::int64_t time = begin; time < begin + 10'000; time += 40) log.append(picture(time, time));
    log::WireReader reader(*wire);
    reader.refresh();
    REQUIRE(reader.newest_start() != nullptr);
    CHECK(reader.newest_start()->timestamp_ms == begin + 9'000);
    CHECK(reader.newest_ms() == begin + 9'960);
    CHECK(reader.timestamp_at(reader.offset_since(begin + 9'101)) == begin + 9'120);
    CHECK(reader.oldest_start()->timestamp_ms >= begin + 6'000);
  }
}

TEST_CASE("a source that knows 32 bits only goes on with a stream that is older") {
  for (const bool named : {false, true}) {
    for (const std::int64_t age : {wrap, 3 * wrap, wrap / 2, 7 * wrap + wrap / 2}) {
      CAPTURE(age);
      CAPTURE(named);
      live::Splice splice;
      std::vector<Message> out;
      const auto zero = live::Splice::Clock::now();
      const std::int64_t begin = age / 1'000 * 1'000 - 3'000;
      const auto play = [&](std::int64_t from, std::int64_t to, std::int64_t less) {
        for (std::int64_t time = from; time < to; time += 40)
          splice.push(picture(time, time - less), zero + milliseconds(time - begin), out);
      };
      splice.begin_source(zero, named ? "one" : "");
      play(begin, begin + 5'000, 0);
      const std::int64_t lacks = (begin + 4'000) / wrap * wrap;
      splice.begin_source(zero + milliseconds(5'000), named ? "one" : "");
      play(begin + 4'000, begin + 8'000, lacks);
      // Nothing in common with what was there.
      splice.begin_source(zero + milliseconds(9'000), named ? "one" : "");
      play(begin + 9'000, begin + 10'000, lacks);
      std::vector<std::int64_t> times, wanted;
      for (const Message& message : out) {
        CHECK(message.is_video());
        times.push_back(message.timestamp_ms);
      }
      for (std::int64_t time = begin; time < begin + 10'000; time += 40)
        if (time < begin + 8'000 || time >= begin + 9'000) wanted.push_back(time);
      CHECK(times == wanted);
    }
  }
}

TEST_CASE("clocks pass again behind a wrap that one stood right before") {
  live::Splice splice;
  std::vector<Message> out;
  const auto now = live::Splice::Clock::now();
  const auto clock = [](std::int64_t time) {
    return make_message(flv::TagType::script, time, encode_on_clock(std::chrono::system_clock::now()));
  };
  splice.begin_source(now);
  splice.push(clock(wrap - 5), now, out);
  splice.push(picture(0, 3), now, out);
  splice.push(clock(1'003), now, out);
  CHECK(out.size() == 3);
}

TEST_CASE("a meter measures a stream of years as one of minutes") {
  StreamMeter meter;
  auto now = StreamMeter::Clock::time_point(std::chrono::hours(24 * 365 * 5));
  std::int64_t time = 3 * wrap - 30'000;
  for (int i = 0; i < 1'500; ++i, time += 40, now += milliseconds(40)) {
    meter.add(picture(i * 40, time), now);
    meter.add(sample_audio(time + 10), now);
  }
  const auto figures = meter.figures(now);
  CHECK(figures.frames_per_second == doctest::Approx(25).epsilon(0.01));
  CHECK(figures.gop_seconds.value() == doctest::Approx(1));
  CHECK(figures.skew_seconds.value() == doctest::Approx(-0.01));
  CHECK(figures.key_frame_age_seconds.value() <= 1.0);
}

TEST_CASE("32 bits go on over each wrap, a hundred years long, in tracks that wrap one after the other") {
  TimestampUnwrapper timestamps;
  constexpr std::int64_t week = 604'800'000;
  for (std::int64_t at = wrap - 300, i = 0; i < 5'200; ++i, at += week)
    REQUIRE(timestamps.unwrap(static_cast<std::uint32_t>(at), true) == at);
  TimestampUnwrapper tracks;
  for (const std::int64_t off : {-40, -5, 0, -30, 20, -1, 40, 60})
    CHECK(tracks.unwrap(static_cast<std::uint32_t>(wrap + off), true) == wrap + off);
}

TEST_CASE("a source whose clock has 31 bits, as FFmpeg's, goes on after 25 days without a seam") {
  constexpr std::int64_t wrap_31 = std::int64_t{1} << 31;
  live::Timeline timeline;
  // Two wraps; sound is 30 ms behind the picture and comes after it.
  for (std::int64_t at = wrap_31 - 400; at < 2 * wrap_31 + 400;
       at += at == wrap_31 + 400 ? wrap_31 - 800 : 40) {
    CAPTURE(at);
    if (at == 2 * wrap_31 - 400) timeline.restart(milliseconds(1));  // 25 days are too long for a test
    const auto picture = timeline.map(flv::TagType::video, at % wrap_31);
    const auto sound = timeline.map(flv::TagType::audio, (at - 30) % wrap_31);
    CHECK(picture.discontinuity == (at == 2 * wrap_31 - 400));
    CHECK_FALSE(sound.discontinuity);
    CHECK(picture.timestamp_ms - sound.timestamp_ms == 30);
    if (at <= wrap_31 + 400) CHECK(picture.timestamp_ms == at);
  }
  // A jump of any other length is one.
  CHECK(timeline.map(flv::TagType::video, 1'000'000).discontinuity);
}

TEST_CASE("a log whose stream begins anew at another time keeps that, and lets go of what was before") {
  log::MessageLog log({"live/x", {}, {}, {}}, {});
  const log::FlvWire encoder;
  const auto wire = log.wire(encoder);
  for (std::int64_t time = wrap; time < wrap + 3'000; time += 40) log.append(picture(time - wrap, time));
  for (std::int64_t time = 0; time < 10'000; time += 40) log.append(picture(time, time));
  CHECK(log.newest_ms() == 9'960);
  log::WireReader reader(*wire);
  reader.refresh();
  REQUIRE(reader.oldest_start() != nullptr);
  CHECK(reader.oldest_start()->timestamp_ms < 9'000);
  CHECK(reader.oldest_start()->timestamp_ms >= 6'000);
}

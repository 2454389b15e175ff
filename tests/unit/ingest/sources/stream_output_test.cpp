#include "srs-ingest/sources/stream_output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "media/annotations.h"
#include "unit/media/media_samples.h"
#include "unit/pipe/pipe_samples.h"

using namespace srs;
using namespace srs::ingest;
using namespace srs::media;

namespace {

using Events = std::vector<std::string>;

// Runs `writes` on an output into a pipe (so not more than 64 KiB), and gives what a reader of it sees.
template <class Writes>
RecordingSink written(const StreamOutput::Options& options, Writes writes) {
  const cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  int fds[2];
  REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
  PipeBytes bytes;
  {
    pipe::PipeWriter writer(fds[1], {}, log, [](const Error&) {});
    StreamOutput output(writer, options, {});
    writes(output);
    output.end();
    REQUIRE(writer.finish(std::chrono::seconds(20)));
  }
  ::close(fds[1]);
  std::uint8_t piece[65536];
  for (ssize_t size; (size = ::read(fds[0], piece, sizeof piece)) > 0;)
    bytes.insert(bytes.end(), piece, piece + size);
  ::close(fds[0]);
  RecordingSink sink;
  if (bytes.empty()) return sink;
  pipe::PipeReader reader(sink, "live/x");
  REQUIRE(feed(reader, bytes));
  REQUIRE(reader.finish());
  return sink;
}

StreamOutput::Options options_of(const std::string& path) {
  StreamOutput::Options options;
  options.info = {path, "test"};
  return options;
}

// Of a codec that needs no configuration.
Message picture(bool key_frame, std::int64_t timestamp_ms) {
  const std::uint8_t vp6[] = {static_cast<std::uint8_t>(key_frame ? 0x14 : 0x24), 0, 1, 2, 3};
  return make_message(flv::TagType::video, timestamp_ms, Slice::copy_of(vp6));
}

Message clock_of(std::int64_t timestamp_ms, int seconds) {
  return make_message(flv::TagType::script, timestamp_ms,
                      encode_on_clock(std::chrono::system_clock::time_point(std::chrono::seconds(seconds))));
}

std::size_t clocks(const RecordingSink& sink) {
  return static_cast<std::size_t>(
      std::count_if(sink.messages.begin(), sink.messages.end(), [](const Message& message) {
        return message.kind == MessageKind::annotation && decode_on_clock(message.payload.bytes());
      }));
}

}  // namespace

TEST_CASE("a stream begins with its first message: a source without media never does") {
  CHECK(written(options_of("live/a"), [](StreamOutput&) {}).events.empty());
  const auto sink =
      written(options_of("live/a"), [](StreamOutput& output) { output.forward(picture(true, 3000)); });
  CHECK(sink.events == Events{"begin 1 live/a by test", "1 key_frame 3000", "end 1 ended"});
}

TEST_CASE("a source that starts over continues one frame later, after a mark") {
  const auto sink = written(options_of("live/a"), [](StreamOutput& output) {
    for (int round = 0; round < 2; ++round) {
      output.forward(picture(true, 0));
      output.forward(picture(false, 40));
      output.resume_after_end();
    }
  });
  CHECK(sink.events == Events{"begin 1 live/a by test", "1 key_frame 0", "1 video_frame 40",
                              "1 annotation 80", "1 key_frame 80", "1 video_frame 120", "end 1 ended"});
}

TEST_CASE("an old source whose codec headers say 0 keeps its times, without a mark") {
  constexpr std::int64_t day_30 = 30 * std::int64_t{86'400'000};
  const auto sink = written(options_of("live/a"), [](StreamOutput& output) {
    output.forward(sample_script("onMetaData", 0));
    output.forward(sample_header(flv::TagType::video, 0, 1));
    output.forward(sample_header(flv::TagType::audio, 0, 1));
    output.forward(picture(true, day_30));
    output.forward(sample_audio(day_30 + 20));
    output.forward(sample_header(flv::TagType::video, 0, 2));
    output.forward(picture(true, day_30 + 40));
  });
  CHECK(sink.events == Events{"begin 1 live/a by test", "1 metadata 0", "1 video_header 0",
                              "1 audio_header 0", "1 key_frame 2592000000", "1 audio_frame 2592000020",
                              "1 video_header 2592000020", "1 key_frame 2592000040", "end 1 ended"});
}

TEST_CASE("a lost source continues after a mark, later than before") {
  const auto sink = written(options_of("live/a"), [](StreamOutput& output) {
    output.forward(picture(true, 900'000));
    output.resume_after_loss();
    output.resume_after_loss();
    output.forward(sample_script("onMetaData", 0));
    output.forward(picture(true, 0));
  });
  REQUIRE(sink.events.size() == 6);
  CHECK(sink.events[2] == "1 metadata 900000");
  CHECK(sink.events[3].starts_with("1 annotation 900"));
  CHECK(sink.events[4].starts_with("1 key_frame 900"));
  CHECK(sink.messages.back().timestamp_ms > 900'000);
}

TEST_CASE("a loss before any media leaves no mark") {
  const auto sink = written(options_of("live/a"), [](StreamOutput& output) {
    output.resume_after_loss();
    output.forward(picture(true, 5));
  });
  CHECK(sink.events == Events{"begin 1 live/a by test", "1 key_frame 5", "end 1 ended"});
}

TEST_CASE("the clock is sent once per second of media") {
  auto options = options_of("live/a");
  options.clock = true;
  const auto sink = written(options, [](StreamOutput& output) {
    for (int time = 0; time <= 3000; time += 100) output.forward(sample_audio(time));
  });
  CHECK(clocks(sink) == 4);
  CHECK(sink.events[1] == "1 annotation 0");
}

TEST_CASE("frames held back by a source have their arrival time") {
  StreamOutput::Options options = options_of("live/x");
  options.clock = true;
  const auto now = std::chrono::system_clock::now(), opened = now - std::chrono::seconds(5);
  const RecordingSink sink = written(options, [&](StreamOutput& output) {
    output.held_back_since(opened);
    for (std::int64_t at = 0; at <= 7'000; at += 500) output.forward(picture(at == 0, at));
  });
  std::vector<std::chrono::system_clock::time_point> told;
  for (const Message& message : sink.messages)
    if (const auto utc = decode_on_clock(message.payload.bytes())) told.push_back(*utc);
  REQUIRE(told.size() == 8);
  const auto near = [](auto a, auto b) { return std::chrono::abs(a - b) <= std::chrono::milliseconds(1); };
  for (int i = 0; i < 5; ++i)
    CHECK(near(told[static_cast<std::size_t>(i)], opened + std::chrono::seconds(i)));
  CHECK(told[6] >= now - std::chrono::milliseconds(1));
  CHECK(told[7] >= now - std::chrono::milliseconds(1));
}

TEST_CASE("the clock of an earlier stage stays at its frame, and no other is added") {
  auto options = options_of("live/a");
  options.clock = true;
  const auto sink = written(options, [](StreamOutput& output) {
    for (int time = 50'000; time <= 53'000; time += 500) {
      if (time % 1000 == 0) output.forward(clock_of(time, time / 1000));
      output.forward(sample_audio(time));
    }
  });
  CHECK(clocks(sink) == 4);
  for (const Message& message : sink.messages)
    if (message.kind == MessageKind::annotation)
      CHECK(decode_on_clock(message.payload.bytes())->time_since_epoch() ==
            std::chrono::milliseconds(message.timestamp_ms));
}

TEST_CASE("a replayed recording tells today's time, not that of the recording") {
  auto options = options_of("live/a");
  options.clock = options.paced = true;
  const auto start = std::chrono::system_clock::now();
  const auto sink = written(options, [](StreamOutput& output) {
    output.forward(clock_of(0, 12345));
    output.forward(sample_audio(0));
  });
  REQUIRE(clocks(sink) == 1);
  CHECK(*decode_on_clock(sink.messages[0].payload.bytes()) + std::chrono::milliseconds(1) > start);
}

TEST_CASE("annotations without following media are left out, however many") {
  const auto sink = written(options_of("live/a"), [](StreamOutput& output) {
    for (int i = 0; i < 1000; ++i) output.forward(clock_of(i, i));
  });
  CHECK(sink.events == Events{"begin 1 live/a by test", "end 1 ended"});
}

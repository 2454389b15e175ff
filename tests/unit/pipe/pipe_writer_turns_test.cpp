// What the thread of an io_context queues in a PipeWriter.
#include <doctest/doctest.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <string>
#include <thread>

#include "unit/media/media_samples.h"
#include "unit/pipe/pipe_output.h"
#include "unit/pipe/pipe_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

// A writer of an io_context that the test runs.
struct Turns {
  explicit Turns(pipe::OnFull on_full = pipe::OnFull::drop_gop, std::size_t max_queued_bytes = 32u << 20)
      : output(options(io, max_queued_bytes)) {
    turn([this, on_full] { channel = output.writer->begin({"live/a", ""}, on_full); });
  }
  static pipe::PipeWriter::Options options(asio::io_context& io, std::size_t max_queued_bytes) {
    pipe::PipeWriter::Options options;
    options.loops = {&io};
    options.max_queued_bytes = max_queued_bytes;
    return options;
  }

  // The handler, and what it posted; if a write was just before, its gap.
  template <class Handler>
  void turn(Handler handler) {
    asio::post(io, std::move(handler));
    io.restart();
    io.run();
  }
  void write(const Message& message) { output.writer->write(channel, message); }
  void end() { output.writer->end(channel); }
  int bytes_in_pipe() const {
    int size = 0;
    REQUIRE(::ioctl(output.pipe.fds[0], FIONREAD, &size) == 0);
    return size;
  }

  asio::io_context io;
  Output output;
  pipe::ChannelId channel = 0;
};

Message large_key_frame(std::int64_t timestamp_ms, std::size_t size) {
  Message message = sample_video(true, timestamp_ms);
  std::vector<std::uint8_t> bytes(message.payload.data(), message.payload.data() + message.payload.size());
  bytes.resize(size, 0x9a);
  message.payload = Slice::copy_of(bytes);
  return message;
}

}  // namespace

TEST_CASE("what a turn of the io_context queues is in the pipe soon after the turn, and not before its end") {
  Turns turns;
  const int begun = turns.bytes_in_pipe();
  CHECK(begun > 0);
  int during = 0;
  turns.turn([&] {
    turns.write(sample_video(true, 5));
    turns.write(sample_audio(6));
    during = turns.bytes_in_pipe();
  });
  CHECK(during == begun);
  CHECK(turns.bytes_in_pipe() > begun);
  CHECK(turns.output.writer->queued_bytes() == 0);
  turns.turn([&] { turns.end(); });
  CHECK(turns.output.finish_events() ==
        Events{"begin 1 live/a", "1 key_frame 5", "1 audio_frame 6", "end 1 ended"});
}

TEST_CASE("what the pipe has no room for is written by the writer's thread, in order, between turns") {
  Turns turns;
  // A megabyte fits into the pipe; the reader begins later.
  Events expected{"begin 1 live/a"};
  for (int i = 0; i < 40; ++i) {
    turns.turn([&] { turns.write(large_key_frame(i * 40, 100'000)); });
    expected.push_back("1 key_frame " + std::to_string(i * 40));
  }
  CHECK(turns.output.writer->queued_bytes() > 0);
  turns.turn([&] { turns.end(); });
  expected.push_back("end 1 ended");
  CHECK(turns.output.finish_events() == expected);
}

TEST_CASE("a turn that waits for room gets it from the writer's thread") {
  Turns turns(pipe::OnFull::block, 64 << 10);
  turns.output.start_reading();
  turns.turn([&] {
    for (int i = 0; i < 200; ++i) turns.write(large_key_frame(i, 20'000));
    turns.end();
  });
  CHECK(tags_of(turns.output.finish()).size() == 1 + 200 + 1);
}

TEST_CASE("other threads are served by the writer's own beside the turns") {
  Turns turns;
  std::jthread other([&] {
    const auto channel = turns.output.writer->begin({"live/b", ""}, pipe::OnFull::block);
    for (int i = 0; i < 500; ++i) turns.output.writer->write(channel, sample_audio(i));
    turns.output.writer->end(channel);
  });
  for (int i = 0; i < 500; ++i) turns.turn([&] { turns.write(sample_audio(i)); });
  other.join();
  turns.turn([&] { turns.end(); });
  const Events events = turns.output.finish_events();
  CHECK(std::count(events.begin(), events.end(), "end 1 ended") == 1);
  CHECK(std::count(events.begin(), events.end(), "end 2 ended") == 1);
  CHECK(events.size() == 2 * 502);
}

TEST_CASE("several threads take turns, each by itself") {
  asio::io_context loops[2];
  pipe::PipeWriter::Options options;
  for (asio::io_context& loop : loops) options.loops.push_back(&loop);
  Output output(options);
  const auto write_streams = [&output](asio::io_context& loop, const std::string& path) {
    for (int i = 0; i < 500; ++i) {
      asio::post(loop, [&output, path] {
        const auto channel = output.writer->begin({path, ""}, pipe::OnFull::block);
        output.writer->write(channel, sample_audio(1));
        output.writer->end(channel);
      });
      loop.restart();
      loop.run();
    }
  };
  std::jthread other([&] { write_streams(loops[1], "live/b"); });
  write_streams(loops[0], "live/a");
  other.join();
  const Events events = output.finish_events();
  CHECK(std::count(events.begin(), events.end(), "1 audio_frame 1") >= 1);
  CHECK(events.size() == 2 * 500 * 3);
}

TEST_CASE("a writer that is gone before the end of the turn is not used any more") {
  Turns turns;
  turns.turn([&] {
    turns.write(sample_audio(1));
    turns.output.writer.reset();
  });
}

TEST_CASE("finish() writes what a turn that never ended has queued") {
  Turns turns;
  asio::post(turns.io, [&] {
    turns.write(sample_audio(1));
    turns.end();
    turns.io.stop();
  });
  turns.io.restart();
  turns.io.run();
  CHECK(turns.output.finish_events() == Events{"begin 1 live/a", "1 audio_frame 1", "end 1 ended"});
}

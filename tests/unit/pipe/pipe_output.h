// A PipeWriter into a pipe of the test.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipe/pipe_writer.h"
#include "unit/pipe/pipe_samples.h"

namespace srs::media {

using Events = std::vector<std::string>;

// A pipe whose reading end is the test's.
struct Pipe {
  Pipe() { REQUIRE(::pipe2(fds, O_CLOEXEC) == 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  void close_reader() {
    if (fds[0] >= 0) ::close(std::exchange(fds[0], -1));
  }
  void close_writer() {
    if (fds[1] >= 0) ::close(std::exchange(fds[1], -1));
  }
  PipeBytes read_all() const {
    PipeBytes bytes;
    std::uint8_t piece[65536];
    for (ssize_t size; (size = ::read(fds[0], piece, sizeof piece)) > 0;)
      bytes.insert(bytes.end(), piece, piece + size);
    return bytes;
  }
  int fds[2];
};

// A writer into a pipe that is read all the time (unless the test does it), and what came out.
struct Output {
  explicit Output(pipe::PipeMode mode, std::size_t max_queued_bytes = 32u << 20,
                  pipe::ChannelId last_channel = 0)
      : Output(pipe::PipeWriter::Options{mode, max_queued_bytes, last_channel}) {}
  explicit Output(const pipe::PipeWriter::Options& options)
      : writer(std::in_place, pipe.fds[1], options, log,
               [this](const Error& error) { failure.set_value(error.message); }) {}

  void start_reading() {
    reading = std::async(std::launch::async, [this] { return pipe.read_all(); });
  }
  PipeBytes finish() {
    if (!reading.valid()) start_reading();
    CHECK(writer->finish(std::chrono::seconds(20)));
    writer.reset();
    pipe.close_writer();
    return reading.get();
  }
  Events finish_events() {
    const PipeBytes bytes = finish();
    RecordingSink sink;
    pipe::PipeReader reader(sink, "live/x");
    CHECK(feed(reader, bytes));
    CHECK(reader.finish());
    return sink.events;
  }

  cli::Log log{"test", cli::LogLevel::error, cli::LogFormat::text};
  Pipe pipe;
  std::promise<std::string> failure;
  std::optional<pipe::PipeWriter> writer;
  std::future<PipeBytes> reading;
};

}  // namespace srs::media

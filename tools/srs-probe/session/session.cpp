#include "srs-probe/session/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>

namespace srs::probe {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds live_time{5000};
constexpr WallMs watch_interval_ms = 1000;

volatile std::sig_atomic_t stop_signal = 0;
volatile std::sig_atomic_t hangups = 0;

// --for counts media time for files and pipes, and wall time for live sources.
std::int64_t media_limit_ms(const Options& options, bool live) {
  return live || !options.time ? 0 : options.time->count();
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = [](int signal) { stop_signal = signal; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = [](int) { hangups = hangups + 1; };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGHUP, &action, nullptr);
}

Session::Session(const Options& options, const cli::Log& log, std::string name, bool live)
    : options_(options),
      log_(log),
      name_(std::move(name)),
      live_(live),
      start_(std::chrono::steady_clock::now()),
      flv_(
          streams_, options.stream, media_limit_ms(options, live), [this] { return now(); },
          [this](Stream& stream) { forget(stream); }),
      watch_(options.json) {}

WallMs Session::now() const {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_).count();
}

bool Session::interrupted() const {
  return stop_signal != 0;
}

void Session::on_bytes(std::size_t size) {
  if (!first_byte_ && size > 0) first_byte_ = now();
  bytes_ += size;
}

milliseconds Session::time_limit() const {
  if (options_.time) return *options_.time;
  return live_ && !options_.watch ? live_time : milliseconds(0);
}

bool Session::time_is_up() const {
  const milliseconds limit = time_limit();
  if (limit.count() == 0) return false;
  if (flv_.past_limit()) return true;
  for (const Stream& stream : streams_) {
    if (!stream.has_media()) continue;
    if (!first_media_) first_media_ = stream.first_media();
    if (!live_ && stream.duration_ms() >= static_cast<double>(limit.count())) return true;
  }
  return first_media_ && now() - *first_media_ >= limit.count();
}

bool Session::tick() {
  if (hangups != 0) {
    hangups = 0;
    log_.info_by({"nothing to reload", {}}, "SIGHUP: there is no file to read again");
  }
  if (options_.watch && now() - last_watch_ >= watch_interval_ms) watch();
  if (interrupted() || time_is_up()) enough_ = true;
  const auto has_media = [this] {
    for (const Stream& stream : streams_)
      if (stream.has_media()) return true;
    return false;
  };
  if (live_ && !enough_ && now() >= options_.timeout.count() && !has_media()) timed_out_ = true;
  return !enough_ && !timed_out_;
}

void Session::forget(Stream& stream) {
  ++forgotten_.ended;
  forgotten_.had_media |= stream.has_media();
  forgotten_.worst = std::max(forgotten_.worst, verdict(find_faults(stream)));
  forgotten_.crossed |= crosses_threshold(stream);
  if (!first_media_) first_media_ = stream.first_media();
  watch_.forget(stream);
}

void Session::watch() {
  const WallMs time = now();
  const auto printed = print(watch_.lines(streams_, time, static_cast<double>(time - last_watch_)));
  last_watch_ = time;
  if (!printed) enough_ = true;  // nobody reads the lines; the report will fail, too
}

// With --pass, stdout carries the media.
Result<void> Session::print(const std::string& text) const {
  const int fd = options_.pass ? STDERR_FILENO : STDOUT_FILENO;
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t written = ::write(fd, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("cannot write the report", errno);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Why this run failed, in one sentence; ok if it did not.
Result<void> Session::failure_of(Result<void> outcome) const {
  if (timed_out_)
    return Error{Errc::timed_out, fmt::format("no media within {}", cli::format_duration(options_.timeout))};
  if (!outcome) return outcome;
  for (const Stream& stream : streams_)
    if (stream.has_media()) return {};
  if (forgotten_.had_media) return {};
  if (!options_.stream.empty() && streams_.empty())
    return Error{Errc::not_found, fmt::format("there is no stream {} in it", options_.stream)};
  return Error{Errc::not_found, "no media came"};
}

// Whether the stream crosses a threshold; logs which.
bool Session::crosses_threshold(const Stream& stream) const {
  bool any = false;
  for (const Threshold& threshold : options_.thresholds)
    if (const auto crossed = threshold.crossed_by(stream)) {
      const std::string& name = stream.info().path.empty() ? name_ : stream.info().path;
      if (stream.end() == StreamEnd::open || streams_.size() < FlvStreams::streams_max)
        log_.error("{}: {}", name, *crossed);
      else
        log_.error_by({"thresholds of very many streams", {}}, "{}: {}", name, *crossed);
      any = true;
    }
  return any;
}

int Session::exit_status() const {
  bool crossed = forgotten_.crossed;
  for (const Stream& stream : streams_) crossed |= crosses_threshold(stream);
  return crossed ? cli::exit_threshold : cli::exit_done;
}

int Session::conclude(Result<void> outcome) {
  for (Stream& stream : streams_) stream.finish();
  const Result<void> result = failure_of(std::move(outcome));
  Report report;
  report.source = name_;
  report.live = live_;
  report.elapsed = now();
  report.bytes = bytes_;
  report.first_byte = first_byte_;
  if (!result) report.error = result.error().message;
  report.streams = &streams_;
  report.forgotten = forgotten_;
  report.forgotten.not_seen = flv_.not_seen();
  const Result<void> printed =
      print(options_.json ? as_json(report).dump(options_.watch ? -1 : 2) + "\n" : as_table(report));
  if (!result) log_.error("{}: {}", name_, result.error().message);
  if (!printed) log_.error("{}", printed.error().message);
  if (!result || !printed) return cli::exit_failed;
  return exit_status();
}

}  // namespace srs::probe

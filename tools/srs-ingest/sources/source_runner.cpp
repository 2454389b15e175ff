#include "srs-ingest/sources/source_runner.h"

#include <condition_variable>
#include <mutex>

#include "cli/quantities.h"
#include "core/block_signals.h"
#include "live/backoff.h"

namespace srs::ingest {
namespace {

constexpr std::chrono::milliseconds first_backoff{500};
constexpr std::chrono::milliseconds last_backoff{10'000};

}  // namespace

SourceRunner::SourceRunner(std::unique_ptr<Source> source, pipe::PipeWriter& writer, Options options,
                           const cli::Log& log, std::function<void(Result<void>)> done)
    : source_(std::move(source)),
      writer_(writer),
      options_(std::move(options)),
      log_(log),
      done_(std::move(done)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void SourceRunner::run(const std::stop_token& stop) {
  block_signals();
  StreamOutput output(writer_, options_.output, stop);
  Result<void> result;
  try {
    result = run_until_done(output, stop);
  } catch (const std::exception& exception) {
    result = Error{Errc::io, source_->display() + ": " + exception.what()};
  }
  output.end();
  done_(std::move(result));
}

Result<void> SourceRunner::run_until_done(StreamOutput& output, const std::stop_token& stop) {
  const std::string& path = options_.output.info.path;
  live::Backoff backoff(first_backoff, last_backoff);
  for (;;) {
    const std::uint64_t before = output.messages();
    Result<void> result = source_->run(output, stop);
    if (stop.stop_requested()) return {};
    const bool brought_media = output.messages() > before;
    if (brought_media) backoff.reset();
    if (result && options_.loop && brought_media) {
      output.resume_after_end();
      continue;
    }
    const bool is_lost = !result || source_->is_live();
    if (!options_.reconnect || !is_lost) {
      if (result && output.messages() == 0)
        return Error{Errc::invalid_data, source_->display() + ": it holds no media"};
      return result;
    }
    const auto delay = backoff.next();
    log_.warning("{}: {}; trying again in {}", path,
                 result ? source_->display() + " ended" : result.error().message,
                 cli::format_duration(delay));
    if (!sleep(delay, stop)) return {};
    output.resume_after_loss();
  }
}

bool SourceRunner::sleep(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace srs::ingest

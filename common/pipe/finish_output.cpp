#include "pipe/finish_output.h"

#include <asio/steady_timer.hpp>
#include <memory>

namespace srs::pipe {
namespace {

// The longest time between the signals of one Ctrl-C in the stages of a pipeline.
constexpr std::chrono::milliseconds signals_apart{250};

}  // namespace

Result<void> finish_output(PipeWriter& writer, asio::io_context& io, const net::StopSignals& signals) {
  static constexpr std::chrono::milliseconds poll_interval{100}, stop_timeout{1500};
  for (;;) {
    const bool stopping = signals.received();
    auto finished = writer.finish(stopping ? stop_timeout : poll_interval);
    // Ctrl-C reaches every stage of a pipeline: the next one may well have gone first.
    if (stopping && !finished && finished.error().code == Errc::closed) return {};
    if (finished || stopping) return finished;
    if (finished.error().code == Errc::closed) {
      io.restart();
      io.run_for(signals_apart);
      return signals.received() ? Result<void>() : finished;
    }
    if (finished.error().code != Errc::timed_out) return finished;
    io.restart();
    io.poll();
  }
}

void after_own_signal(asio::io_context& io, std::function<void()> then) {
  const auto timer = std::make_shared<asio::steady_timer>(io, signals_apart);
  timer->async_wait([timer, then = std::move(then)](const asio::error_code& cancelled) {
    if (!cancelled) then();
  });
}

}  // namespace srs::pipe

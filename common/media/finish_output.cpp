#include "media/finish_output.h"

#include <asio/steady_timer.hpp>
#include <memory>

namespace srs::media {
namespace {

// How far the signals of one Ctrl-C are apart at most, as the stages of a pipeline see them.
constexpr std::chrono::milliseconds signals_apart{250};

}  // namespace

Result<void> finish_output(PipeWriter& writer, asio::io_context& io, const net::StopSignals& signals) {
  static constexpr std::chrono::milliseconds look_around{100}, hurried{1500};
  for (;;) {
    const bool hurry = signals.received();
    auto finished = writer.finish(hurry ? hurried : look_around);
    // Ctrl-C reaches every stage of a pipeline: the next one may well have gone first.
    if (hurry && !finished && finished.error().code == Errc::closed) return {};
    if (finished || hurry) return finished;
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

}  // namespace srs::media

// How a tool ends: its output is drained while signals are still heard.
#pragma once

#include <asio/io_context.hpp>
#include <functional>

#include "media/pipe_writer.h"
#include "net/stop_signals.h"

namespace srs::media {

// Waits until the reader of our output took everything: as long as it needs, but only 1.5 s once a
// signal asked for the end. io must not be running; it is polled meanwhile.
Result<void> finish_output(PipeWriter& writer, asio::io_context& io, const net::StopSignals& signals);

// Calls `then` a moment later. Ctrl-C reaches every stage of a pipeline, and the next one may be gone before
// our own signal is seen: who asks StopSignals in `then` knows whether a lost reader is news.
void after_own_signal(asio::io_context& io, std::function<void()> then);

}  // namespace srs::media

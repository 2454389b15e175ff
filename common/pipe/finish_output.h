// How a tool ends: its output is drained while signals are still handled.
#pragma once

#include <asio/io_context.hpp>
#include <functional>

#include "net/stop_signals.h"
#include "pipe/pipe_writer.h"

namespace srs::pipe {

// Waits until the reader of our output has read everything: as long as that takes, but only 1.5 s once a
// signal has asked for the end. io must not be running; it is polled meanwhile.
Result<void> finish_output(PipeWriter& writer, asio::io_context& io, const net::StopSignals& signals);

// Calls `then` a moment later. Ctrl-C reaches every stage of a pipeline, and the next one may be gone before
// our own signal arrives: by then, StopSignals tells whether a lost reader is worth reporting.
void after_own_signal(asio::io_context& io, std::function<void()> then);

}  // namespace srs::pipe

// Reads a pipe (or a file) on the event loop of a live stage: large reads, no thread of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>

#include "core/result.h"
#include "pipe/pipe_reader.h"

namespace srs::pipe {

// Reads fd to its end into `reader`, then finishes that. A pipe is made 1 MiB large. The result is an error
// if the input is corrupt or broke off. `before_read`, if there is one, is awaited before each read: a stage
// that must not outrun its output waits there.
//
// fd is borrowed and becomes non-blocking. Cancel by closing `reader`'s io_context or by
// cancelling the coroutine; the streams then stay open.
asio::awaitable<Result<void>> read_pipe(int fd, PipeReader& reader,
                                        std::function<asio::awaitable<void>()> before_read = {});

// What is wrong with fd as the FLV input or output of a tool: it is a terminal. Empty if it is not.
std::string refuse_terminal(int fd);

}  // namespace srs::pipe

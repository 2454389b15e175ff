// Reads a pipe (or a file) as the loop of a live stage does: large reads, no thread of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>

#include "core/result.h"
#include "media/pipe_reader.h"

namespace srs::media {

// Reads fd to its end into `reader`, then finishes it. A pipe is made 1 MiB large. The result
// is an error if the input is corrupt or broke off. Before each read `before_read` is awaited,
// if there is one: a stage that must not outrun its output waits there.
//
// fd is borrowed and becomes non-blocking. Cancel by closing `reader`'s io_context or by
// cancelling the coroutine; the streams then stay open.
asio::awaitable<Result<void>> read_pipe(int fd, PipeReader& reader,
                                        std::function<asio::awaitable<void>()> before_read = {});

// Why fd cannot be the FLV input or output of a tool: it is a terminal. Empty if it can.
std::string refuse_terminal(int fd);

}  // namespace srs::media

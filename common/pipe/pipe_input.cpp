#include "pipe/pipe_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "pipe/enlarge_pipe.h"

namespace srs::pipe {
namespace {

// The error of a read, none at the end of input.
Result<void> read_result(const asio::error_code& error) {
  if (error == asio::error::eof) return {};
  return Error{Errc::io, "cannot read the input: " + error.message()};
}

// Messages passed on so far stay; the first error is the one to report.
Result<void> finish(PipeReader& reader, Result<void> so_far) {
  Result<void> finished = reader.finish();
  return so_far ? finished : so_far;
}

}  // namespace

asio::awaitable<Result<void>> read_pipe(int fd, PipeReader& reader,
                                        std::function<asio::awaitable<void>()> before_read) {
  enlarge_pipe(fd);
  asio::posix::stream_descriptor input(co_await asio::this_coro::executor, ::dup(fd));
  for (;;) {
    if (before_read) co_await before_read();
    const auto room = reader.prepare();
    asio::error_code error;
    const std::size_t size = co_await input.async_read_some(asio::buffer(room.data(), room.size()),
                                                            asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return finish(reader, read_result(error));
    if (auto taken = reader.commit(size); !taken) co_return finish(reader, std::move(taken));
  }
}

std::string refuse_terminal(int fd) {
  if (!::isatty(fd)) return {};
  return fd == STDIN_FILENO ? "stdin is a terminal: pipe FLV into it, e.g. srs-ingest test: | ..."
                            : "stdout is a terminal: FLV goes into a pipe or a file, e.g. ... > a.flv";
}

}  // namespace srs::pipe

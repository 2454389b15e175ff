#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "srs-probe/sources/sources.h"
#include "srs-probe/streams/in_band_sets.h"

namespace srs::probe {
namespace {

constexpr int pipe_size = 1 << 20;
// After a signal, a stage in the middle of a pipeline continues for a moment: a terminal sends the same
// signal to the stages before it, and their last messages (the end of their streams) should pass through.
constexpr WallMs grace_ms = 1000;

class PipeSource {
 public:
  PipeSource(Session& session, int fd, bool pass, std::string stream)
      : session_(session),
        fd_(fd),
        pass_(pass),
        stream_(std::move(stream)),
        reader_(session.flv(), session.options().stream, stream_) {
    ::fcntl(fd_, F_SETPIPE_SZ, pipe_size);  // fails unless it is a pipe
    if (pass_) ::fcntl(STDOUT_FILENO, F_SETPIPE_SZ, pipe_size);
  }

  Result<void> run() {
    while (wants_more()) {
      auto ready = wait();
      if (!ready) return std::move(ready).error();
      if (!*ready) continue;
      const auto room = reader_.prepare();
      const ssize_t size = ::read(fd_, room.data(), room.size());
      if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (size < 0) return system_error("cannot read", errno);
      if (size == 0) return finish();
      const Bytes got(room.data(), static_cast<std::size_t>(size));
      if (std::exchange(at_begin_, false) && !pass_ && codec::is_annex_b(got))
        return read_ffmpeg(session_, fd_, {got.begin(), got.end()}, stream_);
      if (auto taken = on_bytes(room.first(static_cast<std::size_t>(size))); !taken) return taken;
    }
    return failure_.ok() ? Result<void>{} : finish();
  }

 private:
  bool wants_more() {
    const bool more = session_.tick();
    if (!pass_) return more && failure_.ok();
    if (!session_.interrupted()) return true;
    if (!interrupted_at_) interrupted_at_ = session_.now();
    return session_.now() - *interrupted_at_ < grace_ms;
  }

  Result<bool> wait() const {
    pollfd input{fd_, POLLIN, 0};
    const int ready = ::poll(&input, 1, tick_ms);
    if (ready < 0 && errno != EINTR) return system_error("cannot read", errno);
    return ready > 0;
  }

  Result<void> on_bytes(std::span<const std::uint8_t> bytes) {
    if (pass_)
      if (auto passed = pass(bytes); !passed) return passed;
    session_.on_bytes(bytes.size());
    // Bytes are passed on even if their analysis fails.
    if (failure_.ok() && !(pass_ && session_.enough())) failure_ = reader_.commit(bytes.size());
    return {};
  }

  static Result<void> pass(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0 && errno == EAGAIN) {
        pollfd output{STDOUT_FILENO, POLLOUT, 0};
        ::poll(&output, 1, tick_ms);
        continue;
      }
      if (written < 0 && errno == EPIPE) return Error{Errc::closed, "the reader of our output went away"};
      if (written < 0) return system_error("cannot write the output", errno);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<void> finish() {
    if (!failure_.ok()) {
      [[maybe_unused]] const auto ended = reader_.finish();  // failure_ is more precise
      return std::move(failure_);
    }
    return session_.enough() ? Result<void>{} : reader_.finish();
  }

  Session& session_;
  const int fd_;
  const bool pass_;
  const std::string stream_;
  bool at_begin_ = true;
  pipe::PipeReader reader_;
  Result<void> failure_;
  std::optional<WallMs> interrupted_at_;
};

}  // namespace

Result<void> read_pipe(Session& session, int fd, bool pass, const std::string& stream) {
  return PipeSource(session, fd, pass, stream).run();
}

}  // namespace srs::probe

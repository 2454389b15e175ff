#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "sources.h"

namespace srs::probe {
namespace {

constexpr int pipe_size = 1 << 20;
constexpr int tick_ms = 100;
// After a signal a stage in the middle goes on for a moment: the stages before it get the same signal from
// a terminal, and what they still have to say (the end of their streams) should come through.
constexpr WallMs grace_ms = 1000;

class PipeSource {
 public:
  PipeSource(Session& session, int fd, bool pass)
      : session_(session), fd_(fd), pass_(pass), reader_(session.flv(), session.options().stream) {
    ::fcntl(fd_, F_SETPIPE_SZ, pipe_size);  // fails where it is no pipe
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
      if (auto taken = take(room.first(static_cast<std::size_t>(size))); !taken) return taken;
    }
    return failure_.ok() ? Result<void>{} : finish();
  }

 private:
  bool wants_more() {
    const bool more = session_.go_on();
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

  Result<void> take(std::span<const std::uint8_t> bytes) {
    if (pass_)
      if (auto passed = pass(bytes); !passed) return passed;
    session_.on_bytes(bytes.size());
    // What passes goes on, whatever we think of it.
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
      [[maybe_unused]] const auto ended = reader_.finish();  // the failure says it better
      return std::move(failure_);
    }
    return session_.enough() ? Result<void>{} : reader_.finish();
  }

  Session& session_;
  const int fd_;
  const bool pass_;
  media::PipeReader reader_;
  Result<void> failure_;
  std::optional<WallMs> interrupted_at_;
};

}  // namespace

Result<void> read_pipe(Session& session, int fd, bool pass) {
  return PipeSource(session, fd, pass).run();
}

}  // namespace srs::probe

#include "ffmpeg/pipe_io.h"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>

namespace srs::ffmpeg {
namespace {

constexpr int buffer_size = 64 << 10;
constexpr int poll_interval_ms = 100;

}  // namespace

bool PipeIo::is_pipe(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

Result<std::unique_ptr<PipeIo>> PipeIo::open(const std::string& path, const AVIOInterruptCB& interrupt) {
  // Without O_NONBLOCK this waits for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return system_error("cannot open " + path, errno);
  return std::unique_ptr<PipeIo>(new PipeIo(fd, interrupt));
}

PipeIo::PipeIo(int fd, const AVIOInterruptCB& interrupt) : fd_(fd), interrupt_(interrupt) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_size));
  context_ =
      buffer ? avio_alloc_context(buffer, buffer_size, 0, this, &PipeIo::read, nullptr, nullptr) : nullptr;
  if (!context_) throw std::bad_alloc();
}

PipeIo::~PipeIo() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
  ::close(fd_);
}

int PipeIo::read(void* self, std::uint8_t* to, int size) {
  const auto& pipe = *static_cast<const PipeIo*>(self);
  while (true) {
    if (pipe.interrupt_.callback(pipe.interrupt_.opaque)) return AVERROR_EXIT;
    // Before the first writer comes, poll() reports nothing; once the last one has gone, a hang-up.
    pollfd waiting{pipe.fd_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, poll_interval_ms);
    if (ready < 0 && errno != EINTR) return AVERROR(errno);
    if (ready <= 0) continue;
    const auto got = ::read(pipe.fd_, to, static_cast<std::size_t>(size));
    if (got > 0) return static_cast<int>(got);
    if (got == 0) return AVERROR_EOF;
    if (errno != EAGAIN && errno != EINTR) return AVERROR(errno);
  }
}

}  // namespace srs::ffmpeg

// The thread of the PipeWriter: from its queue to the pipe.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "media/pipe_writer.h"

namespace srs::media {
namespace {

constexpr int pipe_size = 1 << 20;
constexpr std::size_t max_gathered = 512;  // below IOV_MAX

}  // namespace

// A pipe is made large, and non-blocking so that stopping never waits for its reader. Other
// descriptors (files, /dev/null) block as they are.
void PipeWriter::prepare_pipe() {
  struct stat status {};
  if (::fstat(fd_, &status) != 0 || !S_ISFIFO(status.st_mode)) return;
  ::fcntl(fd_, F_SETPIPE_SZ, pipe_size);
  restore_flags_ = ::fcntl(fd_, F_GETFL);
  ::fcntl(fd_, F_SETFL, restore_flags_ | O_NONBLOCK);
}

void PipeWriter::write_loop() {
  std::vector<Slice> batch;
  for (;;) {
    {
      Lock lock(mutex_);
      const auto has_work = [this] { return !queue_.empty() || stopping_ || finishing_ || failed_; };
      while (!has_work()) {
        if (!gate_waiting_) {
          wake_writer_.wait(lock);
        } else if (wake_writer_.wait_until(lock, gate_deadline_) == std::cv_status::timeout) {
          open_plain();
        }
      }
      if (stopping_ || failed_ || (queue_.empty() && finishing_)) return;
      batch.swap(queue_);
      writing_bytes_ = std::exchange(queued_bytes_, 0);
      ++batch_;
      writing_since_ = queue_since_;
    }
    auto written = write_batch(batch);
    batch.clear();
    Lock lock(mutex_);
    writing_bytes_ = 0;
    if (!written) fail(lock, std::move(written).error());
    wake_blocked_.notify_all();
  }
}

Result<void> PipeWriter::write_batch(std::vector<Slice>& batch) {
  iovec pieces[max_gathered];
  std::size_t first = 0;
  std::size_t skipped = 0;  // bytes of batch[first] that are written
  while (first < batch.size()) {
    std::size_t count = 0;
    for (; count < max_gathered && first + count < batch.size(); ++count)
      pieces[count] = {const_cast<std::uint8_t*>(batch[first + count].data()), batch[first + count].size()};
    pieces[0].iov_base = static_cast<std::uint8_t*>(pieces[0].iov_base) + skipped;
    pieces[0].iov_len -= skipped;
    const ssize_t written = ::writev(fd_, pieces, static_cast<int>(count));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      if (stopping_) return {};
      pollfd ready{fd_, POLLOUT, 0};
      ::poll(&ready, 1, 100);
      continue;
    }
    if (written < 0 && errno == EPIPE) return Error{Errc::closed, "the reader of our output went away"};
    if (written < 0) return system_error("cannot write the output", errno);
    writing_bytes_ -= static_cast<std::size_t>(written);
    wake_blocked_.notify_all();
    std::size_t left = skipped + static_cast<std::size_t>(written);
    while (first < batch.size() && left >= batch[first].size()) left -= batch[first++].size();
    skipped = left;
  }
  return {};
}

void PipeWriter::fail(Lock& lock, Error error) {
  if (failed_) return;
  failed_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  wake_blocked_.notify_all();
  wake_writer_.notify_one();
  lock.unlock();
  on_failure_(std::move(error));
  lock.lock();
}

}  // namespace srs::media

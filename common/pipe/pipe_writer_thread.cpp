// From the queue of the PipeWriter to the pipe: by the thread that queued, or by the writer's own.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <span>
#include <utility>

#include "pipe/enlarge_pipe.h"
#include "pipe/pipe_writer.h"

namespace srs::pipe {
namespace {

constexpr std::size_t max_gathered = 512;  // below IOV_MAX

// writev(2) of the slices without their first `skipped` bytes, which are within the first slice; as many as
// fit into one call.
ssize_t write_gathered(int fd, std::span<const Slice> slices, std::size_t skipped = 0) {
  iovec pieces[max_gathered];
  const std::size_t count = std::min(slices.size(), max_gathered);
  for (std::size_t i = 0; i < count; ++i)
    pieces[i] = {const_cast<std::uint8_t*>(slices[i].data()), slices[i].size()};
  pieces[0].iov_base = static_cast<std::uint8_t*>(pieces[0].iov_base) + skipped;
  pieces[0].iov_len -= skipped;
  return ::writev(fd, pieces, static_cast<int>(count));
}

}  // namespace

// A pipe is made large, and non-blocking so that stopping never waits for its reader. Other descriptors
// (files, /dev/null) stay blocking.
void PipeWriter::prepare_pipe() {
  struct stat status {};
  if (::fstat(fd_, &status) != 0 || !S_ISFIFO(status.st_mode)) return;
  enlarge_pipe(fd_);
  restore_flags_ = ::fcntl(fd_, F_GETFL);
  ::fcntl(fd_, F_SETFL, restore_flags_ | O_NONBLOCK);
}

// Something was queued: it will be written.
void PipeWriter::wake() {
  const bool is_pipe = restore_flags_ >= 0;
  Loop* const loop = is_pipe ? own_loop() : nullptr;
  if (loop == nullptr) return wake_writer_.notify_one();
  if (std::exchange(write_posted_, true)) return;
  const auto write = [self = self_] {
    if (*self != nullptr) (*self)->write_now();
  };
  if (std::chrono::steady_clock::now() >= next_write_) return asio::post(loop->io, write);
  loop->gap.expires_at(next_write_);
  loop->gap.async_wait([write](const asio::error_code&) { write(); });
}

// That of the calling thread; null: none.
PipeWriter::Loop* PipeWriter::own_loop() {
  const auto found = std::find_if(loops_.begin(), loops_.end(), [](const Loop& loop) {
    return loop.io.get_executor().running_in_this_thread();
  });
  return found == loops_.end() ? nullptr : &*found;
}

// As much as the pipe takes. The thread writes the rest, and also reports what is wrong with the pipe.
void PipeWriter::write_now() {
  Lock lock(mutex_);
  write_posted_ = false;
  // The thread takes all that is queued before it waits.
  if (queue_.empty() || failed_ || stopping_ || writing_bytes_ > 0) return;
  next_write_ = std::chrono::steady_clock::now() + write_gap;
  const ssize_t written = write_gathered(fd_, queue_);
  if (written > 0) forget_written(static_cast<std::size_t>(written));
  if (!queue_.empty()) wake_writer_.notify_one();
  wake_blocked_.notify_all();
}

// Removes bytes from the front of the queue.
void PipeWriter::forget_written(std::size_t size) {
  queued_bytes_ -= size;
  std::size_t whole = 0;
  while (whole < queue_.size() && size >= queue_[whole].size()) size -= queue_[whole++].size();
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(whole));
  if (queue_.empty()) ++batch_;  // no stream has bytes waiting
  if (size > 0) queue_.front() = queue_.front().sub(size, queue_.front().size() - size);
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
  std::size_t first = 0;
  std::size_t skipped = 0;  // bytes of batch[first] that are written
  while (first < batch.size()) {
    const ssize_t written = write_gathered(fd_, std::span(batch).subspan(first), skipped);
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

}  // namespace srs::pipe

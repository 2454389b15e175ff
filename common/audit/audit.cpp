#include "audit/audit.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/block_signals.h"

namespace srs::audit {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t records_at_once = 256;
// At the end there is no time to wait for long.
constexpr std::chrono::milliseconds last_retry_time{50};
// How long after its deadline the thread may take to see it.
constexpr std::chrono::milliseconds join_time{200};

}  // namespace

class Audit::Queue {
 public:
  Queue(std::unique_ptr<Destination> destination, Writer writer, const cli::Log& log, Limits limits)
      : destination_(std::move(destination)), writer_(std::move(writer)), limits_(limits), log_(&log) {}

  void push(Event event);
  void reopen();
  std::uint64_t written() const { return written_; }
  std::uint64_t lost() const { return lost_; }

  // The thread.
  void run();
  // False: the thread hangs. It touches nothing that others own from now on.
  bool end();

 private:
  struct Waiting {
    Event event;
    std::chrono::system_clock::time_point time;
    std::size_t bytes = 0;
  };
  struct Taken {
    std::vector<Waiting> events;
    std::uint64_t lost = 0;
    bool reopens = false;
  };

  bool fill();
  Taken take();
  void format(Taken taken);
  void write_some();
  void wait_for_retry();
  bool give_up_if_late();
  void reopen_now();
  void finish();
  template <class... Args>
  void log_error(const char* cause, fmt::format_string<Args...> text, Args&&... args);

  // The thread's.
  const std::unique_ptr<Destination> destination_;
  const Writer writer_;
  const Limits limits_;
  std::vector<Record> records_;
  std::size_t done_ = 0;  // of records_

  std::mutex mutex_;
  std::condition_variable changed_, ended_;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t untold_ = 0;  // lost, and not yet written that they are
  bool reopens_ = false;
  bool has_ended_ = false;
  std::optional<Steady::time_point> deadline_{};  // once the end has begun

  std::atomic<std::uint64_t> written_ = 0, lost_ = 0;
  std::mutex log_mutex_;
  const cli::Log* log_;  // null once its owner has left
};

void Audit::Queue::push(Event event) {
  limit_texts(event);
  const std::size_t bytes = size_of(event);
  const auto now = std::chrono::system_clock::now();
  const std::lock_guard lock(mutex_);
  if (waiting_bytes_ + bytes > limits_.queue_bytes) {
    ++lost_;
    if (++untold_ == 1) changed_.notify_one();
    return;
  }
  waiting_bytes_ += bytes;
  waiting_.push_back({std::move(event), now, bytes});
  if (waiting_.size() == 1) changed_.notify_one();
}

void Audit::Queue::reopen() {
  const std::lock_guard lock(mutex_);
  reopens_ = true;
  changed_.notify_one();
}

void Audit::Queue::run() {
  while (fill()) write_some();
  finish();
}

// Waits for something to write. False: all is written, and nothing more comes.
bool Audit::Queue::fill() {
  Taken taken = take();
  if (taken.reopens) reopen_now();
  const bool goes_on = taken.reopens || taken.lost > 0 || !taken.events.empty() || done_ < records_.size();
  if (done_ == records_.size()) format(std::move(taken));
  return goes_on;
}

Audit::Queue::Taken Audit::Queue::take() {
  Taken taken;
  std::unique_lock lock(mutex_);
  if (done_ == records_.size())
    changed_.wait(lock, [&] { return deadline_ || reopens_ || !waiting_.empty() || untold_ > 0; });
  taken.reopens = std::exchange(reopens_, false);
  if (done_ < records_.size()) return taken;
  while (!waiting_.empty() && taken.events.size() < records_at_once) {
    waiting_bytes_ -= waiting_.front().bytes;
    taken.events.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  taken.lost = std::exchange(untold_, 0);
  return taken;
}

// What was lost found the queue full: it is told behind what was in it.
void Audit::Queue::format(Taken taken) {
  records_.clear();
  done_ = 0;
  if (taken.lost > 0) {
    Event event{.kind = Kind::limit, .reason = fmt::format("audit: {} events lost", taken.lost)};
    taken.events.push_back({std::move(event), std::chrono::system_clock::now()});
    log_error("audit lost", "audit: {} events lost: {} is too slow", taken.lost, destination_->name());
  }
  for (Waiting& waiting : taken.events) {
    std::string line = line_of(waiting.event, waiting.time, writer_);
    records_.push_back({std::move(waiting.event), waiting.time, std::move(line)});
  }
}

void Audit::Queue::write_some() {
  if (done_ == records_.size() || give_up_if_late()) return;
  const auto outcome = destination_->write(std::span(records_).subspan(done_));
  done_ += outcome.written;
  written_ += outcome.written;
  if (outcome.written > 0 || !outcome.error) return;
  log_error("audit", "audit: {}; events wait, {} are lost so far", outcome.error->message, lost_.load());
  wait_for_retry();
}

void Audit::Queue::wait_for_retry() {
  std::unique_lock lock(mutex_);
  const bool ending = deadline_.has_value();
  changed_.wait_for(lock, ending ? last_retry_time : limits_.retry_time,
                    [&] { return reopens_ || deadline_.has_value() != ending; });
}

bool Audit::Queue::give_up_if_late() {
  std::unique_lock lock(mutex_);
  if (!deadline_ || Steady::now() < *deadline_) return false;
  const std::size_t left = records_.size() - done_ + waiting_.size();
  lost_ += left;
  done_ = records_.size();
  waiting_.clear();
  lock.unlock();
  log_error("audit end", "audit: the last {} events are lost: {} is too slow", left, destination_->name());
  return true;
}

void Audit::Queue::reopen_now() {
  if (auto opened = destination_->reopen(); !opened)
    log_error("audit", "audit: {}: it stays as it was", opened.error().message);
}

void Audit::Queue::finish() {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  ended_.notify_one();
}

bool Audit::Queue::end() {
  std::unique_lock lock(mutex_);
  deadline_ = Steady::now() + limits_.end_time;
  changed_.notify_one();
  if (ended_.wait_until(lock, *deadline_ + join_time, [&] { return has_ended_; })) return true;
  lock.unlock();
  const std::lock_guard guard(log_mutex_);
  log_->error("audit: {} hangs: its last events are lost", destination_->name());
  log_ = nullptr;
  return false;
}

template <class... Args>
void Audit::Queue::log_error(const char* cause, fmt::format_string<Args...> text, Args&&... args) {
  const std::lock_guard lock(log_mutex_);
  if (log_ != nullptr) log_->error_by({cause}, text, std::forward<Args>(args)...);
}

Result<std::unique_ptr<Audit>> Audit::open(const AuditOptions& options, Writer writer, const cli::Log& log) {
  if (options.destination.empty()) return std::unique_ptr<Audit>();
  auto destination = open_destination(options.destination, writer);
  if (!destination) return std::move(destination).error().in("--audit");
  return std::make_unique<Audit>(*std::move(destination), std::move(writer), log);
}

Audit::Audit(std::unique_ptr<Destination> destination, Writer writer, const cli::Log& log, Limits limits)
    : queue_(std::make_shared<Queue>(std::move(destination), std::move(writer), log, limits)) {
  const sigset_t before = block_signals();
  thread_ = std::thread([queue = queue_] { queue->run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Audit::~Audit() {
  queue_->end() ? thread_.join() : thread_.detach();
}

void Audit::write(Event event) {
  queue_->push(std::move(event));
}

void Audit::reopen() {
  queue_->reopen();
}

std::uint64_t Audit::written() const {
  return queue_->written();
}

std::uint64_t Audit::lost() const {
  return queue_->lost();
}

}  // namespace srs::audit

#include "srs-relay/workers/worker.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "core/block_signals.h"

namespace srs::relay {
namespace {

// Sends in a row, before players that join, ask something or have room again get their turn.
constexpr std::size_t sends_in_a_row = 64;

// So many players of a stream are no burden for the thread that reads it.
constexpr std::size_t few_players = 16;

// How long connections may take to close after the worker's loop has ended.
constexpr std::chrono::seconds last_writes_time{2};

int open_event() {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Worker::Worker(std::size_t number, const Clock& clock, Options options)
    : number_(number),
      clock_(clock),
      options_(options),
      rounds_(io_, options.rests),
      work_(io_.get_executor()),
      wake_event_(io_, open_event()),
      stall_timer_(io_, clock) {}

Worker::~Worker() {
  shut_down();
}

void Worker::shut_down() {
  if (thread_.joinable()) {
    stop();
    thread_.join();
  }
  // Streams of other threads may have ended since: each holds itself while it is in the list.
  woken_.pop_all([](const std::shared_ptr<Stream>&, Audience&) {});
  io_.destroy_handlers();
}

void Worker::start(std::function<void(const std::string& what)> on_failed) {
  on_failed_ = std::move(on_failed);
  thread_ = std::thread([this] { run(); });
}

void Worker::run() {
  block_signals();
  try {
    begin();
    rounds_.run();
    close();
  } catch (const std::exception& error) {
    on_failed_(error.what());
  }
  stopped_ = true;
}

void Worker::begin() {
  wait_for_wake();
  watch_stalls();
}

void Worker::stop() {
  io_.stop();
}

void Worker::close() {
  work_.reset();
  stall_timer_.cancel();
  rounds_.release();
  wake_event_.cancel();
  woken_.pop_all([](const std::shared_ptr<Stream>&, Audience&) {});
  due_.clear();
  for (const auto& protocol : protocols_) protocol->close();
  for (const auto& stream : served_) stream->audience(number_).drop_all();
  io_.restart();
  io_.run_for(last_writes_time);
}

void Worker::wake(std::shared_ptr<Stream> stream, Audience& audience) {
  if (!woken_.add(std::move(stream), audience)) return;
  // Behind the other streams whose sources have been read in this turn.
  if (io_.get_executor().running_in_this_thread()) return asio::post(io_, [this] { serve_woken(); });
  const std::uint64_t one = 1;
  // If the counter is full, the worker has been woken already.
  [[maybe_unused]] const auto written = ::write(wake_event_.native_handle(), &one, sizeof one);
}

void Worker::wait_for_wake() {
  wake_event_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const asio::error_code& error) {
    if (error) return;
    std::uint64_t rung = 0;
    [[maybe_unused]] const auto size = ::read(wake_event_.native_handle(), &rung, sizeof rung);
    serve_woken();
    wait_for_wake();
  });
}

void Worker::serve_woken() {
  woken_.pop_all([this](const std::shared_ptr<Stream>& stream, Audience& audience) {
    if (stream->ended()) return audience.finish(stream->cut_short());
    const bool was_due = audience.is_due();
    audience.on_woken();
    if (!was_due && audience.is_due()) due_.push_back(stream);
  });
  if (!serving_) serve_some();
}

void Worker::serve_some() {
  serving_ = false;
  std::size_t left = sends_in_a_row;
  while (left > 0 && !due_.empty()) {
    Audience& audience = due_.front()->audience(number_);
    left -= audience.send_some(left);
    if (!audience.is_due()) due_.pop_front();
  }
  if (due_.empty()) return;
  serving_ = true;
  asio::post(io_, [this] { serve_some(); });
}

Worker& Worker::server_of(const Stream& stream) {
  if (siblings_ == nullptr || stream.players() >= few_players) return *this;
  const auto home = std::find_if(siblings_->begin(), siblings_->end(),
                                 [&](const auto& worker) { return &worker->io() == &stream.io(); });
  return home == siblings_->end() ? *this : **home;
}

void Worker::drain() {
  draining_ = true;
  for (const auto& stream : served_) stream->audience(number_).ask_to_leave();
}

std::size_t Worker::connections() const {
  std::size_t count = players_;
  for (const auto& protocol : protocols_) count += protocol->connections();
  return count;
}

std::optional<FoundStream> Worker::known(const std::string& path, const log::WireEncoder& encoder) const {
  const auto held = by_path_.find(path);
  if (held == by_path_.end() || held->second->ended()) return std::nullopt;
  return held->second->audience(number_).known(held->second, encoder);
}

Fanout& Worker::join(const FoundStream& found, const LastBytes& last_bytes, std::shared_ptr<Player> player) {
  if (!player->is_push()) ++players_;
  served_.insert(found.stream);
  if (!found.stream->ended()) by_path_[found.stream->path()] = found.stream;
  Audience& audience = found.stream->audience(number_);
  Fanout& fanout = audience.fanout(found, last_bytes);
  audience.add(fanout, player);
  if (draining_) player->ask_to_leave(fanout.reader());
  // It may have ended since it was looked up.
  if (found.stream->ended()) fanout.finish(*player, found.stream->cut_short());
  return fanout;
}

void Worker::leave(const std::shared_ptr<Stream>& stream, Fanout& fanout, const Player& player) {
  if (!player.is_push()) --players_;
  Audience& audience = stream->audience(number_);
  audience.remove(fanout, player);
  if (!audience.empty()) return;
  served_.erase(stream);
  const auto newest = by_path_.find(stream->path());
  if (newest != by_path_.end() && newest->second == stream) by_path_.erase(newest);
}

std::vector<ClientInfo> Worker::clients() const {
  std::vector<ClientInfo> clients;
  for (const auto& stream : served_) stream->audience(number_).describe(clients);
  return clients;
}

std::vector<Audience::Figures> Worker::figures(const std::vector<std::shared_ptr<Stream>>& streams) const {
  std::vector<Audience::Figures> figures;
  for (const auto& stream : streams) figures.push_back(stream->audience(number_).figures());
  return figures;
}

bool Worker::kick(const std::string& id) {
  return std::any_of(served_.begin(), served_.end(),
                     [&](const auto& stream) { return stream->audience(number_).kick(id); });
}

void Worker::watch_stalls() {
  stall_timer_.expires_after(std::chrono::seconds(1));
  stall_timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    const auto now = clock_.steady();
    for (const auto& stream : served_) stream->audience(number_).drop_stalled(now, options_.stall_timeout);
    // Connections that were accepted last have had time to send a request.
    if (draining_ && ++seconds_drained_ == 2)
      for (const auto& protocol : protocols_) protocol->drain();
    watch_stalls();
  });
}

}  // namespace srs::relay

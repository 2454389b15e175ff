#include "worker.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "net/spawn.h"

namespace srs::relay {
namespace {

// Sends in one go; then others get their turn: players that join, ask something or have room again.
constexpr std::size_t sends_in_a_row = 64;

// After the end of a worker's loop its connections get this long to close.
constexpr std::chrono::seconds closing_time{2};

int open_bell() {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

http::ServerOptions http_options(const cli::Log& log) {
  http::ServerOptions options;
  options.complain = [&log](const std::string& what) { log.error("{}", what); };
  return options;
}

}  // namespace

Worker::Worker(std::size_t number, Options options, Hub& hub, const Formats& formats, const cli::Log& log)
    : number_(number),
      options_(options),
      log_(log),
      work_(io_.get_executor()),
      bell_(io_, open_bell()),
      stall_timer_(io_),
      rtmp_players_(*this, hub, formats, options.wait, options.budget, log),
      http_players_(*this, hub, formats, options.wait, log),
      http_server_([this](http::Request request) { return http_players_.answer(std::move(request)); },
                   http_options(log)) {}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  stop();
  thread_.join();
}

void Worker::start(std::function<void(const std::string& what)> on_failed) {
  on_failed_ = std::move(on_failed);
  thread_ = std::thread([this] { run(); });
}

void Worker::run() {
  try {
    wait_for_wake();
    watch_stalls();
    io_.run();
    close();
  } catch (const std::exception& error) {
    on_failed_(error.what());
  }
  stopped_ = true;
}

void Worker::stop() {
  io_.stop();
}

// Ends every connection, so that nothing outlives what it uses.
void Worker::close() {
  work_.reset();
  stall_timer_.cancel();
  bell_.cancel();
  woken_.take([](const std::shared_ptr<Stream>&, Audience&) {});
  due_.clear();
  rtmp_players_.close();
  http_server_.close();
  for (const auto& stream : served_) stream->audience(number_).drop_all();
  io_.restart();
  io_.run_for(closing_time);
}

void Worker::wake(std::shared_ptr<Stream> stream, Audience& audience) {
  if (!woken_.add(std::move(stream), audience)) return;
  const std::uint64_t one = 1;
  // A counter that is full has rung already.
  [[maybe_unused]] const auto written = ::write(bell_.native_handle(), &one, sizeof one);
}

void Worker::wait_for_wake() {
  bell_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const asio::error_code& error) {
    if (error) return;
    std::uint64_t rung = 0;
    [[maybe_unused]] const auto size = ::read(bell_.native_handle(), &rung, sizeof rung);
    take_woken();
    wait_for_wake();
  });
}

void Worker::take_woken() {
  woken_.take([this](const std::shared_ptr<Stream>& stream, Audience& audience) {
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

void Worker::drain() {
  draining_ = true;
  const Slice& request = rtmp_players_.reconnect_request();
  for (const auto& stream : served_) stream->audience(number_).ask_to_leave(request);
}

std::size_t Worker::connections() const {
  return players_ + rtmp_players_.connections() + http_server_.connections();
}

void Worker::serve_rtmp(asio::ip::tcp::socket socket, net::Ticket ticket) {
  net::spawn(io_.get_executor(), rtmp_players_.serve(std::move(socket), std::move(ticket)), "RTMP session",
             log_);
}

std::optional<Hub::Found> Worker::known(const std::string& path, const media::WireEncoder& encoder) const {
  const auto held = by_path_.find(path);
  if (held == by_path_.end() || held->second->ended()) return std::nullopt;
  return held->second->audience(number_).known(held->second, encoder);
}

Fanout& Worker::join(const Hub::Found& found, const LastBytes& last_bytes, std::shared_ptr<Player> player) {
  if (!player->is_push()) ++players_;
  served_.insert(found.stream);
  by_path_[found.stream->path()] = found.stream;
  Audience& audience = found.stream->audience(number_);
  Fanout& fanout = audience.fanout(found, last_bytes);
  audience.add(fanout, player);
  if (draining_) player->ask_to_leave(fanout.reader(), rtmp_players_.reconnect_request());
  // It may have ended while the player was on its way here.
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
    const auto now = Player::Clock::now();
    for (const auto& stream : served_) stream->audience(number_).drop_stalled(now, options_.stall_timeout);
    // Those that were accepted last have had time to ask for something.
    if (draining_ && ++seconds_drained_ == 2) http_server_.drain();
    watch_stalls();
  });
}

}  // namespace srs::relay

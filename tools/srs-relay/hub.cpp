#include "hub.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

namespace srs::relay {

Hub::Hub(asio::io_context& io, Options options, media::PipeWriter* pass, const cli::Log& log)
    : io_(io), options_(options), pass_(pass), log_(log), stall_timer_(io) {
  watch_stalls();
}

std::shared_ptr<Hub::Published> Hub::begin(const media::StreamInfo& info, bool is_plain) {
  if (streams_.contains(info.path)) return nullptr;
  auto published = std::make_shared<Published>();
  published->stream = std::make_shared<Stream>(io_, info, options_.limits);
  published->stream->on_ready = [this, path = info.path] { wake(path); };
  if (pass_ && is_plain) pass_->use_plain_mode();
  if (pass_) published->pass_channel = pass_->begin(info, media::OnFull::drop_gop);
  streams_.emplace(info.path, published);
  log_.info("{}: begins{}", info.path, info.origin.empty() ? "" : " (" + info.origin + ")");
  return published;
}

void Hub::append(Published& published, media::Message message) {
  if (pass_) pass_->write(published.pass_channel, message);
  if (message.kind != media::MessageKind::annotation) published.stream->append(std::move(message));
}

void Hub::end(Published& published, media::EndReason reason) {
  if (pass_ && reason == media::EndReason::ended) pass_->end(published.pass_channel);
  const auto stream = published.stream;
  log_.info("{}: {}, {} players", stream->path(), reason == media::EndReason::ended ? "ended" : "lost",
            stream->players());
  streams_.erase(stream->path());
  std::erase_if(ended_, [](const auto& held) { return held.expired(); });
  ended_.push_back(stream);
  stream->end();
}

asio::awaitable<std::shared_ptr<Stream>> Hub::find(std::string path, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto found = streams_.find(path);
    if (found != streams_.end() && found->second->stream->ready()) co_return found->second->stream;
    if (stopped_ || std::chrono::steady_clock::now() >= deadline) co_return nullptr;
    waiters_.push_back({path, asio::steady_timer(io_, deadline)});
    const auto waiter = std::prev(waiters_.end());
    // A waiter that is cancelled with its connection leaves the list too.
    const auto leave = [this, waiter](void*) { waiters_.erase(waiter); };
    const std::unique_ptr<void, decltype(leave)> listed(this, leave);
    asio::error_code error;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

void Hub::wake(const std::string& path) {
  for (Waiter& waiter : waiters_)
    if (waiter.path == path) waiter.timer.cancel();
}

void Hub::end_all() {
  while (!streams_.empty()) end(*streams_.begin()->second, media::EndReason::ended);
}

std::size_t Hub::players() const {
  std::size_t count = 0;
  for (const auto& [path, published] : streams_) count += published->stream->players();
  for (const auto& held : ended_)
    if (const auto stream = held.lock()) count += stream->players();
  return count;
}

void Hub::watch_stalls() {
  stall_timer_.expires_after(std::chrono::seconds(1));
  stall_timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    const auto now = Player::Clock::now();
    for (const auto& [path, published] : streams_)
      published->stream->drop_stalled(now, options_.stall_timeout);
    for (const auto& held : ended_)
      if (const auto stream = held.lock()) stream->drop_stalled(now, options_.stall_timeout);
    watch_stalls();
  });
}

void Hub::drop_players() {
  for (const auto& held : ended_)
    if (const auto stream = held.lock()) stream->drop_players();
}

void Hub::stop() {
  stopped_ = true;
  stall_timer_.cancel();
  for (Waiter& waiter : waiters_) waiter.timer.cancel();
}

}  // namespace srs::relay

#include "srs-relay/origins/successor.h"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

namespace srs::relay {
namespace {

// Messages that an origin may send before its first frame.
constexpr std::size_t most_before_frame = 64;

}  // namespace

Successor::Successor(Pulls& pulls, PullQuestion question, OriginPtr than)
    : pulls_(pulls),
      question_(std::move(question)),
      than_(std::move(than)),
      finished_(pulls.io(), asio::steady_timer::time_point::max()) {}

asio::awaitable<void> Successor::run(std::shared_ptr<Successor> successor) {
  co_await successor->run();
}

asio::awaitable<void> Successor::run() {
  std::vector<OriginPtr> origins = co_await pulls_.origins_of(question_.path);
  std::erase(origins, than_);
  origins.push_back(than_);
  for (const OriginPtr& origin : origins) {
    if (cancelled_) break;
    if (!origin->healthy()) continue;
    auto opened = co_await open_source(pulls_, question_, origin, &connection_);
    if (!opened || cancelled_) continue;
    std::unique_ptr<PullSource> source = *std::move(opened);
    if (!co_await read_first(*source) || cancelled_) continue;
    source_ = std::move(source);
    break;
  }
  done_ = true;
  finished_.cancel();
}

// True once there was a frame.
asio::awaitable<bool> Successor::read_first(PullSource& source) {
  first_.clear();
  const auto deadline = pulls_.clock().steady() + pulls_.options().timeout;
  while (first_.size() < most_before_frame && !cancelled_) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - pulls_.clock().steady());
    connection_ = source.connection.get();
    auto message = co_await source.connection->read(std::max(left, std::chrono::milliseconds(0)));
    connection_ = nullptr;
    if (!message || !*message) break;
    first_.push_back(**std::move(message));
    const media::Message& newest = first_.back();
    if (!newest.is_header() && (newest.is_audio() || newest.is_video())) co_return true;
  }
  co_return false;
}

void Successor::cancel() {
  cancelled_ = true;
  source_.reset();
  if (connection_ != nullptr) connection_->cancel();
}

asio::awaitable<void> Successor::wait() {
  asio::error_code cancelled;
  while (!done_) co_await finished_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

std::unique_ptr<PullSource> Successor::pop(std::vector<media::Message>& first) {
  first = std::move(first_);
  return std::move(source_);
}

}  // namespace srs::relay

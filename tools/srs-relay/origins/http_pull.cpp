#include <fmt/format.h>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cstring>
#include <deque>

#include "pipe/pipe_reader.h"
#include "srs-relay/origins/pull_connection.h"
#include "srs-relay/origins/pull_query.h"
#include "srs-relay/streams/via_fields.h"

namespace srs::relay {
namespace {

using SteadyClock = std::chrono::steady_clock;

// The transfer pauses while so much is queued, and resumes at half of it.
constexpr std::size_t max_waiting_bytes = 4u << 20;
constexpr std::size_t message_overhead = 128;

class HttpPull : public PullConnection, private pipe::PipeSink {
 public:
  HttpPull(asio::io_context& io, http::Client& http, PullTarget target)
      : http_(http), target_(std::move(target)), reader_(*this, "stream"), come_(io) {}

  asio::awaitable<Result<void>> open(std::chrono::milliseconds timeout) override {
    start(timeout);
    const auto deadline = SteadyClock::now() + timeout;
    while (!head_come_ && !result_ && SteadyClock::now() < deadline) co_await wait_until(deadline);
    if (result_ && !*result_) co_return std::move(*result_).error();
    if (!head_come_) co_return Error{Errc::timed_out, "no answer"};
    co_return Result<void>();
  }

  asio::awaitable<Result<std::optional<media::Message>>> read(std::chrono::milliseconds timeout) override {
    const auto deadline = SteadyClock::now() + timeout;
    for (;;) {
      if (!messages_.empty()) {
        media::Message message = std::move(messages_.front());
        messages_.pop_front();
        waiting_bytes_ -= message.payload.size() + message_overhead;
        if (transfer_ && waiting_bytes_ <= max_waiting_bytes / 2) http_.resume(*transfer_);
        co_return std::optional(std::move(message));
      }
      if (ended_) co_return std::optional<media::Message>();
      if (result_ && !*result_) co_return std::move(*result_).error();
      if (result_) co_return Error{Errc::closed, "the origin closed the connection"};
      if (SteadyClock::now() >= deadline) co_return Error{Errc::timed_out, "the origin sent nothing in time"};
      co_await wait_until(deadline);
    }
  }

  void cancel() override {
    transfer_.reset();
    if (!result_) result_ = Error{Errc::closed, "interrupted"};
    come_.cancel();
  }

 private:
  void start(std::chrono::milliseconds timeout) {
    http::ClientRequest request;
    net::Url url = target_.url;
    url.query = escape_query(url.query);
    request.url = url.text();
    request.connect_to = target_.connect_to;
    request.connect_time = timeout;
    if (!target_.via.empty())
      request.headers.push_back(fmt::format("{}: {}", via_field, via_to_field(target_.via)));
    http::ClientHandlers handlers;
    handlers.on_head = [this](int status, const http::Headers& headers) {
      if (status >= 300) return;  // on_done says what it means
      via_ = via_from_field(headers.value(via_field));
      timeline_ = headers.value(timeline_field);
      head_come_ = true;
      come_.cancel();
    };
    handlers.on_bytes = [this](Bytes bytes) { return on_bytes(bytes); };
    handlers.on_done = [this](Result<void> result) {
      if (!result_) result_ = std::move(result);
      come_.cancel();
    };
    transfer_ = http_.get(std::move(request), std::move(handlers));
  }

  // Called by libcurl: only queues.
  bool on_bytes(Bytes bytes) {
    while (!bytes.empty()) {
      const auto room = reader_.prepare();
      const std::size_t part = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), part);
      bytes = bytes.subspan(part);
      if (auto taken = reader_.commit(part); !taken) {
        result_ = std::move(taken).error();
        come_.cancel();
        return false;
      }
    }
    if (!messages_.empty() || ended_) come_.cancel();
    if (transfer_ && waiting_bytes_ > max_waiting_bytes) http_.pause(*transfer_);
    return true;
  }

  asio::awaitable<void> wait_until(SteadyClock::time_point deadline) {
    come_.expires_at(deadline);
    asio::error_code cancelled;
    co_await come_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }

  void on_begin(pipe::ChannelId channel, const media::StreamInfo&) override {
    if (!channel_) channel_ = channel;
  }
  void on_message(pipe::ChannelId channel, media::Message message) override {
    if (channel != channel_ || ended_) return;
    waiting_bytes_ += message.payload.size() + message_overhead;
    messages_.push_back(std::move(message));
  }
  void on_end(pipe::ChannelId channel, media::EndReason reason) override {
    if (channel == channel_ && reason == media::EndReason::ended) ended_ = true;
  }

  http::Client& http_;
  PullTarget target_;
  pipe::PipeReader reader_;
  asio::steady_timer come_;  // cancelled when something is there
  std::deque<media::Message> messages_;
  std::size_t waiting_bytes_ = 0;  // of messages_
  std::optional<pipe::ChannelId> channel_;
  std::optional<Result<void>> result_;
  bool head_come_ = false;
  bool ended_ = false;
  http::TransferPtr transfer_;
};

}  // namespace

std::unique_ptr<PullConnection> make_http_pull(asio::io_context& io, http::Client& http, PullTarget target) {
  return std::make_unique<HttpPull>(io, http, std::move(target));
}

}  // namespace srs::relay

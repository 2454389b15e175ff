#include "rtmp/client_session.h"
#include "srs-relay/origins/pull_connection.h"

namespace srs::relay {
namespace {

class RtmpPull : public PullConnection {
 public:
  explicit RtmpPull(PullTarget target) : target_(std::move(target)) {}

  asio::awaitable<Result<void>> open(std::chrono::milliseconds timeout) override {
    rtmp::ConnectOptions options;
    options.connect_to = target_.connect_to;
    options.via = target_.via;
    options.budget = target_.budget;
    options.tls = target_.tls;
    auto session = co_await rtmp::open_player(target_.url, timeout, options);
    if (!session) co_return std::move(session).error();
    session_.emplace(*std::move(session));
    if (cancelled_) co_return Error{Errc::closed, "interrupted"};
    via_ = session_->via();
    timeline_ = session_->timeline();
    co_return Result<void>();
  }

  asio::awaitable<Result<std::optional<media::Message>>> read(std::chrono::milliseconds timeout) override {
    auto message = co_await session_->read_media(timeout);
    if (!message) co_return std::move(message).error();
    if (!*message) co_return std::optional<media::Message>();
    rtmp::MediaMessage& media = **message;
    co_return std::optional(media::make_message(media.type, media.timestamp_ms, std::move(media.payload)));
  }

  void cancel() override {
    cancelled_ = true;
    if (session_) session_->socket().close();
  }

  bool asks_to_leave() const override { return session_ && session_->reconnect_request().has_value(); }

 private:
  PullTarget target_;
  std::optional<rtmp::ClientSession> session_;
  bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<PullConnection> make_rtmp_pull(asio::io_context&, http::Client&, PullTarget target) {
  return std::make_unique<RtmpPull>(std::move(target));
}

}  // namespace srs::relay

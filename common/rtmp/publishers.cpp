#include "rtmp/publishers.h"

#include <fmt/format.h>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "media/stream_path.h"
#include "rtmp/admit.h"

namespace srs::rtmp {
namespace {

// A publisher that is silent for this long counts as lost, even if its connection is up.
constexpr std::chrono::seconds lost_after{30};

class RtmpPublisher : public live::Publisher {
 public:
  explicit RtmpPublisher(std::shared_ptr<ServerSession> session) : session_(std::move(session)) {}

  void cut_off(CutOff cause, const std::string& why) override {
    session_->cut_off(cause == CutOff::by_operator ? "NetStream.Publish.Denied" : "NetStream.Publish.BadName",
                      why);
  }
  void ask_to_reconnect() override {
    if (session_->can_reconnect()) session_->ask_to_reconnect();
  }

 private:
  const std::shared_ptr<ServerSession> session_;
};

live::PublishRequest publish_request(const Request& request) {
  return {request.encrypted ? "rtmps" : "rtmp",
          request.path,
          request.remote_address,
          request.flash_version,
          request.via,
          request.timeline};
}

}  // namespace

asio::awaitable<void> Publishers::serve(net::Socket socket, net::Ticket ticket) {
  auto session = std::make_shared<ServerSession>(std::move(socket), budget_, std::move(ticket));
  // Listed from the start, so that stop() reaches a connection that is still shaking hands.
  const ListedSession listed(sessions_, session);
  auto request = co_await session->accept();
  if (!request) {
    const cli::Cause cause{"bad RTMP peer", session->remote_address()};
    const bool is_news = request.error().code != Errc::closed;
    if (is_news) log_.warning_by(cause, "{}: {}", session->remote_address(), request.error().message);
    co_return;
  }
  if (request->kind == Request::play) {
    log_.info_by({"player refused", request->remote_address}, "{}: {} wants to play: refused",
                 cli::peer_text(request->path), request->remote_address);
    co_await session->refuse("NetStream.Play.StreamNotFound",
                             "This port only takes publishers: play from srs-relay.");
    co_return;
  }
  auto path = media::parse_stream_path(request->path);
  if (!path) {
    log_.warning_by({"bad stream name", request->remote_address}, "{}: {}", request->remote_address,
                    path.error().message);
    co_await session->refuse("NetStream.Publish.BadName", path.error().message);
    co_return;
  }
  request->path = *path;
  const bool admitted = co_await admit(gate_, *session, *request);
  if (admitted) co_await serve(session, *request);
}

asio::awaitable<void> Publishers::serve(std::shared_ptr<ServerSession> session, Request request) {
  const ListedSession listed(sessions_, session);
  auto feed = publications_.enter(publish_request(request), std::make_shared<RtmpPublisher>(session));
  if (feed) {
    gate::Right right =
        gate_.hold(question_of(request), client_of(request), request.grant,
                   session->socket().tcp().get_executor(), [this, session, request](const std::string& why) {
                     log_.warning("{}: publisher {} cut off: {}", request.path, request.remote_address, why);
                     session->cut_off("NetStream.Publish.Denied", "the right to publish has ended");
                   });
    auto why = co_await read_media(session, *std::move(feed));
    right.note_end(session->received_bytes(), std::move(why));
    co_return;
  }
  co_await refuse(session, request, feed.error().message);
}

asio::awaitable<void> Publishers::refuse(std::shared_ptr<ServerSession> session, Request request,
                                         std::string why) {
  const ListedSession listed(sessions_, session);
  log_.warning_by({"refused publisher", request.remote_address}, "{}: publisher {} refused: {}", request.path,
                  request.remote_address, why);
  co_await session->refuse("NetStream.Publish.BadName", why);
}

asio::awaitable<void> Publishers::hold_back(ServerSession& session, std::chrono::milliseconds time) {
  log_.warning_by(
      {"publisher too fast", session.remote_address()},
      "{} publishes faster than it may (--max-publisher-rate, --max-publisher-messages): it is read later",
      session.remote_address());
  asio::error_code ignored;
  asio::steady_timer pause(session.socket().tcp().get_executor(), time);
  co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<std::string> Publishers::read_media(std::shared_ptr<ServerSession> session,
                                                    std::unique_ptr<live::Publications::Feed> feed) {
  session->set_pacer(pacer_);
  auto started = co_await session->start_publish();
  if (started && publications_.draining() && session->can_reconnect()) session->ask_to_reconnect();
  live::PublisherRate rate(publications_.rate_limits());
  std::string why = started ? "" : started.error().message;
  while (why.empty()) {
    auto message = co_await session->read_media(lost_after);
    if (!feed->is_current()) co_return "it was replaced";
    if (session->left_out() > 0) feed->report_left_out();
    if (!message) {
      why = message.error().message;
    } else if (!*message) {
      why = "it stopped publishing";
    } else {
      MediaMessage received = **std::move(message);
      const auto wait = rate.count(received.payload.size(), system_clock().steady_coarse());
      feed->push(received.type, received.timestamp_ms, std::move(received.payload));
      if (wait.count() > 0) co_await hold_back(*session, wait);
      if (publications_.full()) co_await publications_.wait_for_room();
    }
  }
  feed->leave(why);
  co_await session->linger();
  co_return why;
}

void Publishers::stop() {
  sessions_.for_each([](ServerSession& session) { session.socket().close(); });
}

}  // namespace srs::rtmp

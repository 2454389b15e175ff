#include "rtmp_players.h"

#include <fmt/format.h>

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "media/stream_path.h"

namespace srs::relay {
namespace {

using asio::ip::tcp;

// After the last byte a player gets this long to close, then we do.
constexpr std::chrono::seconds closing_time{2};

// Shuts the socket when a player is done for: its coroutine then ends.
void end_soon(tcp::socket& socket, const std::weak_ptr<rtmp::ServerSession>& session, bool finished) {
  asio::error_code ignored;
  if (!finished) {
    socket.cancel(ignored);
    return;
  }
  auto timer = std::make_shared<asio::steady_timer>(socket.get_executor(), closing_time);
  timer->async_wait([session, timer](const asio::error_code&) {
    asio::error_code ignored_too;
    if (const auto held = session.lock()) held->socket().cancel(ignored_too);
  });
}

}  // namespace

asio::awaitable<void> RtmpPlayers::serve(tcp::socket socket) {
  auto session = std::make_shared<rtmp::ServerSession>(std::move(socket));
  sessions_[session.get()] = session;
  co_await serve_session(session);
  sessions_.erase(session.get());
}

void RtmpPlayers::close() {
  for (const auto& [address, held] : sessions_) {
    asio::error_code ignored;
    if (const auto session = held.lock()) session->socket().cancel(ignored);
  }
}

asio::awaitable<void> RtmpPlayers::serve_session(std::shared_ptr<rtmp::ServerSession> session) {
  auto request = co_await session->accept();
  if (!request) {
    // Port scans and health checks say nothing at all; that is no news.
    if (request.error().code == Errc::closed) {
      log_.debug("{}: {}", session->remote_address(), request.error().message);
    } else {
      log_.warning("{}: {}", session->remote_address(), request.error().message);
    }
    co_return;
  }
  auto path = media::parse_stream_path(request->path);
  if (!path) {
    log_.warning("{}: {}", request->remote_address, path.error().message);
    const bool plays = request->kind == rtmp::Request::play;
    co_await session->refuse(plays ? "NetStream.Play.StreamNotFound" : "NetStream.Publish.BadName",
                             path.error().message);
    co_return;
  }
  request->path = *path;
  if (request->kind == rtmp::Request::play) {
    co_await serve_player(session, *request);
  } else if (serve_publisher) {
    co_await serve_publisher(session, *request);
  } else {
    log_.warning("{}: {} wants to publish here: refused (publish to srs-ingest, or use --accept-publish)",
                 *path, request->remote_address);
    co_await session->refuse("NetStream.Publish.Denied", "This port only plays: publish to srs-ingest.");
  }
}

asio::awaitable<void> RtmpPlayers::serve_player(std::shared_ptr<rtmp::ServerSession> session,
                                                rtmp::Request request) {
  auto stream = co_await hub_.find(request.path, wait_);
  if (!stream) {
    log_.info("{}: {} asked for it over RTMP: no such stream", request.path, request.remote_address);
    co_await session->refuse("NetStream.Play.StreamNotFound",
                             fmt::format("{}: no such stream.", request.path));
    co_return;
  }
  auto started = co_await session->start_play();
  if (!started || stream->ended()) co_return;
  log_.debug("{}: {} plays over RTMP", request.path, request.remote_address);
  co_await play(session, stream, request.remote_address);
}

asio::awaitable<void> RtmpPlayers::play(std::shared_ptr<rtmp::ServerSession> session,
                                        std::shared_ptr<Stream> stream, std::string name) {
  Fanout& fanout = stream->fanout(wire_, Slice::copy_of(rtmp::ServerSession::play_end()));
  std::string why_gone;
  const auto on_gone = [&](const std::string& why) {
    why_gone = why;
    end_soon(session->socket(), session, why.empty());
  };
  const auto player = std::make_shared<Player>(session->socket(), name, on_gone);
  fanout.add(player);
  while (!player->gone() || player->finished()) {
    auto event = co_await session->read_player_event();
    if (!event) break;
    if (event->kind == rtmp::PlayerEvent::pause) player->pause(fanout.wire());
    if (event->kind == rtmp::PlayerEvent::resume) player->resume();
    if (!player->finished()) player->reply(fanout.wire(), Slice::copy_of(event->reply));
  }
  player->drop({});
  fanout.remove(*player);
  if (!why_gone.empty()) log_.info("{}: {} dropped: {}", stream->path(), name, why_gone);
  log_.debug("{}: {} leaves after {} bytes", stream->path(), name, player->counters().sent_bytes);
}

}  // namespace srs::relay

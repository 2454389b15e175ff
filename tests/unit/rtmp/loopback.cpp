#include "unit/rtmp/loopback.h"

asio::awaitable<srs::Result<srs::rtmp::PlayerEvent>> next_event(srs::rtmp::ServerSession& session) {
  for (;;) {
    session.begin_turn();
    auto event = session.poll_player_event();
    if (!event) co_return std::move(event).error();
    if (*event) co_return **std::move(event);
    if (session.has_more_input()) continue;
    co_await session.socket().tcp().async_wait(asio::ip::tcp::socket::wait_read, asio::use_awaitable);
  }
}

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "media/message.h"
#include "rtmp/client_session.h"
#include "srs-probe/sources/sources.h"

namespace srs::probe {
namespace {

constexpr std::chrono::milliseconds tick{100};
constexpr std::chrono::hours patience{24 * 365};  // the session applies its own timeouts

asio::awaitable<Result<void>> play(Session& session, net::Url url) {
  const auto timeout = session.options().timeout;
  rtmp::ConnectOptions options;
  options.tls = session.options().trust;
  auto client = co_await rtmp::open_player(url, timeout, options);
  if (!client) co_return std::move(client).error();
  session.on_bytes(1);  // marks the server's first answer; its bytes are not counted
  FlvStreams& flv = session.flv();
  const std::string path = url.path.substr(url.path.starts_with('/') ? 1 : 0);
  const media::StreamInfo info{path, "rtmp " + url.authority()};
  flv.on_begin(0, info);
  std::uint64_t counted = 1;
  for (;;) {
    auto message = co_await client->read_media(patience);
    if (!message || !*message) {
      flv.on_end(0, message ? media::EndReason::ended : media::EndReason::lost);
      if (!message) co_return std::move(message).error();
      co_return Result<void>{};
    }
    session.on_bytes(client->received_bytes() - std::min(counted, client->received_bytes()));
    counted = std::max(counted, client->received_bytes());
    rtmp::MediaMessage& media = **message;
    flv.on_message(0, media::make_message(media.type, media.timestamp_ms, std::move(media.payload)));
  }
}

}  // namespace

Result<void> read_rtmp(Session& session, const net::Url& url) {
  asio::io_context io;
  std::optional<Result<void>> outcome;
  std::exception_ptr failure;
  asio::co_spawn(io, play(session, url), [&](std::exception_ptr exception, Result<void> result) {
    failure = exception;
    outcome = std::move(result);
  });
  while (!outcome && session.tick()) io.run_for(tick);
  if (failure) std::rethrow_exception(failure);
  return outcome ? *std::move(outcome) : Result<void>{};
}

}  // namespace srs::probe

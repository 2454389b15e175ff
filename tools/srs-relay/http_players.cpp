#include "http_players.h"

#include <fmt/format.h>

#include <asio/steady_timer.hpp>

#include "media/stream_path.h"
#include "net/listener.h"

namespace srs::relay {
namespace {

using asio::ip::tcp;

// After the last byte a client gets this long to close, then we do.
constexpr std::chrono::seconds closing_time{2};

// A connection that became a player. It lives in the handlers that wait on its socket.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<Stream> stream, Fanout& fanout, tcp::socket socket, const cli::Log& log)
      : stream_(std::move(stream)),
        fanout_(fanout),
        socket_(std::move(socket)),
        closing_(socket_.get_executor()),
        log_(log) {}

  void start(Slice head) {
    name_ = net::remote_address(socket_);
    player_ = std::make_shared<Player>(socket_, name_, [session = weak_from_this()](const std::string& why) {
      if (const auto self = session.lock()) self->on_gone(why);
    });
    log_.debug("{}: {} plays over HTTP-FLV", stream_->path(), name_);
    player_->put(std::move(head));
    fanout_.add(player_);
    watch();
  }

 private:
  // A player sends nothing: what can be read is its end.
  void watch() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const asio::error_code& error) {
      if (error) return self->close();
      char ignored[512];
      asio::error_code result;
      self->socket_.read_some(asio::buffer(ignored), result);
      if (result && result != asio::error::would_block) return self->close();
      self->watch();
    });
  }

  void on_gone(const std::string& why) {
    if (!why.empty()) log_.info("{}: {} dropped: {}", stream_->path(), name_, why);
    if (!player_->finished()) {
      asio::error_code ignored;
      socket_.cancel(ignored);  // watch() closes
      return;
    }
    closing_.expires_after(closing_time);
    closing_.async_wait([self = shared_from_this()](const asio::error_code& cancelled) {
      if (!cancelled) self->close();
    });
  }

  void close() {
    if (!player_) return;
    fanout_.remove(*player_);
    log_.debug("{}: {} leaves after {} bytes", stream_->path(), name_, player_->counters().sent_bytes);
    player_.reset();
    closing_.cancel();
    asio::error_code ignored;
    socket_.close(ignored);
  }

  std::shared_ptr<Stream> stream_;
  Fanout& fanout_;
  tcp::socket socket_;
  asio::steady_timer closing_;
  const cli::Log& log_;
  std::string name_;
  std::shared_ptr<Player> player_;
};

}  // namespace

asio::awaitable<http::Answer> HttpPlayers::answer(http::Request request) {
  if (!request.path.ends_with(".flv"))
    co_return http::error_response(404, "not found: a stream live/x is at /live/x.flv");
  const auto path =
      media::parse_stream_path(std::string_view(request.path).substr(0, request.path.size() - 4));
  if (!path) co_return http::error_response(404, path.error().message);
  const auto stream = co_await hub_.find(*path, wait_);
  if (!stream) {
    log_.info("{}: {} asked for it over HTTP: no such stream", *path, request.remote_address);
    co_return http::error_response(404, fmt::format("{}: no such stream", *path));
  }
  http::Takeover takeover;
  takeover.head = http::stream_head("video/x-flv");
  takeover.accept = [this, stream](tcp::socket socket, const std::string& head) {
    start(stream, std::move(socket), head);
  };
  co_return takeover;
}

void HttpPlayers::start(std::shared_ptr<Stream> stream, tcp::socket socket, const std::string& head) {
  std::vector<std::uint8_t> first(head.begin(), head.end());
  first.resize(head.size() + flv::file_header_size);
  flv::store_file_header(first.data() + head.size(), stream->tracks().has_audio(),
                         stream->tracks().has_video());
  Fanout& fanout = stream->fanout(wire_, {});
  std::make_shared<HttpSession>(std::move(stream), fanout, std::move(socket), log_)
      ->start(Slice::copy_of(first));
}

}  // namespace srs::relay

#include "rtmp_source.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <optional>

#include "net/url.h"
#include "rtmp/client_session.h"

namespace srs::ingest {
namespace {

constexpr std::chrono::seconds connect_time{10};
constexpr std::chrono::seconds silence_time{10};

class RtmpSource : public Source {
 public:
  explicit RtmpSource(std::string url) : url_(std::move(url)) {}

  std::string display() const override {
    const auto parsed = net::parse_url(url_);
    return "rtmp " + (parsed ? parsed->display() : url_);
  }
  bool is_live() const override { return true; }

  // The session runs on an io_context of this thread; stopping it drops the connection.
  Result<void> run(MediaSink& sink, std::stop_token stop) override {
    const auto url = net::parse_url(url_);
    if (!url) return url.error();
    asio::io_context io(1);
    std::optional<Result<void>> result;
    asio::co_spawn(io, play(*url, sink), [&](const std::exception_ptr& exception, Result<void> played) {
      if (exception) std::rethrow_exception(exception);
      result = std::move(played);
    });
    const std::stop_callback on_stop(stop, [&io] { io.stop(); });
    io.run();
    if (stop.stop_requested() || !result) return {};
    return result->ok() ? Result<void>() : std::move(*result).error().in(display());
  }

 private:
  static asio::awaitable<Result<void>> play(net::Url url, MediaSink& sink) {
    auto session = co_await rtmp::open_player(url, connect_time);
    if (!session) co_return std::move(session).error();
    for (;;) {
      auto message = co_await session->read_media(silence_time);
      if (!message) co_return std::move(message).error();
      if (!*message) break;
      sink.write((*message)->type, (*message)->timestamp_ms, std::move((*message)->payload));
    }
    co_await session->close();
    co_return Result<void>{};
  }

  std::string url_;
};

}  // namespace

std::unique_ptr<Source> open_rtmp_source(std::string url) {
  return std::make_unique<RtmpSource>(std::move(url));
}

}  // namespace srs::ingest

#include "srs-ingest/sources/rtmp_source.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <optional>
#include <vector>

#include "live/splice.h"
#include "net/url_display.h"
#include "rtmp/client_session.h"

namespace srs::ingest {
namespace {

constexpr std::chrono::seconds connect_time{10};
constexpr std::chrono::seconds silence_time{10};

class RtmpSource : public Source {
 public:
  RtmpSource(std::string url, std::shared_ptr<const net::TlsContext> trust)
      : url_(std::move(url)), trust_(std::move(trust)) {}

  std::string display() const override { return "rtmp " + net::display_url(url_); }
  bool is_live() const override { return true; }

  // The session runs on an io_context of this thread; stopping it drops the connection.
  Result<void> run(MediaSink& sink, std::stop_token stop) override {
    const auto url = net::parse_url(url_);
    if (!url) return url.error();
    asio::io_context io(1);
    std::optional<Result<void>> result;
    asio::co_spawn(io, play(*url, trust_, sink),
                   [&](const std::exception_ptr& exception, Result<void> played) {
                     if (exception) std::rethrow_exception(exception);
                     result = std::move(played);
                   });
    const std::stop_callback on_stop(stop, [&io] { io.stop(); });
    io.run();
    if (stop.stop_requested() || !result) return {};
    return result->ok() ? Result<void>() : std::move(*result).error().in(display());
  }

 private:
  // If the server asks us to reconnect (Enhanced RTMP, ReconnectRequest), its connection is closed once the
  // new one plays; media sent on both is used once.
  static asio::awaitable<Result<void>> play(net::Url url, std::shared_ptr<const net::TlsContext> trust,
                                            MediaSink& sink) {
    rtmp::ConnectOptions options;
    options.tls = std::move(trust);
    auto session = co_await rtmp::open_player(url, connect_time, options);
    if (!session) co_return std::move(session).error();
    live::Splice splice;
    splice.begin_source(live::Splice::Clock::now());
    bool asked = false;
    for (;;) {
      auto message = co_await session->read_media(silence_time);
      if (!message) co_return std::move(message).error();
      if (!*message) break;
      write(splice, **std::move(message), sink);
      if (asked || !session->reconnect_request()) continue;
      asked = true;
      const net::Url target = redirect_target(url, *session->reconnect_request());
      auto next = co_await rtmp::open_player(target, connect_time, options);
      if (!next) continue;  // the old server may still serve us to the end
      *session = *std::move(next);
      splice.begin_source(live::Splice::Clock::now());
      asked = false;
    }
    co_await session->close();
    co_return Result<void>{};
  }

  static void write(live::Splice& splice, rtmp::MediaMessage message, MediaSink& sink) {
    std::vector<media::Message> spliced;
    splice.push(media::make_message(message.type, message.timestamp_ms, std::move(message.payload)),
                live::Splice::Clock::now(), spliced);
    for (media::Message& each : spliced) sink.forward(std::move(each));
  }

  // tc_url: the requested server, "" for the same one. The stream's name stays.
  static net::Url redirect_target(const net::Url& url, const std::string& tc_url) {
    auto target = net::parse_url(tc_url);
    const bool is_rtmp =
        target && (target->scheme == "rtmps" || (target->scheme == "rtmp" && url.scheme == "rtmp"));
    if (!is_rtmp) return url;
    const std::size_t name = url.path.rfind('/');
    target->path += name == std::string::npos ? "" : url.path.substr(name);
    target->query = url.query;
    target->user = url.user;
    target->password = url.password;
    return *std::move(target);
  }

  std::string url_;
  const std::shared_ptr<const net::TlsContext> trust_;
};

}  // namespace

std::unique_ptr<Source> open_rtmp_source(std::string url, std::shared_ptr<const net::TlsContext> trust) {
  return std::make_unique<RtmpSource>(std::move(url), std::move(trust));
}

}  // namespace srs::ingest

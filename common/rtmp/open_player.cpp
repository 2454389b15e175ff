// Players follow redirects: see redirect.h.
#include <fmt/format.h>

#include "rtmp/client_session.h"
#include "rtmp/redirect.h"

namespace srs::rtmp {

void ClientSession::note_redirect(const amf::Value& information) {
  if (!redirect_) return;
  if (std::string target = redirect_target(information, stream_); !target.empty())
    *redirect_ = std::move(target);
}

asio::awaitable<Result<ClientSession>> open_player(net::Url url, std::chrono::milliseconds timeout,
                                                   ConnectOptions options) {
  options.redirect = std::make_shared<std::string>();
  for (int redirects = 0;; ++redirects) {
    options.redirect->clear();
    auto session = co_await ClientSession::connect(url, timeout, options);
    Result<void> playing;
    if (session) playing = co_await session->play(timeout);
    if (session && playing) co_return std::move(session);
    const std::string target = *options.redirect;
    if (target.empty()) co_return session ? std::move(playing).error() : std::move(session).error();
    if (redirects == max_redirects) co_return Error{Errc::refused, "more than five redirects"};
    auto next = net::parse_url(target);
    if (!next || (next->scheme != "rtmp" && next->scheme != "rtmps"))
      co_return Error{Errc::refused, fmt::format("redirected to '{}', which is not an RTMP URL", target)};
    // A redirect to the same server keeps user and password; another server must not get them.
    if (next->user.empty() && next->authority() == url.authority()) {
      next->user = url.user;
      next->password = url.password;
    }
    url = *std::move(next);
    options.connect_to.clear();
  }
}

}  // namespace srs::rtmp

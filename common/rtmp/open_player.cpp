// RTMP 302: servers that send players elsewhere. Adobe's servers refuse the "connect" with it, SRS and we the
// "play", since only that names the stream. `ex` of the refusal holds {code: 302, redirect: tcUrl}, of SRS
// and us redirect2, too: with the stream's name.
#include <fmt/format.h>

#include <algorithm>

#include "rtmp/client_session.h"

namespace srs::rtmp {
namespace {

constexpr int max_redirects = 5;
constexpr std::size_t max_url_size = 2048;

}  // namespace

void ClientSession::note_redirect(const amf::Value& information) {
  const amf::Value* ex = information.find("ex");
  if (!redirect_ || ex == nullptr || ex->number_at("code").value_or(0) != 302) return;
  const std::string_view whole = ex->string_at("redirect2");
  const std::string_view tc_url = ex->string_at("redirect");
  if (std::max(whole.size(), tc_url.size()) > max_url_size) return;
  if (!whole.empty()) {
    *redirect_ = whole;
  } else if (!tc_url.empty()) {
    *redirect_ = fmt::format("{}{}{}", tc_url, tc_url.ends_with('/') ? "" : "/", stream_);
  }
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
    if (redirects == max_redirects)
      co_return Error{Errc::refused, "sent from server to server: more than five redirects"};
    auto next = net::parse_url(target);
    if (!next || (next->scheme != "rtmp" && next->scheme != "rtmps"))
      co_return Error{Errc::refused, fmt::format("sent to '{}', which is no RTMP URL", target)};
    url = *std::move(next);
    options.connect_to.clear();
  }
}

}  // namespace srs::rtmp

#include "rtmp/publishers.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "media/stream_path.h"
#include "media/via.h"
#include "rtmp/published_stream.h"

namespace srs::rtmp {
namespace {

using Clock = std::chrono::steady_clock;

// A publisher that is silent for this long is taken for lost, even if its connection stands.
constexpr std::chrono::seconds lost_after{30};
constexpr std::chrono::milliseconds first_room_poll{2}, last_room_poll{16};
// Who was on for less has brought nothing that is worth much waiting.
constexpr std::chrono::seconds brief_time{10};
// Publishers that come within ten seconds; beyond, those that come and go become one line.

std::string without_port(const std::string& address) {
  return address.substr(0, address.rfind(':'));
}

}  // namespace

Publishers::Publishers(asio::io_context& io, PublishSink& sink, Options options, const cli::Log& log)
    : io_(io),
      sink_(sink),
      options_(std::move(options)),
      log_(log),
      quota_(options_.limits),
      room_(io, Clock::time_point::max()),
      room_poll_(io) {}

asio::awaitable<void> Publishers::serve(asio::ip::tcp::socket socket, net::Ticket ticket) {
  auto session = std::make_shared<ServerSession>(std::move(socket), options_.budget, std::move(ticket));
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
  co_await serve(session, *request);
}

asio::awaitable<void> Publishers::serve(std::shared_ptr<ServerSession> session, Request request) {
  const ListedSession listed(sessions_, session);
  auto entered = enter(session, request);
  if (entered) {
    co_await take_media(session, *entered);
    co_return;
  }
  log_.warning_by({"refused publisher", request.remote_address}, "{}: publisher {} refused: {}", request.path,
                  request.remote_address, entered.error().message);
  co_await session->refuse("NetStream.Publish.BadName", entered.error().message);
}

Result<void> Publishers::may_publish(const Request& request) const {
  if (stopping_) return Error{Errc::refused, "shutting down"};
  if (!options_.only_path.empty() && request.path != options_.only_path)
    return Error{Errc::refused, "this stream is not taken here"};  // which one is, may be a secret
  if (media::came_through(request.via, options_.node))
    return Error{Errc::refused, "loop: this stream was here before"};
  if (std::max(request.via.size(), request.timeline.size()) > media::max_via_size)
    return Error{Errc::refused, "it came through too many relays"};
  return {};
}

// The stream that this publisher may feed: a new one, or one that waits for it.
Result<Publishers::StreamPtr> Publishers::enter(const std::shared_ptr<ServerSession>& session,
                                                const Request& request) {
  if (auto may = may_publish(request); !may) return std::move(may).error();
  const auto found = streams_.find(request.path);
  StreamPtr stream = found == streams_.end() ? nullptr : found->second;
  const bool comes_back = stream != nullptr;
  if (stream && stream->alive) {
    const bool silent = makes_room(*stream, request);
    if (!silent && options_.takeover == Takeover::reject)
      return Error{Errc::refused, fmt::format("{} is being published by another encoder", request.path)};
    if (auto counted = count(*stream, request); !counted) return std::move(counted).error();
    kick(*stream, silent ? "it was silent and another came" : "another publisher takes its place");
  } else if (stream) {
    if (auto counted = count(*stream, request); !counted) return std::move(counted).error();
  }
  if (!stream) {
    auto begun = begin(request);
    if (!begun) return begun;
    stream = *begun;
  } else {
    stream->grace_timer.cancel();
    if (!stream->splice)
      stream->timeline.restart(
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - stream->last_message));
    stream->discontinuous = !stream->splice;
  }
  if (stream->splice) stream->splice->begin_source(Clock::now(), request.timeline);
  stream->timeline_name = request.timeline;
  stream->publisher = session;
  stream->number = ++last_number_;
  stream->software = request.flash_version;
  stream->published_at = stream->last_message = Clock::now();
  stream->received_bytes = 0;
  stream->alive = true;
  stream->told_left_out = false;
  tell("publisher comes", "{}: published by {}{}{}", request.path, request.remote_address,
       comes_back ? ", goes on" : "",
       request.flash_version.empty() ? "" : " (" + request.flash_version + ")");
  return stream;
}

Result<Publishers::StreamPtr> Publishers::begin(const Request& request) {
  auto stream = std::make_shared<Stream>(io_);
  stream->info = {request.path, "rtmp " + request.remote_address, request.via, request.timeline};
  stream->address = without_port(request.remote_address);
  if (auto counted = quota_.add(stream->address); !counted) return std::move(counted).error();
  if (!sink_.on_begin(stream->info)) {
    quota_.remove(stream->address);
    return Error{Errc::refused, fmt::format("{} comes from another input", request.path)};
  }
  streams_[request.path] = stream;
  if (!request.via.empty()) stream->splice.emplace();
  return stream;
}

// A stream counts for who published it last.
Result<void> Publishers::count(Stream& stream, const Request& request) {
  std::string address = without_port(request.remote_address);
  if (address != stream.address) {
    if (auto counted = quota_.add(address); !counted) return counted;
  }
  if (std::exchange(stream.waits_brief, false)) quota_.remove_brief(stream.address);
  if (address == stream.address) return {};
  quota_.remove(stream.address);
  stream.address = std::move(address);
  return {};
}

template <class... Args>
void Publishers::tell(const char* cause, fmt::format_string<Args...> text, Args&&... args) {
  log_.info_by({cause, {}, cli::crowd_of_lines}, text, std::forward<Args>(args)...);
}

asio::awaitable<void> Publishers::take_media(std::shared_ptr<ServerSession> session, StreamPtr stream) {
  auto started = co_await session->start_publish();
  if (started && draining_ && session->can_reconnect()) session->ask_to_reconnect();
  std::string why = started ? "" : started.error().message;
  while (why.empty()) {
    auto message = co_await session->read_media(lost_after);
    if (stream->publisher.lock() != session) co_return;  // another took its place
    if (session->left_out() > 0) tell_left_out(*stream);
    if (!message) {
      why = message.error().message;
    } else if (!*message) {
      why = "it stopped publishing";
    } else {
      take_message(*stream, **std::move(message));
      if (sink_.full()) co_await wait_for_room();
    }
  }
  leave(stream, *session, why);
  co_await session->part();
}

// One of those that wait looks, ever more seldom, and wakes the others: how often it looks does not depend on
// how many there are.
asio::awaitable<void> Publishers::wait_for_room() {
  asio::error_code ignored;
  while (sink_.full() && !stopping_) {
    if (polls_room_) {
      co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      continue;
    }
    polls_room_ = true;
    for (auto pause = first_room_poll; sink_.full() && !stopping_;
         pause = std::min(2 * pause, last_room_poll)) {
      room_poll_.expires_after(pause);
      co_await room_poll_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    polls_room_ = false;
    room_.cancel();
  }
}

bool Publishers::makes_room(const Stream& stream, const Request& request) const {
  const bool same = !request.timeline.empty() && request.timeline == stream.timeline_name;
  return Clock::now() - stream.last_message > (same ? relay_silence_limit : silence_limit);
}

// The publisher is gone: its stream waits for it to come back. A name that never brought anything does not.
void Publishers::leave(const StreamPtr& stream, const ServerSession& session, const std::string& why) {
  stream->alive = false;
  stream->publisher.reset();
  const bool is_brief = Clock::now() - stream->begun_at < brief_time;
  const bool waits = !stopping_ && options_.grace.count() > 0 && stream->has_media &&
                     (!is_brief || quota_.add_brief(stream->address));
  if (!waits) {
    tell("publisher goes", "{}: publisher {} is gone: {}", stream->info.path, session.remote_address(), why);
    return end(stream);
  }
  stream->waits_brief = is_brief;
  tell("publisher goes", "{}: publisher {} is gone: {}; waiting {} for it to come back", stream->info.path,
       session.remote_address(), why, cli::format_duration(options_.grace));
  stream->grace_timer.expires_after(options_.grace);
  stream->grace_timer.async_wait([this, stream](const asio::error_code& error) {
    if (!error && !stream->alive && !stopping_) end(stream);
  });
}

void Publishers::tell_tracks(const Stream& stream, const std::string& note) {
  tell("tracks", "{}: {}", stream.info.path, note);
}

void Publishers::tell_left_out(Stream& stream) {
  if (std::exchange(stream.told_left_out, true)) return;
  log_.warning_by({"large data", stream.address},
                  "{}: {} sends metadata or data that is too large or too much: it is left out",
                  stream.info.path, stream.address);
}

void Publishers::kick(Stream& stream, const std::string& why) {
  const auto session = stream.publisher.lock();
  stream.publisher.reset();
  stream.alive = false;
  if (!session) return;
  tell("publisher is cut off", "{}: publisher {} is cut off: {}", stream.info.path, session->remote_address(),
       why);
  session->cut_off("NetStream.Publish.BadName", why);
}

std::vector<Publishers::Client> Publishers::clients() const {
  std::vector<Client> clients;
  for (const auto& [path, stream] : streams_) {
    const auto session = stream->publisher.lock();
    if (!session || !stream->alive) continue;
    clients.push_back({stream->number, path, session->remote_address(), stream->software,
                       stream->published_at, stream->received_bytes});
  }
  return clients;
}

bool Publishers::cut_off(std::uint64_t number, const std::string& why) {
  for (const auto& [path, stream] : streams_) {
    const auto session = stream->publisher.lock();
    if (!session || !stream->alive || stream->number != number) continue;
    log_.info("{}: publisher {} is cut off: {}", path, session->remote_address(), why);
    session->cut_off("NetStream.Publish.Denied", why);
    return true;
  }
  return false;
}

void Publishers::end(const StreamPtr& stream) {
  const auto found = streams_.find(stream->info.path);
  if (found == streams_.end() || found->second != stream) return;
  streams_.erase(found);
  if (stream->waits_brief) quota_.remove_brief(stream->address);
  stream->waits_brief = false;
  quota_.remove(stream->address);
  tell("stream ends", "{}: ended", stream->info.path);
  sink_.on_end(stream->info.path);
}

void Publishers::drain() {
  draining_ = true;
  options_.grace = std::chrono::milliseconds(0);
  const auto streams = streams_;
  for (const auto& [path, stream] : streams) {
    const auto session = stream->publisher.lock();
    if (!stream->alive) {
      stream->grace_timer.cancel();
      end(stream);
    } else if (session && session->can_reconnect()) {
      session->ask_to_reconnect();
    }
  }
}

void Publishers::stop() {
  if (stopping_) return;
  stopping_ = true;
  room_poll_.cancel();
  room_.cancel();
  const auto streams = streams_;
  for (const auto& [path, stream] : streams) {
    stream->grace_timer.cancel();
    stream->publisher.reset();
    end(stream);
  }
  for (const auto& [session, held] : sessions_) {
    asio::error_code ignored;
    if (const auto locked = held.lock()) locked->socket().cancel(ignored);
    if (const auto locked = held.lock()) locked->socket().close(ignored);
  }
}

}  // namespace srs::rtmp

#include "rtmp/publishers.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <optional>
#include <vector>

#include "cli/command_line.h"
#include "media/annotations.h"
#include "media/splice.h"
#include "media/stream_path.h"
#include "media/track_notes.h"
#include "media/via.h"

namespace srs::rtmp {
namespace {

using Clock = std::chrono::steady_clock;

// A publisher that is silent for this long is taken for lost, even if its connection stands.
constexpr std::chrono::seconds lost_after{30};
constexpr std::int64_t clock_interval_ms = 1000;
constexpr std::chrono::milliseconds room_poll{2};
// A relay sends the clock of the one that met the source: ours is added only where that is missing.
constexpr std::int64_t relay_clock_patience_ms = 3 * clock_interval_ms;

}  // namespace

struct Publishers::Stream {
  explicit Stream(asio::io_context& io) : grace_timer(io) {}

  media::StreamInfo info;
  media::Timeline timeline;
  std::optional<media::Splice> splice;  // instead, if it was begun by a relay
  std::string timeline_name;            // of the newest publisher; may be empty
  media::TrackNotes notes;
  std::uint64_t number = 0;  // of the newest publisher, among all
  std::string software;      // what it calls itself
  Clock::time_point published_at{};
  std::uint64_t received_bytes = 0;        // from it
  std::weak_ptr<ServerSession> publisher;  // expired or replaced: none is alive
  bool alive = false;
  Clock::time_point last_message{};
  bool discontinuous = false;  // the next message is the first after a seam
  std::int64_t next_clock_ms = -1;
  asio::steady_timer grace_timer;
};

Publishers::Publishers(asio::io_context& io, PublishSink& sink, Options options, const cli::Log& log)
    : io_(io), sink_(sink), options_(std::move(options)), log_(log) {}

asio::awaitable<void> Publishers::serve(asio::ip::tcp::socket socket, net::Ticket ticket) {
  auto session = std::make_shared<ServerSession>(std::move(socket), std::move(ticket));
  // Listed from the start, so that stop() reaches a connection that is still shaking hands.
  sessions_[session.get()] = session;
  auto request = co_await session->accept();
  sessions_.erase(session.get());
  if (!request) {
    const bool is_news = request.error().code != Errc::closed;
    if (is_news)
      log_.warning_by({"set-up failed", session->remote_address()}, "{}: {}", session->remote_address(),
                      request.error().message);
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
  sessions_[session.get()] = session;
  auto entered = co_await enter(session, request);
  if (!entered) {
    log_.warning_by({"publisher refused", request.remote_address}, "{}: publisher {} refused: {}",
                    request.path, request.remote_address, entered.error().message);
    co_await session->refuse("NetStream.Publish.BadName", entered.error().message);
  } else {
    co_await take_media(session, *entered);
  }
  sessions_.erase(session.get());
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
asio::awaitable<Result<Publishers::StreamPtr>> Publishers::enter(std::shared_ptr<ServerSession> session,
                                                                 const Request& request) {
  if (auto may = may_publish(request); !may) co_return std::move(may).error();
  const auto found = streams_.find(request.path);
  StreamPtr stream = found == streams_.end() ? nullptr : found->second;
  bool comes_back = false;
  if (stream && stream->alive) {
    const bool silent = makes_room(*stream, request);
    if (!silent && options_.takeover == Takeover::reject)
      co_return Error{Errc::refused, fmt::format("{} is being published by another encoder", request.path)};
    kick(*stream, silent ? "it was silent and another came" : "another publisher takes its place");
  }
  if (!stream) {
    stream = std::make_shared<Stream>(io_);
    stream->info = {request.path, "rtmp " + request.remote_address, request.via, request.timeline};
    if (!sink_.on_begin(stream->info))
      co_return Error{Errc::refused, fmt::format("{} comes from another input", request.path)};
    streams_[request.path] = stream;
    if (!request.via.empty()) stream->splice.emplace();
  } else {
    stream->grace_timer.cancel();
    if (!stream->splice)
      stream->timeline.restart(
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - stream->last_message));
    stream->discontinuous = !stream->splice;
    comes_back = true;
  }
  if (stream->splice) stream->splice->begin_source(Clock::now(), request.timeline);
  stream->timeline_name = request.timeline;
  stream->publisher = session;
  stream->number = ++last_number_;
  stream->software = request.flash_version;
  stream->published_at = Clock::now();
  stream->received_bytes = 0;
  stream->alive = true;
  stream->last_message = Clock::now();
  log_.info("{}: published by {}{}{}", request.path, request.remote_address, comes_back ? ", goes on" : "",
            request.flash_version.empty() ? "" : " (" + cli::peer_text(request.flash_version) + ")");
  co_return stream;
}

asio::awaitable<void> Publishers::take_media(std::shared_ptr<ServerSession> session, StreamPtr stream) {
  auto started = co_await session->start_publish();
  if (started && draining_ && session->can_reconnect()) session->ask_to_reconnect();
  std::string why = started ? "" : started.error().message;
  while (why.empty()) {
    auto message = co_await session->read_media(lost_after);
    if (stream->publisher.lock() != session) co_return;  // another took its place
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

asio::awaitable<void> Publishers::wait_for_room() {
  asio::steady_timer timer(io_);
  while (sink_.full() && !stopping_) {
    timer.expires_after(room_poll);
    asio::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

bool Publishers::makes_room(const Stream& stream, const Request& request) const {
  const bool same = !request.timeline.empty() && request.timeline == stream.timeline_name;
  return Clock::now() - stream.last_message > (same ? relay_silence_limit : silence_limit);
}

void Publishers::take_message(Stream& stream, MediaMessage message) {
  stream.last_message = Clock::now();
  stream.received_bytes += message.payload.size();
  if (stream.splice) return take_spliced(stream, std::move(message));
  const auto mapped = stream.timeline.map(message.type, message.timestamp_ms);
  const std::string& path = stream.info.path;
  if ((mapped.discontinuity || stream.discontinuous) && message.type != flv::TagType::script) {
    sink_.on_message(
        path, media::make_message(flv::TagType::script, mapped.timestamp_ms,
                                  media::encode_on_discontinuity(
                                      stream.discontinuous ? "publisher came back" : "timestamps jumped")));
    stream.discontinuous = false;
  }
  // A script tag's time says nothing of the media's, before the first and after a seam.
  if (message.type != flv::TagType::script) add_clock(stream, mapped.timestamp_ms);
  hand_on(stream, media::make_message(message.type, mapped.timestamp_ms, std::move(message.payload)));
}

void Publishers::take_spliced(Stream& stream, MediaMessage message) {
  std::vector<media::Message> spliced;
  stream.splice->take(media::make_message(message.type, message.timestamp_ms, std::move(message.payload)),
                      stream.last_message, spliced);
  for (media::Message& each : spliced) {
    const std::int64_t patient_until = each.timestamp_ms + relay_clock_patience_ms;
    const bool is_clock =
        each.kind == media::MessageKind::annotation && media::script_name(each.payload.bytes()) == "onClock";
    if (is_clock) stream.next_clock_ms = patient_until;
    if (each.is_video() || each.is_audio()) {
      if (stream.next_clock_ms < 0) stream.next_clock_ms = patient_until;
      add_clock(stream, each.timestamp_ms);
    }
    hand_on(stream, std::move(each));
  }
}

void Publishers::hand_on(Stream& stream, media::Message message) {
  if (const auto note = stream.notes.add(message)) log_.info("{}: {}", stream.info.path, *note);
  sink_.on_message(stream.info.path, std::move(message));
}

void Publishers::add_clock(Stream& stream, std::int64_t timestamp_ms) {
  if (timestamp_ms < stream.next_clock_ms) return;
  stream.next_clock_ms = timestamp_ms + clock_interval_ms;
  sink_.on_message(stream.info.path,
                   media::make_message(flv::TagType::script, timestamp_ms,
                                       media::encode_on_clock(std::chrono::system_clock::now())));
}

// The publisher is gone: its stream waits for it to come back.
void Publishers::leave(const StreamPtr& stream, const ServerSession& session, const std::string& why) {
  stream->alive = false;
  stream->publisher.reset();
  if (stopping_ || options_.grace.count() == 0) {
    log_.info("{}: publisher {} is gone: {}", stream->info.path, session.remote_address(), why);
    return end(stream);
  }
  log_.info("{}: publisher {} is gone: {}; waiting {} for it to come back", stream->info.path,
            session.remote_address(), why, cli::format_duration(options_.grace));
  stream->grace_timer.expires_after(options_.grace);
  stream->grace_timer.async_wait([this, stream](const asio::error_code& error) {
    if (!error && !stream->alive && !stopping_) end(stream);
  });
}

void Publishers::kick(Stream& stream, const std::string& why) {
  const auto session = stream.publisher.lock();
  stream.publisher.reset();
  stream.alive = false;
  if (!session) return;
  log_.info("{}: publisher {} is cut off: {}", stream.info.path, session->remote_address(), why);
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
  log_.info("{}: ended", stream->info.path);
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

#include "srs-relay/push/push.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "cli/quantities.h"
#include "media/via.h"
#include "net/answer.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {
namespace {

constexpr std::chrono::seconds connect_time{10};
constexpr std::chrono::milliseconds first_wait{500};
constexpr std::chrono::milliseconds longest_wait{30'000};
constexpr std::chrono::seconds tick{1};
// A connection that has lasted so long resets the back-off.
constexpr std::chrono::seconds settled_after{10};
constexpr std::chrono::seconds between_reports{10};
// A repeated failure is logged once in so many times: at least every five minutes or so.
constexpr unsigned failures_a_line = 10;

}  // namespace

Push::Push(Worker& worker, Hub& hub, PushWires& wires, std::shared_ptr<Stream> stream, PushUrl url,
           const std::string& destination, std::string node, std::string timeline,
           std::shared_ptr<const net::TlsContext> tls, const cli::Log& log)
    : worker_(worker),
      hub_(hub),
      wires_(wires),
      stream_(std::move(stream)),
      url_(std::move(url)),
      name_("push to " + destination),
      node_(std::move(node)),
      timeline_(std::move(timeline)),
      tls_(std::move(tls)),
      log_(log),
      timer_(std::make_shared<net::Timer>(worker.io(), worker.clock())),
      backoff_(first_wait, longest_wait) {
  state_.path = stream_->path();
  state_.destination = destination;
}

void Push::start(std::function<void()> on_done) {
  const auto ended = [self = shared_from_this(),
                      on_done = std::move(on_done)](const std::exception_ptr& exception) {
    self->set(PushState::ended);
    self->done_ = true;
    if (on_done) asio::post(self->hub_.io(), on_done);
    if (!exception) return;
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      self->log_.error("{}: {}: {}", self->stream_->path(), self->name_, error.what());
    }
  };
  asio::co_spawn(worker_.io(), run(), asio::bind_cancellation_slot(cancel_.slot(), ended));
}

void Push::stop() {
  stopping_ = true;
  asio::post(worker_.io(), [self = shared_from_this()] {
    if (self->session_) return self->session_->finish_early();
    self->cancel_.emit(asio::cancellation_type::terminal);
  });
}

asio::awaitable<void> Push::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (going()) {
    const Error why = co_await attempt();
    if (!going()) break;
    if (std::exchange(at_once_, false)) continue;
    const auto delay = backoff_.next();
    report_lost(url_.explain(why), delay);
    timer_->expires_after(delay);
    asio::error_code cancelled;
    co_await timer_->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

asio::awaitable<Result<rtmp::ClientSession>> Push::open() {
  rtmp::ConnectOptions options;
  const Stream::Provenance provenance = stream_->provenance();
  options.via = media::via_with(provenance.via, node_);
  options.tls = tls_;
  options.timeline = provenance.timeline.empty() ? timeline_ : provenance.timeline;
  auto client = co_await rtmp::ClientSession::connect(target(), connect_time, options);
  if (!client || !going()) co_return std::move(client);
  auto published = co_await client->publish(connect_time);
  if (!published) co_return std::move(published).error();
  co_return std::move(client);
}

asio::awaitable<Error> Push::attempt() {
  set(PushState::connecting);
  auto client = co_await open();
  if (!client) {
    moved_to_.reset();
    co_return client.error();
  }
  const auto annotations =
      client->accepts_annotations() ? log::Annotations::sent : log::Annotations::left_out;
  const auto wire = wires_.find(client->stream_id(), annotations);
  Hub::Found found;
  if (going()) found = co_await find_wire(wire);
  if (!found.wire || !going()) {
    co_await client->close();
    co_return Error{Errc::closed, ""};
  }
  co_await run_session(std::move(found), *std::move(client));
  Error why = session_->why();
  if (why.message.empty()) why.message = "the server closed the connection";
  session_.reset();
  co_return why;
}

// A stream's wire logs are made on its own thread. The wire log keeps the wire alive.
asio::awaitable<Hub::Found> Push::find_wire(std::shared_ptr<const PushWire> wire) {
  const auto answer = std::make_shared<net::Answer<Hub::Found>>(co_await asio::this_coro::executor);
  asio::post(stream_->io(), [stream = stream_, wire, answer] {
    answer->set({stream, stream->wire(*wire), stream->tracks()});
  });
  auto found = co_await answer->wait();
  co_return found ? *std::move(found) : Hub::Found{};
}

asio::awaitable<void> Push::run_session(Hub::Found found, rtmp::ClientSession client) {
  session_ = std::make_shared<PushSession>(worker_, stream_, name_, std::move(client), log_);
  session_->on_over = [timer = timer_] { timer->cancel(); };
  log_.info_by({"pushes that begin", {}, cli::log_burst}, "{}: {} begins", stream_->path(), name_);
  logged_why_.clear();
  set(PushState::live);
  session_->start(found);
  const auto begun = now();
  while (!session_->over() && !session_->reconnect_request()) {
    timer_->expires_after(tick);
    asio::error_code ignored;
    co_await timer_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    count(*session_);
    log_jumps();
  }
  if (!session_->over()) {
    at_once_ = now() - begun > tick;  // not for a server that asks each time
    on_reconnect_request();
  }
  if (now() - begun > settled_after) backoff_.reset();
  bytes_before_ += session_->counters().sent_bytes;
  jumps_before_ += session_->counters().jumps;
  if (!going()) log_.info_by({"pushes that end", {}, cli::log_burst}, "{}: {} ended", stream_->path(), name_);
}

// The old session ends properly by itself; the next one does not wait for it.
void Push::on_reconnect_request() {
  const std::string place = *session_->reconnect_request();
  session_->finish_early();
  auto url = net::parse_url(place);
  const bool is_weaker =
      !url || (url->scheme != "rtmps" && (url->scheme != "rtmp" || target().scheme == "rtmps"));
  if (is_weaker || url->host.empty()) {
    moved_to_.reset();
  } else {
    moved_to_ = *std::move(url);
  }
  log_.info_by({"pushes that are sent elsewhere", {}, cli::log_burst},
               "{}: {}: the server asks to connect again{}", stream_->path(), name_,
               moved_to_ ? " at " + moved_to_->authority() : "");
}

// The stream name stays the same at another server.
net::Url Push::target() const {
  net::Url url = url_.url_for(stream_->path());
  if (!moved_to_) return url;
  const std::string name = url.path.substr(url.path.rfind('/') + 1);
  url.scheme = moved_to_->scheme;
  url.host = moved_to_->host;
  url.port = moved_to_->port;
  url.path = moved_to_->path + (moved_to_->path.ends_with('/') ? "" : "/") + name;
  return url;
}

void Push::count(const PushSession& session) {
  const auto lag = session.lag_now();
  const std::lock_guard lock(state_mutex_);
  state_.sent_bytes = bytes_before_ + session.counters().sent_bytes;
  state_.jumps = jumps_before_ + session.counters().jumps;
  state_.lag = lag;
}

void Push::log_jumps() {
  if (now() - logged_at_ < between_reports || state_.jumps == jumps_logged_) return;
  log_.warning_by({"slow pushes", {}, cli::log_burst},
                  "{}: {} is too slow: it skipped to a newer key frame {} times", stream_->path(), name_,
                  state_.jumps - std::exchange(jumps_logged_, state_.jumps));
  logged_at_ = now();
}

void Push::report_lost(const std::string& why, std::chrono::milliseconds delay) {
  {
    const std::lock_guard lock(state_mutex_);
    state_.kind = PushState::waiting;
    state_.why = why;
    state_.lag = {};
    ++state_.reconnects;
  }
  const bool is_news = why != logged_why_ || ++unlogged_ >= failures_a_line;
  if (!is_news) return log_.debug("{}: {}: {}", stream_->path(), name_, why);
  unlogged_ = 0;
  logged_why_ = why;
  log_.warning_by({"lost pushes", {}, cli::log_burst}, "{}: {}: {}; trying again in {}", stream_->path(),
                  name_, why, cli::format_duration(delay));
}

void Push::set(PushState::Kind kind) {
  const std::lock_guard lock(state_mutex_);
  state_.kind = kind;
}

PushState Push::state() const {
  const std::lock_guard lock(state_mutex_);
  return state_;
}

}  // namespace srs::relay

#include "srs-relay/players/rtmp/rtmp_players.h"

#include <fmt/format.h>

#include <asio/post.hpp>

#include "media/stream_path.h"
#include "media/via.h"
#include "net/spawn.h"
#include "rtmp/admit.h"
#include "srs-relay/workers/look_up.h"
#include "srs-relay/workers/player_session.h"

namespace srs::relay {
namespace {

class RtmpSession : public PlayerSession {
 public:
  // reconnect_request: what it is sent to connect again elsewhere.
  RtmpSession(Worker& worker, std::shared_ptr<Stream> stream, std::shared_ptr<rtmp::ServerSession> session,
              const Slice& reconnect_request, const cli::Log& log)
      : PlayerSession(worker, std::move(stream), session->remote_address(), log),
        session_(std::move(session)),
        transport_(session_->socket()),
        reconnect_request_(reconnect_request) {}

  void ask_to_leave(log::WireReader& wire) override {
    if (session_->can_reconnect() && !finished() && !gone()) reply(wire, reconnect_request_);
  }

 private:
  net::Transport& transport() override { return transport_; }
  const char* protocol() const override { return session_->socket().has_tls() ? "rtmps" : "rtmp"; }

  bool may_have_read_ahead() const override { return true; }

  // All replies of a turn go out in one send.
  Input read_input() override {
    session_->begin_turn();
    std::vector<std::uint8_t> replies;
    for (;;) {
      auto event = session_->poll_player_event();
      if (!event) return Input::gone;
      if (!*event) break;
      if (finished()) continue;
      if ((*event)->kind == rtmp::PlayerEvent::pause) pause(wire());
      if ((*event)->kind == rtmp::PlayerEvent::resume) resume();
      replies.insert(replies.end(), (*event)->reply.begin(), (*event)->reply.end());
    }
    if (!replies.empty()) reply(wire(), Slice::copy_of(replies));
    return session_->has_more_input() ? Input::more : Input::quiet;
  }

  std::shared_ptr<rtmp::ServerSession> session_;
  net::TcpTransport transport_;     // over its socket
  const Slice& reconnect_request_;  // of RtmpPlayers
};

}  // namespace

RtmpPlayers::RtmpPlayers(Worker& worker, Hub& hub, gate::Gate& gate, const RtmpWires& wires, Options options,
                         const cli::Log& log)
    : worker_(worker),
      hub_(hub),
      gate_(gate),
      wires_(wires),
      options_(std::move(options)),
      log_(log),
      play_end_(Slice::copy_of(rtmp::ServerSession::play_end())),
      reconnect_request_(Slice::copy_of(rtmp::ServerSession::reconnect_request())) {}

// Relays need to distinguish an end from a loss.
LastBytes RtmpPlayers::last_bytes(std::string_view query) const {
  return {play_end_, wants_annotations(query) ? Slice() : play_end_};
}

void RtmpPlayers::serve(net::Socket socket, net::Ticket ticket) {
  net::spawn(worker_.io().get_executor(), serve_connection(std::move(socket), std::move(ticket)),
             "RTMP session", log_);
}

asio::awaitable<void> RtmpPlayers::serve_connection(net::Socket socket, net::Ticket ticket) {
  auto session = std::make_shared<rtmp::ServerSession>(std::move(socket), options_.budget, std::move(ticket));
  const rtmp::ListedSession listed(sessions_, session);
  co_await serve_session(session);
}

void RtmpPlayers::close() {
  sessions_.for_each([](rtmp::ServerSession& session) { session.socket().cancel(); });
}

asio::awaitable<void> RtmpPlayers::serve_session(std::shared_ptr<rtmp::ServerSession> session) {
  auto request = co_await session->accept();
  if (!request) {
    // Port scans and health checks send nothing; not worth a warning.
    if (request.error().code == Errc::closed) {
      log_.debug("{}: {}", session->remote_address(), request.error().message);
    } else {
      log_.warning_by({"bad RTMP peer", session->remote_address()}, "{}: {}", session->remote_address(),
                      request.error().message);
    }
    co_return;
  }
  auto path = media::parse_stream_path(request->path);
  if (!path) {
    log_.warning_by({"bad stream name", request->remote_address}, "{}: {}", request->remote_address,
                    path.error().message);
    const bool plays = request->kind == rtmp::Request::play;
    co_await session->refuse(plays ? "NetStream.Play.StreamNotFound" : "NetStream.Publish.BadName",
                             path.error().message);
    co_return;
  }
  request->path = *path;
  if (request->kind == rtmp::Request::publish && !options_.on_publisher) {
    log_.warning_by({"publisher refused", request->remote_address},
                    "{} wants to publish here: refused (publish to srs-ingest, or use --accept-publish)",
                    request->remote_address);
    co_await session->refuse("NetStream.Publish.Denied", "This port only plays: publish to srs-ingest.");
    co_return;
  }
  const bool admitted = co_await rtmp::admit(gate_, *session, *request);
  if (!admitted) co_return;
  if (request->kind == rtmp::Request::play)
    co_await serve_player(session, *request);
  else
    options_.on_publisher(session, *request);
}

asio::awaitable<void> RtmpPlayers::serve_player(std::shared_ptr<rtmp::ServerSession> session,
                                                rtmp::Request request) {
  const auto asked_at = worker_.clock().steady();
  if (media::came_through(request.via, hub_.node())) {
    co_await session->refuse("NetStream.Play.StreamNotFound", "Loop: this relay asks itself.");
    co_return;
  }
  if (auto checked = check_query(request.query, request.via); !checked) {
    co_await session->refuse("NetStream.Play.StreamNotFound", checked.error().message);
    co_return;
  }
  Wanted wanted{request.path, request.query,         request.via, patience_of(request.query, options_.wait),
                "rtmp",       request.remote_address};
  const auto found =
      co_await look_up(worker_, hub_, std::move(wanted), wires_.wire(wants_annotations(request.query)));
  if (found.elsewhere) {
    co_await session->redirect(*found.elsewhere);
    co_return;
  }
  if (!found.stream) {
    log_.info_by({"absent stream", request.remote_address}, "{}: {} asked for it over RTMP: no such stream",
                 request.path, request.remote_address);
    co_await session->refuse("NetStream.Play.StreamNotFound",
                             fmt::format("{}: no such stream.", request.path));
    co_return;
  }
  Stream::Provenance provenance;
  if (!request.via.empty()) {
    provenance = found.stream->provenance();
    provenance.via = media::via_with(provenance.via, hub_.node());
  }
  auto started = co_await session->start_play(provenance.via, provenance.timeline);
  if (!started) co_return;
  log_.debug("{}: {} plays over RTMP", request.path, request.remote_address);
  Worker& server = worker_.server_of(*found.stream);
  const auto start = [this, &server, session, found, asked_at, request] {
    const auto player =
        std::make_shared<RtmpSession>(server, found.stream, session, reconnect_request_, log_);
    player->set_asked_at(asked_at);
    player->set_resume(resume_of(request.query));
    player->start(found, last_bytes(request.query));
    player->hold_right(gate_, rtmp::question_of(request), rtmp::client_of(request), request.grant);
  };
  if (&server == &worker_) {
    start();
    co_return;
  }
  session->move_to(server.io().get_executor());
  asio::post(server.io(), start);
}

}  // namespace srs::relay

#include "srs-relay/players/http_flv/http_players.h"

#include <fmt/format.h>

#include <asio/post.hpp>

#include "gate/http.h"
#include "media/stream_path.h"
#include "media/via.h"
#include "net/listener.h"
#include "net/move_socket.h"
#include "srs-relay/streams/via_fields.h"
#include "srs-relay/workers/look_up.h"
#include "srs-relay/workers/player_session.h"

namespace srs::relay {
namespace {

class HttpSession : public PlayerSession {
 public:
  HttpSession(Worker& worker, std::shared_ptr<Stream> stream, net::Socket socket, net::Ticket ticket,
              FlvForm form, const cli::Log& log)
      : PlayerSession(worker, std::move(stream), net::remote_address(socket.tcp()), log),
        form_(form),
        transport_(std::move(socket)),
        ticket_(std::move(ticket)) {}

 private:
  net::Transport& transport() override { return transport_; }
  const char* protocol() const override { return transport_.socket().has_tls() ? "https-flv" : "http-flv"; }

  // The end annotation carries the time of the last frame.
  Slice last_words(Slice shared, std::int64_t newest_ms) override {
    return form_.annotated && !shared.empty() ? FlvWires::end(path(), form_, newest_ms) : shared;
  }

  bool may_have_read_ahead() const override { return transport_.socket().has_input(); }

  // What an HTTP player sends after its request is ignored, except for its end.
  Input read_input() override {
    std::uint8_t ignored[512];
    if (!transport_.socket().receive(ignored)) return Input::gone;
    return transport_.socket().has_input() ? Input::more : Input::quiet;
  }

  const FlvForm form_;
  net::TcpTransport transport_;
  net::Ticket ticket_;
};

// Tells another relay the provenance of the stream.
void add_provenance(std::string& head, const Stream::Provenance& provenance, const std::string& node) {
  const std::string fields =
      fmt::format("{}: {}\r\n{}: {}\r\n", via_field, via_to_field(media::via_with(provenance.via, node)),
                  timeline_field, provenance.timeline);
  head.insert(head.size() - 2, fields);  // before the empty line
}

// HTTP/1.0 has no chunked encoding.
FlvForm form_of(const http::Request& request) {
  return {wants_annotations(request.query),
          request.version_minor > 0 ? log::Framing::chunked : log::Framing::plain};
}

// The response's head and the FLV header.
Slice first_bytes(const std::string& head, media::TrackSet tracks, FlvForm form) {
  std::uint8_t header[flv::file_header_size];
  flv::store_file_header(header, tracks.audio, tracks.video);
  std::vector<std::uint8_t> first(head.begin(), head.end());
  const Slice framed =
      form.framing == log::Framing::chunked ? log::http_chunk(header) : Slice::copy_of(header);
  first.insert(first.end(), framed.data(), framed.data() + framed.size());
  return Slice::copy_of(first);
}

std::string loop_refusal(const std::string& path) {
  return fmt::format("{}: loop: this relay asks itself", path);
}

http::ServerOptions server_options(const cli::Log& log) {
  http::ServerOptions options;
  options.on_error = [&log](const std::string& what) { log.error("{}", what); };
  options.on_foreign = [&log](const std::string& address, std::string_view what) {
    log.warning_by({"bad HTTP peer", address}, "{}: it speaks {}", address, what);
  };
  return options;
}

}  // namespace

HttpPlayers::HttpPlayers(Worker& worker, Hub& hub, gate::Gate& gate, const FlvWires& wires,
                         std::chrono::milliseconds wait, const cli::Log& log)
    : worker_(worker),
      hub_(hub),
      gate_(gate),
      wires_(wires),
      wait_(wait),
      log_(log),
      server_([this](http::Request request) { return answer(std::move(request)); }, server_options(log)) {}

asio::awaitable<http::Answer> HttpPlayers::answer(http::Request request) {
  const auto asked_at = worker_.clock().steady();
  if (!request.path.ends_with(".flv"))
    co_return http::error_response(404, "not found: a stream live/x is at /live/x.flv");
  auto path = media::parse_stream_path(std::string_view(request.path).substr(0, request.path.size() - 4));
  if (!path) co_return http::error_response(404, path.error().message);
  const std::string via = via_from_field(request.headers.value(via_field));
  if (auto checked = check_query(request.query, via); !checked)
    co_return http::error_response(400, checked.error().message);
  access::Question question = gate::question_of(request, access::Action::play, "http-flv", *path);
  question.stays = true;
  const hooks::Client client = gate::client_of(request);
  const auto verdict = co_await gate_.admit(question, client);
  if (!verdict) co_return gate::refusal_response(verdict.refusal);
  path = verdict.grant->path;
  Wanted wanted{*path, request.query, via, patience_of(request.query, wait_), "http", request.remote_address};
  if (media::came_through(wanted.via, hub_.node())) co_return http::error_response(404, loop_refusal(*path));
  const bool is_relay = !wanted.via.empty();
  const FlvForm form = form_of(request);
  auto found = co_await look_up(worker_, hub_, std::move(wanted), wires_.wire(form));
  if (found.elsewhere) co_return http::redirect(302, found.elsewhere->display());
  if (!found.stream) {
    log_.info_by({"absent stream", request.remote_address}, "{}: {} asked for it over HTTP: no such stream",
                 *path, request.remote_address);
    co_return http::error_response(404, fmt::format("{}: no such stream", *path));
  }
  log_.debug("{}: {} plays over HTTP-FLV", *path, request.remote_address);
  http::Takeover takeover;
  takeover.head = http::stream_head("video/x-flv", form.framing == log::Framing::chunked);
  if (is_relay) add_provenance(takeover.head, found.stream->provenance(), hub_.node());
  takeover.accept = [this, found = std::move(found), form, asked_at, resume = resume_of(request.query),
                     question = std::move(question), client, grant = *verdict.grant](
                        net::Socket socket, net::Ticket ticket, const std::string& head) {
    Worker& server = worker_.server_of(*found.stream);
    const auto start = [this, &server, found, form, asked_at, resume, question, client, grant, head](
                           net::Socket connection, net::Ticket admitted) {
      const auto session = std::make_shared<HttpSession>(server, found.stream, std::move(connection),
                                                         std::move(admitted), form, log_);
      session->put(first_bytes(head, found.tracks, form));
      session->set_asked_at(asked_at);
      session->set_resume(resume);
      // A stream that was cut short just breaks off.
      session->start(found, {FlvWires::end(found.stream->path(), form, 0), {}});
      session->hold_right(gate_, question, client, grant);
    };
    if (&server == &worker_) return start(std::move(socket), std::move(ticket));
    asio::post(server.io(),
               [start, moved = net::move_socket(socket, server.io().get_executor()),
                admitted = std::move(ticket)]() mutable { start(std::move(moved), std::move(admitted)); });
  };
  co_return takeover;
}

}  // namespace srs::relay

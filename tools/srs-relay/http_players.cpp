#include "http_players.h"

#include <fmt/format.h>

#include "look_up.h"
#include "media/stream_path.h"
#include "media/via.h"
#include "net/listener.h"
#include "player_session.h"
#include "pull_connection.h"

namespace srs::relay {
namespace {

using asio::ip::tcp;

class HttpSession : public PlayerSession {
 public:
  HttpSession(Worker& worker, std::shared_ptr<Stream> stream, tcp::socket socket, net::Ticket ticket,
              const cli::Log& log)
      : PlayerSession(worker, std::move(stream), net::remote_address(socket), log),
        socket_(std::move(socket)),
        ticket_(std::move(ticket)) {}

 private:
  tcp::socket& socket() override { return socket_; }
  const char* protocol() const override { return "http-flv"; }

  // What an HTTP player sends after its request is of no interest, but for its end.
  Input take_input() override {
    char ignored[512];
    asio::error_code error;
    socket_.read_some(asio::buffer(ignored), error);
    return !error || error == asio::error::would_block ? Input::quiet : Input::gone;
  }

  tcp::socket socket_;
  net::Ticket ticket_;
};

// Another relay learns which way the stream came.
void tell_way(std::string& head, const Stream::Way& way, const std::string& node) {
  const std::string fields =
      fmt::format("{}: {}\r\n{}: {}\r\n", via_field, via_to_field(media::via_with(way.via, node)),
                  timeline_field, way.timeline);
  head.insert(head.size() - 2, fields);  // before the empty line
}

std::string loop_refusal(const std::string& path) {
  return fmt::format("{}: loop: this relay asks itself", path);
}

}  // namespace

asio::awaitable<http::Answer> HttpPlayers::answer(http::Request request) {
  const auto asked_at = Player::Clock::now();
  if (!request.path.ends_with(".flv"))
    co_return http::error_response(404, "not found: a stream live/x is at /live/x.flv");
  const auto path =
      media::parse_stream_path(std::string_view(request.path).substr(0, request.path.size() - 4));
  if (!path) co_return http::error_response(404, path.error().message);
  const std::string via = via_from_field(request.headers.value(via_field));
  if (auto checked = check_query(request.query, via); !checked)
    co_return http::error_response(400, checked.error().message);
  Wanted wanted{*path, request.query, via, patience_of(request.query, wait_), true, request.remote_address};
  if (media::came_through(wanted.via, hub_.node())) co_return http::error_response(404, loop_refusal(*path));
  const bool is_relay = !wanted.via.empty();
  auto found = co_await look_up(worker_, hub_, std::move(wanted), formats_.flv(request.query));
  if (found.elsewhere) co_return http::redirect(302, found.elsewhere->display());
  if (!found.stream) {
    log_.info_by({"absent stream", request.remote_address}, "{}: {} asked for it over HTTP: no such stream",
                 *path, request.remote_address);
    co_return http::error_response(404, fmt::format("{}: no such stream", *path));
  }
  log_.debug("{}: {} plays over HTTP-FLV", *path, request.remote_address);
  http::Takeover takeover;
  takeover.head = http::stream_head("video/x-flv");
  if (is_relay) tell_way(takeover.head, found.stream->way(), hub_.node());
  const LastBytes last_bytes{formats_.flv_end(*path, request.query), {}};
  takeover.accept = [this, found = std::move(found), last_bytes, asked_at](
                        tcp::socket socket, net::Ticket ticket, const std::string& head) {
    start(found, std::move(socket), std::move(ticket), head, last_bytes, asked_at);
  };
  co_return takeover;
}

void HttpPlayers::start(const Hub::Found& found, tcp::socket socket, net::Ticket ticket,
                        const std::string& head, const LastBytes& last_bytes,
                        Player::Clock::time_point asked_at) {
  std::vector<std::uint8_t> first(head.begin(), head.end());
  first.resize(head.size() + flv::file_header_size);
  flv::store_file_header(first.data() + head.size(), found.has_audio, found.has_video);
  const auto session =
      std::make_shared<HttpSession>(worker_, found.stream, std::move(socket), std::move(ticket), log_);
  session->put(Slice::copy_of(first));
  session->set_asked_at(asked_at);
  session->start(found, last_bytes);
}

}  // namespace srs::relay

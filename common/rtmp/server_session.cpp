#include "rtmp/server_session.h"

#include <algorithm>
#include <asio/buffer.hpp>

#include "cli/log.h"
#include "media/stream_path.h"
#include "media/via.h"
#include "net/listener.h"
#include "rtmp/handshake.h"

namespace srs::rtmp {
namespace {

constexpr std::uint32_t window_bytes = 2'500'000;
constexpr std::chrono::seconds write_time{10};
constexpr unsigned caps_reconnect = 1;  // of capsEx
constexpr std::size_t max_query_size = 8 * 1024;
// parse_stream_path refuses longer paths, so one byte more is enough.
constexpr std::size_t max_path_size = media::max_stream_path_size + 1;
constexpr std::size_t max_via_size = media::max_via_size + 1;
constexpr std::size_t max_name_size = 256;

Error broken(const char* what) {
  return {Errc::invalid_data, std::string("RTMP: ") + what};
}

// Names go into header lines and lists.
bool is_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Cuts "?query" off the text and returns it without the '?'.
std::string_view cut_query(std::string_view& text) {
  const auto mark = text.find('?');
  if (mark == text.npos) return {};
  const std::string_view query = text.substr(mark + 1);
  text = text.substr(0, mark);
  return query;
}

void join_query(std::string& query, std::string_view more) {
  if (more.empty() || query == more) return;
  if (!query.empty()) query += '&';
  query += more;
}

std::string_view trim_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

bool ends_stream(const Command& command) {
  return command.name == "FCUnpublish" || command.name == "deleteStream" || command.name == "closeStream";
}

}  // namespace

ServerSession::ServerSession(asio::ip::tcp::socket socket, std::shared_ptr<MessageBudget> budget,
                             net::Ticket ticket)
    : ticket_(std::move(ticket)), connection_(std::move(socket), std::move(budget)) {
  connection_.reader().set_limit(ChunkReader::command_bytes);
  remote_address_ = net::remote_address(connection_.socket());
}

asio::awaitable<Result<void>> ServerSession::shake_hands(Deadline deadline) {
  ServerHandshake handshake;
  while (!handshake.done()) {
    auto bytes = co_await connection_.read_bytes(deadline);
    if (!bytes) co_return std::move(bytes).error();
    auto used = handshake.feed(*bytes);
    if (!used) co_return std::move(used).error();
    std::vector<std::uint8_t> reply = handshake.take_reply();
    if (!reply.empty()) {
      auto written = co_await connection_.write(std::move(reply), deadline);
      if (!written) co_return std::move(written).error();
    }
    connection_.unread(Bytes(*bytes).subspan(*used));
  }
  co_return Result<void>{};
}

asio::awaitable<Result<Request>> ServerSession::accept() {
  const Deadline deadline = deadline_in(setup_time);
  auto shaken = co_await shake_hands(deadline);
  if (!shaken) co_return std::move(shaken).error();
  for (;;) {
    auto message = co_await connection_.read(deadline);
    if (!message) co_return std::move(message).error();
    if (!is_command(*message)) continue;
    auto command = parse_command(*message);
    if (!command) co_return std::move(command).error();
    auto chosen = on_setup_command(*command);
    if (!chosen) co_return std::move(chosen).error();
    if (*chosen) break;
  }
  if (auto checked = check_request(); !checked) co_return std::move(checked).error();
  auto flushed = co_await connection_.flush(deadline);
  if (!flushed) co_return std::move(flushed).error();
  request_->remote_address = remote_address_;
  path_ = request_->path;
  const std::unique_ptr<Request> request = std::move(request_);
  co_return std::move(*request);
}

Result<bool> ServerSession::on_setup_command(const Command& command) {
  if (connected_ == (command.name == "connect"))
    return broken(connected_ ? "a second connect" : "a command before connect");
  if (command.name == "connect") {
    connected_ = true;
    answer_connect(command);
  } else if (command.name == "createStream") {
    // Always media_stream_id, never 0: a connection carries one stream, and players' wire bytes have this id.
    connection_.outbox().command("_result", command.transaction_id,
                                 {amf::Null{}, static_cast<double>(media_stream_id)});
  } else if (command.name == "publish" || command.name == "play") {
    parse_stream_name(command.name == "play" ? Request::play : Request::publish, command.text(1));
    return true;
  } else if (command.name == "FCPublish") {
    connection_.outbox().command(
        "onFCPublish", command.transaction_id,
        {amf::Null{}, amf::Value::object({{"code", "NetStream.Publish.Start"},
                                          {"description", command.text(1).substr(0, max_name_size)}})});
  } else {
    answer_common(command);
  }
  return false;
}

// Encoders and players wait for an answer to every command with a transaction id ("_checkbw", ...).
bool ServerSession::answer_common(const Command& command) {
  if (command.transaction_id == 0 || command.name.starts_with('_') || command.name == "onStatus") {
    if (command.name != "_checkbw") return false;
  }
  if (command.name == "getStreamLength") {
    connection_.outbox().command("_result", command.transaction_id, {amf::Null{}, 0.0});
  } else {
    connection_.outbox().command("_result", command.transaction_id, {amf::Null{}, amf::Null{}});
  }
  return true;
}

void ServerSession::parse_connect(const amf::Value& connect) {
  std::string_view app = connect.string_at("app");
  std::string_view tc_url = connect.string_at("tcUrl");
  join_query(request_->query, cut_query(app));
  join_query(request_->query, cut_query(tc_url));
  request_->tc_url = cli::peer_text(tc_url);
  request_->page_url = cli::peer_text(connect.string_at("pageUrl"));
  request_->app = trim_slashes(app).substr(0, max_path_size);
  request_->flash_version = cli::peer_text(connect.string_at("flashVer"));
  request_->via = connect.string_at("via").substr(0, max_via_size);
  request_->timeline = connect.string_at("timeline").substr(0, max_name_size);
}

void ServerSession::answer_connect(const Command& command) {
  const amf::Value connect = command.arguments.empty() ? amf::Value() : command.arguments[0];
  parse_connect(connect);
  amf::Value information =
      amf::Value::object({{"level", "status"},
                          {"code", "NetConnection.Connect.Success"},
                          {"description", "Connection succeeded."},
                          {"objectEncoding", connect.number_at("objectEncoding").value_or(0)}});
  // Enhanced RTMP: only to clients that announced it.
  if (connect.find("fourCcList")) information.set("fourCcList", fourcc_list());
  for (const std::string_view map : {"videoFourCcInfoMap", "audioFourCcInfoMap"})
    if (connect.find(map)) information.set(map, amf::Value::object({{"*", 4.0}}));  // 4: forwards it
  if (connect.find("capsEx")) {
    const double capabilities = connect.number_at("capsEx").value_or(0);
    can_reconnect_ = capabilities >= 0 && capabilities < 256 &&
                     (static_cast<unsigned>(capabilities) & caps_reconnect) != 0;
    information.set("capsEx", 7.0);  // reconnects; passes multitrack and ModEx on
  }
  // Only a relay may send our own script tags: other clients would take them for a data stream.
  if (!request_->via.empty()) information.set(annotations_property, true);

  Outbox& outbox = connection_.outbox();
  outbox.window_ack_size(window_bytes);
  outbox.set_peer_bandwidth(window_bytes);
  outbox.set_chunk_size();
  outbox.command("_result", command.transaction_id,
                 {amf::Value::object({{"fmsVer", "FMS/3,5,7,7009"}, {"capabilities", 31.0}, {"mode", 1.0}}),
                  information});
}

void ServerSession::parse_stream_name(Request::Kind kind, std::string_view name) {
  request_->kind = kind;
  std::string query(cut_query(name));
  join_query(query, request_->query);
  request_->query = std::move(query);
  if (request_->via.empty())
    request_->via = net::query_value(request_->query, "via").value_or("").substr(0, max_via_size);
  for (const std::string_view prefix : {"mp4:", "flv:", "mp3:"})
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  name = trim_slashes(name);
  name = name.substr(0, max_path_size);
  request_->path = request_->app.empty() ? std::string(name) : request_->app + "/" + std::string(name);
  request_->path.resize(std::min(request_->path.size(), max_path_size));
}

Result<void> ServerSession::check_request() const {
  if (request_->query.size() > max_query_size) return broken("a query of more than 8 KiB");
  if (!is_name(request_->via) || !is_name(request_->timeline))
    return broken("via or timeline is not a list of names");
  return {};
}

asio::awaitable<Result<void>> ServerSession::start_publish() {
  connection_.reader().set_limit(ChunkReader::media_bytes);
  Outbox& outbox = connection_.outbox();
  outbox.user_control(UserControl::stream_begin, media_stream_id);
  outbox.status(media_stream_id, "status", "NetStream.Publish.Start", path_ + " is now published.");
  co_return co_await connection_.flush(deadline_in(write_time));
}

asio::awaitable<Result<std::optional<MediaMessage>>> ServerSession::read_media(
    std::chrono::milliseconds timeout) {
  const Deadline deadline = deadline_in(timeout);
  for (;;) {
    if (connection_.is_turn_over() && media_.has_more()) co_await connection_.yield_turn();
    if (auto ready = media_.next()) {
      if (media_.has_more()) connection_.count_part();
      co_return std::move(ready);
    }
    if (ended_) co_return std::optional<MediaMessage>{};
    // Not Connection::read(): that would cost a coroutine per message of each publisher.
    auto message = connection_.next();
    if (!message) co_return std::move(message).error();
    if (!*message) {
      Result<void> waited;
      if (!connection_.outbox().empty()) waited = co_await connection_.flush(deadline);
      if (waited) waited = co_await connection_.wait_for_input(deadline);
      if (!waited) co_return std::move(waited).error();
      continue;
    }
    if (!is_command(**message)) {
      media_.feed(**message);
      continue;
    }
    auto command = parse_command(**message);
    if (!command) co_return std::move(command).error();
    if (!ends_stream(*command)) {
      answer_publisher(*command);
      continue;
    }
    ended_ = true;
    Outbox& outbox = connection_.outbox();
    outbox.command(
        "onFCUnpublish", command->transaction_id,
        {amf::Null{}, amf::Value::object({{"code", "NetStream.Unpublish.Success"}, {"description", path_}})});
    outbox.status(media_stream_id, "status", "NetStream.Unpublish.Success", path_ + " is now unpublished.");
    // The publisher may be gone already.
    [[maybe_unused]] auto flushed = co_await connection_.flush(deadline_in(write_time));
  }
}

// A connection carries one stream: a second publish or play is refused.
void ServerSession::answer_publisher(const Command& command) {
  if (command.name != "publish" && command.name != "play") {
    answer_common(command);
    return;
  }
  const bool plays = command.name == "play";
  connection_.outbox().status(media_stream_id, "error",
                              plays ? "NetStream.Play.Failed" : "NetStream.Publish.BadName",
                              "This connection is already publishing.");
}

asio::awaitable<void> ServerSession::refuse(std::string code, std::string description) {
  connection_.outbox().status(media_stream_id, "error", code, description);
  auto flushed = co_await connection_.flush(deadline_in(write_time));
  if (flushed) co_await linger();
}

// As SRS does: the tcUrl for clients that add the stream's name, and the whole URL.
asio::awaitable<void> ServerSession::redirect(net::Url target) {
  net::Url tc_url = target;
  tc_url.path.resize(std::min(target.path.rfind('/'), target.path.size()));
  tc_url.query.clear();
  const amf::Value ex =
      amf::Value::object({{"code", 302.0}, {"redirect", tc_url.display()}, {"redirect2", target.display()}});
  connection_.outbox().status(media_stream_id, "error", "NetConnection.Connect.Rejected",
                              "The stream is at " + target.display(), {{"ex", ex}});
  auto flushed = co_await connection_.flush(deadline_in(write_time));
  if (flushed) co_await linger();
}

asio::awaitable<void> ServerSession::linger() {
  connection_.reader().keep_media(false);
  // Closing with unread input would reset the connection, and the peer could lose the message. And the peer
  // may close first: GStreamer's rtmp2sink reports an error otherwise.
  const Deadline deadline = deadline_in(std::chrono::seconds(1));
  for (auto message = co_await connection_.read(deadline); message;
       message = co_await connection_.read(deadline)) {
  }
}

void ServerSession::cut_off(std::string_view code, std::string_view description) {
  Outbox farewell(wire_chunk_size);
  farewell.status(media_stream_id, "error", code, description);
  const std::vector<std::uint8_t> bytes = farewell.take();
  asio::error_code ignored;
  socket().write_some(asio::buffer(bytes), ignored);
  socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

asio::awaitable<Result<void>> ServerSession::start_play(std::string via, std::string timeline) {
  connection_.reader().keep_media(false);
  Outbox& outbox = connection_.outbox();
  outbox.user_control(UserControl::stream_begin, media_stream_id);
  outbox.status(media_stream_id, "status", "NetStream.Play.Reset", "Playing and resetting " + path_ + ".");
  const std::string description = "Started playing " + path_ + ".";
  if (via.empty()) {
    outbox.status(media_stream_id, "status", "NetStream.Play.Start", description);
  } else {
    outbox.status(media_stream_id, "status", "NetStream.Play.Start", description,
                  {{"via", via}, {"timeline", timeline}});
  }
  outbox.data(media_stream_id, {"|RtmpSampleAccess", true, true});
  auto flushed = co_await connection_.flush(deadline_in(write_time));
  connection_.forget_deadline();
  co_return flushed;
}

Result<std::optional<PlayerEvent>> ServerSession::poll_player_event() {
  for (;;) {
    auto message = connection_.poll();
    if (!message) return std::move(message).error();
    PlayerEvent event;
    if (*message && is_command(**message)) {
      auto command = parse_command(**message);
      if (!command) return std::move(command).error();
      if (ends_stream(*command)) return Error{Errc::closed, "the player closed its stream"};
      event.kind = answer_player(*command);
    }
    event.reply = connection_.outbox().take();
    if (event.kind != PlayerEvent::none || !event.reply.empty()) return std::optional(std::move(event));
    if (!*message) return std::optional<PlayerEvent>{};
  }
}

PlayerEvent::Kind ServerSession::answer_player(const Command& command) {
  Outbox& outbox = connection_.outbox();
  if (command.name == "pause" || command.name == "pauseRaw") {
    const bool pauses = command.arguments.size() > 1 && command.arguments[1].as_boolean().value_or(false);
    const std::string_view code = pauses ? "NetStream.Pause.Notify" : "NetStream.Unpause.Notify";
    outbox.status(media_stream_id, "status", code, path_);
    return pauses ? PlayerEvent::pause : PlayerEvent::resume;
  }
  if (command.name == "seek") {
    // Not an error: FFmpeg would exit.
    outbox.status(media_stream_id, "warning", "NetStream.Seek.Failed", "A live stream cannot seek.");
  } else if (command.name == "publish") {
    outbox.status(media_stream_id, "error", "NetStream.Publish.BadName",
                  "This connection is already playing.");
  } else {
    answer_common(command);
  }
  return PlayerEvent::none;
}

std::vector<std::uint8_t> ServerSession::reconnect_request() {
  Outbox outbox(wire_chunk_size);
  outbox.status(0, "status", "NetConnection.Connect.ReconnectRequest", "This server is about to end.");
  return outbox.take();
}

std::vector<std::uint8_t> ServerSession::play_end() {
  Outbox outbox(wire_chunk_size);
  outbox.status(media_stream_id, "status", "NetStream.Play.UnpublishNotify", "The stream has ended.");
  outbox.user_control(UserControl::stream_eof, media_stream_id);
  return outbox.take();
}

}  // namespace srs::rtmp

#include "rtmp/client_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "cli/log.h"
#include "media/message.h"
#include "media/via.h"
#include "net/resolver.h"
#include "rtmp/handshake.h"

namespace srs::rtmp {
namespace {

using asio::ip::tcp;

constexpr std::uint32_t window_bytes = 2'500'000;
constexpr std::chrono::seconds closing_time{2};
constexpr std::uint32_t buffer_ms = 3000;  // what players announce by habit

bool is_command(const Message& message) {
  return message.type == MessageType::command_amf0 || message.type == MessageType::command_amf3;
}

bool is_media(const Message& message) {
  return message.type == MessageType::audio || message.type == MessageType::video ||
         message.type == MessageType::aggregate;
}

// Messages before an answer that are none of it.
constexpr int max_asides = 1000;
constexpr std::size_t max_url_size = 2048;
constexpr std::size_t max_name_size = 256;

Error refusal(const amf::Value& information, std::string_view otherwise) {
  const std::string code = cli::peer_text(information.string_at("code"));
  const std::string description = cli::peer_text(information.string_at("description"));
  const Errc kind = code.find("NotFound") != code.npos ? Errc::not_found : Errc::refused;
  if (code.empty()) return {kind, std::string(otherwise)};
  return {kind, description.empty() ? code : fmt::format("{}: {}", code, description)};
}

// The names of relays are part of header lines and lists: what is none is not passed on.
std::string name_at(const amf::Value& information, std::string_view key, std::size_t max_size) {
  const std::string_view name = information.string_at(key);
  const bool is_name = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return is_name && name.size() <= max_size ? std::string(name) : std::string();
}

using Endpoints = std::vector<tcp::endpoint>;

// Not by asio's resolver: a name server that is away would hold up whoever else asks on this thread, and its
// end.
asio::awaitable<Result<Endpoints>> look_up(net::Url url, std::chrono::milliseconds timeout) {
  const auto executor = co_await asio::this_coro::executor;
  net::Resolver resolver(static_cast<asio::io_context&>(asio::query(executor, asio::execution::context)));
  asio::steady_timer come(executor, timeout);
  std::optional<Result<std::vector<net::Address>>> answer;
  resolver.resolve(url, [&](Result<std::vector<net::Address>> found) {
    answer = std::move(found);
    come.cancel();
  });
  asio::error_code ignored;
  co_await come.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!answer) co_return Error{Errc::timed_out, "no answer to who that is"};
  if (!*answer) co_return std::move(*answer).error();
  Endpoints endpoints;
  for (const net::Address& address : **answer)
    endpoints.push_back({asio::ip::make_address(address.host, ignored), address.port});
  co_return endpoints;
}

asio::awaitable<Result<tcp::socket>> open_socket(net::Url url, std::string connect_to,
                                                 std::chrono::milliseconds timeout) {
  const auto executor = co_await asio::this_coro::executor;
  const auto cannot = [&](const std::string& why) {
    return Error{Errc::closed, fmt::format("cannot connect to {}: {}", url.authority(), why)};
  };
  asio::error_code error;
  if (!connect_to.empty()) {
    const auto address = net::parse_url("rtmp://" + connect_to);
    if (!address) co_return cannot(address.error().message);
    url.host = address->host;
    url.port = address->port;
  }
  const auto found = co_await look_up(url, timeout);
  if (!found) co_return cannot(found.error().message);
  auto socket = std::make_shared<tcp::socket>(executor);
  auto timed_out = std::make_shared<bool>(false);
  asio::steady_timer timer(executor, timeout);
  timer.async_wait([socket, timed_out](const asio::error_code& cancelled) {
    if (cancelled) return;
    *timed_out = true;
    asio::error_code ignored;
    socket->close(ignored);
  });
  co_await asio::async_connect(*socket, *found, asio::redirect_error(asio::use_awaitable, error));
  timer.cancel();
  if (*timed_out)
    co_return Error{Errc::timed_out, fmt::format("cannot connect to {}: no answer", url.authority())};
  if (error) co_return cannot(error.message());
  co_return std::move(*socket);
}

}  // namespace

ClientSession::ClientSession(tcp::socket socket, const net::Url& url, std::shared_ptr<MessageBudget> budget)
    : connection_(std::move(socket), std::move(budget)) {
  // Nobody has asked for media yet.
  connection_.reader().set_limit(ChunkReader::quiet_bytes);
  connection_.reader().keep_media(false);
  std::string_view path = url.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = path.rfind('/');
  app_ = slash == path.npos ? "" : path.substr(0, slash);
  stream_ = slash == path.npos ? path : path.substr(slash + 1);
  tc_url_ = fmt::format("{}://{}/{}", url.scheme, url.authority(), app_);
  if (!url.query.empty()) stream_ += "?" + url.query;
}

asio::awaitable<Result<ClientSession>> ClientSession::connect(net::Url url, std::chrono::milliseconds timeout,
                                                              ConnectOptions options) {
  const Deadline deadline = deadline_in(timeout);
  auto socket = co_await open_socket(url, options.connect_to, timeout);
  if (!socket) co_return std::move(socket).error();
  ClientSession session(std::move(*socket), url, options.budget);
  session.redirect_ = options.redirect;
  if (url.scheme == "rtmps") {
    auto secured = co_await session.connection_.start_tls(url.host, deadline);
    if (!secured) co_return std::move(secured).error().in(url.authority());
  }
  auto shaken = co_await session.shake_hands(deadline);
  if (!shaken) co_return std::move(shaken).error().in(url.authority());
  auto connected = co_await session.send_connect(std::move(options), deadline);
  if (!connected) co_return std::move(connected).error().in(url.authority());
  co_return std::move(session);
}

asio::awaitable<Result<void>> ClientSession::shake_hands(Deadline deadline) {
  ClientHandshake handshake;
  auto written = co_await connection_.write(handshake.take_output(), deadline);
  if (!written) co_return std::move(written).error();
  while (!handshake.done()) {
    auto bytes = co_await connection_.read_bytes(deadline);
    if (!bytes) co_return std::move(bytes).error();
    auto used = handshake.feed(*bytes);
    if (!used) co_return std::move(used).error();
    std::vector<std::uint8_t> output = handshake.take_output();
    if (!output.empty()) {
      written = co_await connection_.write(std::move(output), deadline);
      if (!written) co_return std::move(written).error();
    }
    connection_.unread(Bytes(*bytes).subspan(*used));
  }
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ClientSession::send_connect(ConnectOptions options, Deadline deadline) {
  amf::Value information =
      amf::Value::object({{"app", app_},
                          {"type", "nonprivate"},
                          {"flashVer", "FMLE/3.0 (compatible; srs-tools)"},
                          {"tcUrl", tc_url_},
                          {"fpad", false},
                          {"capabilities", 15.0},
                          {"audioCodecs", 4071.0},
                          {"videoCodecs", 252.0},
                          {"videoFunction", 1.0},
                          {"objectEncoding", 0.0},
                          {"fourCcList", amf::StrictArray{{"avc1", "hvc1", "av01", "vp09", "vp08", "vvc1",
                                                           "mp4a", "Opus", "ac-3", "ec-3", ".mp3", "fLaC"}}},
                          {"videoFourCcInfoMap", amf::Value::object({{"*", 7.0}})},
                          {"audioFourCcInfoMap", amf::Value::object({{"*", 7.0}})},
                          {"capsEx", 7.0}});  // reconnect, multitrack, ModEx
  if (!options.via.empty()) information.set("via", options.via);
  if (!options.timeline.empty()) information.set("timeline", options.timeline);
  Outbox& outbox = connection_.outbox();
  outbox.set_chunk_size();
  outbox.window_ack_size(window_bytes);
  const double transaction = next_transaction_++;
  outbox.command("connect", transaction, {information});
  auto result = co_await wait_for_result(transaction, deadline);
  if (!result) co_return std::move(result).error();
  if (result->name == "_error" && result->arguments.size() > 1) note_redirect(result->arguments[1]);
  if (result->name == "_error")
    co_return refusal(result->arguments.size() > 1 ? result->arguments[1] : amf::Value(),
                      "the server refused to connect");
  const amf::Value answer = result->arguments.size() > 1 ? result->arguments[1] : amf::Value();
  const amf::Value* welcome = answer.find(annotations_property);
  takes_annotations_ = welcome != nullptr && welcome->as_boolean().value_or(false);
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ClientSession::create_stream(Deadline deadline) {
  const double transaction = next_transaction_++;
  connection_.outbox().command("createStream", transaction, {amf::Null{}});
  auto result = co_await wait_for_result(transaction, deadline);
  if (!result) co_return std::move(result).error();
  if (result->name == "_error") co_return Error{Errc::refused, "the server refused to create a stream"};
  const auto id = result->arguments.size() > 1 ? result->arguments[1].as_number() : std::nullopt;
  if (id && *id >= 0 && *id <= 0xffffffff) stream_id_ = static_cast<std::uint32_t>(*id);
  co_return Result<void>{};
}

asio::awaitable<Result<Command>> ClientSession::wait_for_result(double transaction_id, Deadline deadline) {
  for (int asides = 0; asides < max_asides; ++asides) {
    auto message = co_await connection_.read(deadline);
    if (!message) co_return std::move(message).error();
    if (is_command(*message)) {
      auto command = parse_command(*message);
      if (!command) co_return std::move(command).error();
      const bool is_result = command->name == "_result" || command->name == "_error";
      if (is_result && command->transaction_id == transaction_id) co_return *std::move(command);
    }
    auto taken = take(*message);
    if (!taken) co_return std::move(taken).error();
  }
  co_return Error{Errc::invalid_data, "RTMP: the server says everything but the answer"};
}

asio::awaitable<Result<void>> ClientSession::wait_for_status(std::string_view wanted_code,
                                                             Deadline deadline) {
  for (int asides = 0; asides < max_asides; ++asides) {
    auto message = co_await connection_.read(deadline);
    if (!message) co_return std::move(message).error();
    auto taken = take(*message);
    if (!taken) co_return std::move(taken).error();
    if (!is_command(*message)) {
      // Media before the status: some servers say nothing.
      if (!publishing_ && is_media(*message)) co_return Result<void>{};
      continue;
    }
    auto command = parse_command(*message);
    if (command && command->name == "onStatus" && command->arguments.size() > 1 &&
        command->arguments[1].string_at("code") == wanted_code) {
      via_ = name_at(command->arguments[1], "via", media::max_via_size);
      timeline_ = name_at(command->arguments[1], "timeline", max_name_size);
      co_return Result<void>{};
    }
  }
  co_return Error{Errc::invalid_data, "RTMP: the server says everything but the answer"};
}

// What a message means outside of an exchange: media, an end, or a refusal.
Result<void> ClientSession::take(const Message& message) {
  if (message.type == MessageType::user_control) {  // only StreamEOF comes this far
    ended_ = true;
    return {};
  }
  if (!is_command(message)) {
    // Without a play there is nobody who takes it out.
    if (playing_) media_.feed(message);
    return {};
  }
  auto command = parse_command(message);
  if (!command) return std::move(command).error();
  if (command->name == "close") return Error{Errc::closed, "the server closed the connection"};
  return command->name == "onStatus" ? judge_status(*command) : Result<void>{};
}

Result<void> ClientSession::judge_status(const Command& command) {
  const amf::Value information = command.arguments.size() > 1 ? command.arguments[1] : amf::Value();
  const std::string_view code = information.string_at("code");
  const std::string_view place = information.string_at("tcUrl");
  if (code == "NetConnection.Connect.ReconnectRequest")
    reconnect_request_ = place.size() <= max_url_size ? place : std::string_view();
  note_redirect(information);
  if (information.string_at("level") == "error" || code.find("StreamNotFound") != code.npos)
    return refusal(information, "the server refused the stream");
  if (!publishing_ && (code == "NetStream.Play.UnpublishNotify" || code == "NetStream.Play.Stop" ||
                       code == "NetStream.Play.Complete"))
    ended_ = true;
  return {};
}

asio::awaitable<Result<void>> ClientSession::play(std::chrono::milliseconds timeout) {
  const Deadline deadline = deadline_in(timeout);
  auto created = co_await create_stream(deadline);
  if (!created) co_return std::move(created).error();
  playing_ = true;
  connection_.reader().set_limit(ChunkReader::media_bytes);
  connection_.reader().keep_media(true);
  Outbox& outbox = connection_.outbox();
  outbox.user_control(UserControl::set_buffer_length, stream_id_, buffer_ms);
  outbox.command("play", next_transaction_++, {amf::Null{}, stream_, -2.0}, stream_id_);
  co_return co_await wait_for_status("NetStream.Play.Start", deadline);
}

asio::awaitable<Result<std::optional<MediaMessage>>> ClientSession::read_media(
    std::chrono::milliseconds timeout) {
  const Deadline deadline = deadline_in(timeout);
  for (;;) {
    if (connection_.is_turn_over() && media_.has_more()) co_await connection_.pass_on();
    if (auto ready = media_.next()) {
      if (media_.has_more()) connection_.count_part();
      co_return std::move(ready);
    }
    if (ended_) co_return std::optional<MediaMessage>{};
    auto message = co_await connection_.read(deadline);
    if (!message) co_return std::move(message).error();
    auto taken = take(*message);
    if (!taken) co_return std::move(taken).error();
  }
}

asio::awaitable<Result<void>> ClientSession::publish(std::chrono::milliseconds timeout) {
  const Deadline deadline = deadline_in(timeout);
  publishing_ = true;
  const std::string name = stream_.substr(0, stream_.find('?'));
  connection_.outbox().command("releaseStream", next_transaction_++, {amf::Null{}, name});
  connection_.outbox().command("FCPublish", next_transaction_++, {amf::Null{}, name});
  auto created = co_await create_stream(deadline);
  if (!created) co_return std::move(created).error();
  connection_.outbox().command("publish", next_transaction_++, {amf::Null{}, stream_, "live"}, stream_id_);
  co_return co_await wait_for_status("NetStream.Publish.Start", deadline);
}

// One turn: a server that says much shall not keep us.
Result<void> ClientSession::take_some() {
  connection_.begin_turn();
  for (;;) {
    auto message = connection_.poll();
    if (!message) return std::move(message).error();
    if (!*message) return {};
    if (auto taken = take(**message); !taken) return taken;
  }
}

Result<std::vector<std::uint8_t>> ClientSession::poll_publishing() {
  if (auto taken = take_some(); !taken) return std::move(taken).error();
  return connection_.outbox().take();
}

asio::awaitable<Result<void>> ClientSession::write_media(std::span<const MediaMessage> messages,
                                                         std::chrono::milliseconds timeout) {
  if (auto taken = take_some(); !taken) co_return std::move(taken).error();
  for (const MediaMessage& message : messages) {
    if (message.type != flv::TagType::script || media::script_name(message.payload.bytes()) != "onMetaData") {
      connection_.outbox().media(message, stream_id_);
      continue;
    }
    ByteWriter writer;
    amf::encode(amf::Value("@setDataFrame"), writer);
    writer.bytes(message.payload.bytes());
    connection_.outbox().media({message.type, message.timestamp_ms, Slice::copy_of(writer.view())},
                               stream_id_);
  }
  co_return co_await connection_.flush(deadline_in(timeout));
}

std::vector<std::uint8_t> ClientSession::farewell() {
  Outbox& outbox = connection_.outbox();
  if (publishing_)
    outbox.command("FCUnpublish", next_transaction_++, {amf::Null{}, stream_.substr(0, stream_.find('?'))});
  outbox.command("deleteStream", next_transaction_++, {amf::Null{}, static_cast<double>(stream_id_)});
  return outbox.take();
}

asio::awaitable<void> ClientSession::close() {
  const Deadline deadline = deadline_in(closing_time);
  auto flushed = co_await connection_.write(farewell(), deadline);
  asio::error_code ignored;
  if (flushed) {
    // Closing with unread input would reset the connection and cost the server what it has not read yet.
    connection_.shut_sending();
    for (auto message = co_await connection_.read(deadline); message;
         message = co_await connection_.read(deadline)) {
    }
  }
  socket().close(ignored);
}

}  // namespace srs::rtmp

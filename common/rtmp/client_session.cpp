#include "rtmp/client_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/log.h"
#include "media/via.h"

namespace srs::rtmp {
namespace {

constexpr std::chrono::seconds closing_time{2};

bool is_media(const Message& message) {
  return message.type == MessageType::audio || message.type == MessageType::video ||
         message.type == MessageType::aggregate;
}

// Most unrelated messages before an answer.
constexpr int max_asides = 1000;
constexpr std::size_t max_url_size = 2048;
constexpr std::size_t max_name_size = 256;

// Relays' names go into header lines and lists: anything else is dropped.
std::string name_at(const amf::Value& information, std::string_view key, std::size_t max_size) {
  const std::string_view name = information.string_at(key);
  const bool is_name = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return is_name && name.size() <= max_size ? std::string(name) : std::string();
}

}  // namespace

Error ClientSession::refusal(const amf::Value& information, std::string_view otherwise) {
  const std::string code = cli::peer_text(information.string_at("code"));
  const std::string description = cli::peer_text(information.string_at("description"));
  const Errc kind = code.find("NotFound") != code.npos ? Errc::not_found : Errc::refused;
  if (code.empty()) return {kind, std::string(otherwise)};
  return {kind, description.empty() ? code : fmt::format("{}: {}", code, description)};
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
    auto handled = on_message(*message);
    if (!handled) co_return std::move(handled).error();
  }
  co_return Error{Errc::invalid_data, "RTMP: 1,000 messages and no answer from the server"};
}

asio::awaitable<Result<void>> ClientSession::wait_for_status(std::string_view wanted_code,
                                                             Deadline deadline) {
  for (int asides = 0; asides < max_asides; ++asides) {
    auto message = co_await connection_.read(deadline);
    if (!message) co_return std::move(message).error();
    auto handled = on_message(*message);
    if (!handled) co_return std::move(handled).error();
    if (!is_command(*message)) {
      // Media without a status: some servers send none.
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
  co_return Error{Errc::invalid_data, "RTMP: 1,000 messages and no answer from the server"};
}

// A message outside of an exchange: media, the stream's end, or a refusal.
Result<void> ClientSession::on_message(const Message& message) {
  if (message.type == MessageType::user_control) {  // Connection passes on StreamEOF only
    ended_ = true;
    return {};
  }
  if (!is_command(message)) {
    // Without a play nobody would read it.
    if (playing_) media_.feed(message);
    return {};
  }
  auto command = parse_command(message);
  if (!command) return std::move(command).error();
  if (command->name == "close") return Error{Errc::closed, "the server closed the connection"};
  return command->name == "onStatus" ? on_status(*command) : Result<void>{};
}

Result<void> ClientSession::on_status(const Command& command) {
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

asio::awaitable<void> ClientSession::close() {
  const Deadline deadline = deadline_in(closing_time);
  auto flushed = co_await connection_.write(farewell(), deadline);
  if (flushed) {
    // Closing with unread input would reset the connection, and the server would lose what it has not read
    // yet.
    connection_.shut_sending();
    for (auto message = co_await connection_.read(deadline); message;
         message = co_await connection_.read(deadline)) {
    }
  }
  socket().close();
}

}  // namespace srs::rtmp

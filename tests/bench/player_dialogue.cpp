#include "player_dialogue.h"

#include <string>
#include <string_view>

#include "rtmp/chunk_reader.h"
#include "rtmp/command.h"
#include "rtmp/handshake.h"

namespace srs::bench_floor {
namespace {

constexpr std::size_t max_request = 16 * 1024;
constexpr std::uint32_t window_bytes = 2'500'000;

// The answer to any request is the stream.
class HttpDialogue : public PlayerDialogue {
 public:
  Result<bool> feed(Bytes bytes, std::vector<std::uint8_t>& reply) override {
    request_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (request_.size() > max_request) return Error{Errc::too_large, "the request does not end"};
    if (request_.find("\r\n\r\n") == std::string::npos) return false;
    constexpr std::string_view head =
        "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n";
    reply.insert(reply.end(), head.begin(), head.end());
    return true;
  }

 private:
  std::string request_;
};

class RtmpDialogue : public PlayerDialogue {
 public:
  Result<bool> feed(Bytes bytes, std::vector<std::uint8_t>& reply) override {
    if (!handshake_.done()) {
      auto used = handshake_.feed(bytes);
      if (!used) return std::move(used).error();
      bytes = bytes.subspan(*used);
      outbox_.raw(handshake_.take_reply());
    }
    Result<bool> playing = handshake_.done() ? parse_messages(bytes) : Result<bool>(false);
    const std::vector<std::uint8_t> bytes_out = outbox_.take();
    reply.insert(reply.end(), bytes_out.begin(), bytes_out.end());
    return playing;
  }

 private:
  Result<bool> parse_messages(Bytes bytes) {
    bool playing = false;
    for (;;) {
      auto message = reader_.next(bytes);
      if (!message) return std::move(message).error();
      if (!*message) return playing;
      if ((*message)->type != rtmp::MessageType::command_amf0) continue;
      auto command = rtmp::parse_command(**message);
      if (!command) return std::move(command).error();
      if (answer(*command)) playing = true;
    }
  }

  bool answer(const rtmp::Command& command) {
    if (command.name == "connect") {
      outbox_.window_ack_size(window_bytes);
      outbox_.set_peer_bandwidth(window_bytes);
      outbox_.set_chunk_size();
      outbox_.command("_result", command.transaction_id,
                      {amf::Value::object({{"fmsVer", "FMS/3,5,7,7009"}, {"capabilities", 31.0}}),
                       amf::Value::object({{"level", "status"}, {"code", "NetConnection.Connect.Success"}})});
    } else if (command.name == "createStream") {
      outbox_.command("_result", command.transaction_id,
                      {amf::Null{}, static_cast<double>(rtmp::media_stream_id)});
    } else if (command.name == "play") {
      outbox_.user_control(rtmp::UserControl::stream_begin, rtmp::media_stream_id);
      outbox_.status(rtmp::media_stream_id, "status", "NetStream.Play.Start", "Started playing.");
      return true;
    } else if (command.transaction_id != 0) {
      outbox_.command("_result", command.transaction_id, {amf::Null{}, amf::Null{}});
    }
    return false;
  }

  rtmp::ServerHandshake handshake_;
  rtmp::ChunkReader reader_;
  rtmp::Outbox outbox_;
};

}  // namespace

std::unique_ptr<PlayerDialogue> make_player_dialogue(Wire wire) {
  if (wire == Wire::rtmp) return std::make_unique<RtmpDialogue>();
  return std::make_unique<HttpDialogue>();
}

}  // namespace srs::bench_floor

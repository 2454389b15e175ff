// RtmpDialog: an RTMP client that plays or publishes: handshake, connect, createStream, play or publish, and
// the protocol's housekeeping (acknowledgements, pings).
#pragma once

#include <memory>
#include <string>

#include "net/url.h"
#include "rtmp/command.h"
#include "rtmp/handshake.h"
#include "rtmp/received_bytes.h"
#include "srs-bench/content/media_listener.h"
#include "srs-bench/loop/protocol.h"
#include "srs-bench/rtmp/chunk_skimmer.h"

namespace srs::bench {

class RtmpDialog : public Protocol, private ChunkListener {
 public:
  enum class Role { play, publish };

  RtmpDialog(Role role, const net::Url& url, MediaListener& listener, Keep keep = Keep::heads);

  Result<void> feed(Bytes bytes) override;
  void count(std::size_t size) override;
  bool ends(Bytes last_bytes) const override;
  void keep_alive() override;
  std::vector<std::uint8_t> take_output() override { return outbox_.take(); }
  Refusal refusal() const override { return refusal_; }
  std::string_view awaits() const override;
  bool ended() const override { return ended_; }

  // The server has accepted: media may flow.
  bool ready() const { return ready_; }
  std::uint32_t message_stream_id() const { return stream_id_; }
  // A publisher's closing commands.
  std::vector<std::uint8_t> farewell();

 private:
  Result<void> on_message(rtmp::MessageType type, std::uint32_t timestamp_ms, Bytes kept) override;
  Result<void> on_command(rtmp::MessageType type, Bytes body);
  Result<void> on_status(const amf::Value& information);
  // Keeps the server's message. information: may be null.
  Error refuse(const amf::Value* information, std::string_view otherwise);
  void on_user_control(Bytes body);
  void send_connect();
  void send_stream_request();
  void acknowledge_if_due();

  const Role role_;
  MediaListener& listener_;
  std::string tc_url_, app_, stream_;
  std::unique_ptr<rtmp::ClientHandshake> handshake_;  // until it is done
  ChunkSkimmer skimmer_;
  rtmp::Outbox outbox_;
  rtmp::ReceivedBytes received_;
  std::uint32_t window_ = 2'500'000;
  std::uint32_t stream_id_ = 1;
  enum class Stage { connecting, creating, asking } stage_ = Stage::connecting;
  Refusal refusal_;
  bool ready_ = false;
  bool ended_ = false;
};

}  // namespace srs::bench

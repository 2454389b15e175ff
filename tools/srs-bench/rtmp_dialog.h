// RtmpDialog: an RTMP client that plays or publishes: handshake, connect, createStream, play or
// publish, and the protocol's own business (acknowledgements, pings).
#pragma once

#include <memory>
#include <string>

#include "chunk_skimmer.h"
#include "media_listener.h"
#include "net/url.h"
#include "protocol.h"
#include "rtmp/command.h"
#include "rtmp/handshake.h"
#include "rtmp/received_bytes.h"

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
  bool ended() const override { return ended_; }

  // The server has agreed: media may flow.
  bool ready() const { return ready_; }
  std::uint32_t message_stream_id() const { return stream_id_; }
  // What a publisher says when it is done.
  std::vector<std::uint8_t> farewell();

 private:
  Result<void> on_message(rtmp::MessageType type, std::uint32_t timestamp_ms, Bytes kept) override;
  Result<void> on_command(rtmp::MessageType type, Bytes body);
  Result<void> on_status(const amf::Value& information);
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
  bool ready_ = false;
  bool ended_ = false;
};

}  // namespace srs::bench

// Publisher: the connection of a publisher, of any protocol: RTMP, later an RTSP ANNOUNCE, a WHIP session, an
// SRT caller. The protocol implements it; Publications calls it.
#pragma once

#include <string>

namespace srs::live {

class Publisher {
 public:
  enum class CutOff {
    replaced,     // another publisher takes its place
    by_operator,  // an operator disconnects it; it may come back
  };

  virtual ~Publisher() = default;
  // Ends the connection soon, after sending the peer the reason, if the protocol can. If replaced, its feed
  // is not current any more; otherwise the stream waits as after any loss.
  virtual void cut_off(CutOff cause, const std::string& why) = 0;
  // Asks the peer to publish elsewhere, if the protocol can.
  virtual void ask_to_reconnect() {}
};

// What a publisher asks for. The protocols limit the length of peers' texts.
struct PublishRequest {
  std::string protocol;  // "rtmp"
  std::string path;      // of the stream, checked (media::parse_stream_path)
  std::string address;   // of the peer, "10.0.0.7:50123"
  std::string software;  // the peer's own name for it; may be empty
  // What a node of ours says about the stream: see media::StreamInfo. Empty: not a node.
  std::string via, timeline;
};

}  // namespace srs::live

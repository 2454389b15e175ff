// Protocol: the protocol of one connection of a player or publisher, without I/O of its own. The connection
// sends what take_output() returns and feeds what it receives.
//
// A player that has seen its first key frame may stop feeding for good and only report how many bytes
// arrived: count(). Then the protocol has lost its position in the stream, and only the last bytes show
// whether the stream is over: ends().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::bench {

// A server's refusal. Nothing in it is trusted.
struct Refusal {
  std::string detail;    // for people: printable, truncated; may be empty
  std::string redirect;  // redirect target: a URL, or for HTTP a reference; may be empty
};

class Protocol {
 public:
  virtual ~Protocol() = default;

  // An error is final: the peer refused us, or sent invalid data.
  virtual Result<void> feed(Bytes bytes) = 0;
  // Bytes arrived that were not read. No feed() after it.
  virtual void count(std::size_t size) = 0;
  // Whether the server's last bytes end the stream.
  virtual bool ends(Bytes last_bytes) const = 0;
  // Queues output that shows the server that we are alive, if the protocol has any.
  virtual void keep_alive() {}
  // Bytes to send now; may be empty.
  virtual std::vector<std::uint8_t> take_output() = 0;
  // Valid after an error of feed().
  virtual Refusal refusal() const { return {}; }
  // What is awaited before media arrives: "an answer to 'play'".
  virtual std::string_view awaits() const = 0;
  // Whether the fed bytes ended the stream.
  virtual bool ended() const = 0;
};

}  // namespace srs::bench

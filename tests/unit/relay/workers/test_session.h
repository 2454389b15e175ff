// TestSession: a player over a connection in memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "srs-relay/workers/player_session.h"
#include "unit/net/memory_transport.h"

namespace srs::relay {

inline Slice text(std::string_view bytes) {
  return Slice::copy_of(Bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

inline const LastBytes last_bytes{text("<ended>"), text("<cut short>")};

class TestSession : public PlayerSession {
 public:
  TestSession(Worker& worker, std::shared_ptr<Stream> stream, const cli::Log& log)
      : PlayerSession(worker, std::move(stream), "192.0.2.1:1000", log), peer(worker.io()) {}

  void ask_to_leave(log::WireReader&) override { ++asked_to_leave; }

  net::MemoryTransport peer;
  std::string dropped;  // why
  bool closed = false;
  int asked_to_leave = 0;

 private:
  net::Transport& transport() override { return peer; }
  const char* protocol() const override { return "test"; }
  Input read_input() override { return peer.peer_closed() ? Input::gone : Input::quiet; }
  void on_dropped(const std::string& why) override { dropped = why; }
  void on_closed() override { closed = true; }
};
using SessionPtr = std::shared_ptr<TestSession>;

}  // namespace srs::relay

// The protocols of players, one row each. No other code in srs-relay lists them.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "srs-relay/options.h"
#include "srs-relay/players/http_flv/flv_wires.h"
#include "srs-relay/players/rtmp/rtmp_players.h"
#include "srs-relay/players/rtmp/rtmp_wires.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/workers/protocol.h"

namespace srs::relay {

// What protocols share. Outlives the workers.
struct ProtocolSetup {
  Hub& hub;
  gate::Gate& gate;
  const Options& options;
  const cli::Log& log;
  std::shared_ptr<rtmp::MessageBudget> budget;  // of the process, for unfinished RTMP messages
  RtmpPlayers::OnPublisher on_publisher;        // empty: publishers are refused
  RtmpWires rtmp_wires{};
  FlvWires flv_wires{};
};

struct ProtocolEntry {
  std::string_view scheme;  // of the URLs that listen for it, "rtmp"
  std::unique_ptr<Protocol> (*make)(Worker& worker, const ProtocolSetup& setup);
};

const std::vector<ProtocolEntry>& protocols();
// The index in protocols() of the protocol with this scheme.
std::optional<std::size_t> find_protocol(std::string_view scheme);

// One of each, in the order of protocols().
std::vector<std::unique_ptr<Protocol>> make_protocols(Worker& worker, const ProtocolSetup& setup);

}  // namespace srs::relay

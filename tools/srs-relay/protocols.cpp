#include "srs-relay/protocols.h"

#include "srs-relay/players/http_flv/http_players.h"

namespace srs::relay {
namespace {

std::unique_ptr<Protocol> make_rtmp(Worker& worker, const ProtocolSetup& setup) {
  RtmpPlayers::Options options{setup.options.player_wait, setup.budget, setup.on_publisher};
  return std::make_unique<RtmpPlayers>(worker, setup.hub, setup.gate, setup.rtmp_wires, std::move(options),
                                       setup.log);
}

std::unique_ptr<Protocol> make_http_flv(Worker& worker, const ProtocolSetup& setup) {
  return std::make_unique<HttpPlayers>(worker, setup.hub, setup.gate, setup.flv_wires,
                                       setup.options.player_wait, setup.log);
}

}  // namespace

const std::vector<ProtocolEntry>& protocols() {
  static const std::vector<ProtocolEntry> list{{"rtmp", make_rtmp}, {"http", make_http_flv}};
  return list;
}

std::optional<std::size_t> find_protocol(std::string_view scheme) {
  for (std::size_t i = 0; i < protocols().size(); ++i)
    if (protocols()[i].scheme == scheme) return i;
  return std::nullopt;
}

std::vector<std::unique_ptr<Protocol>> make_protocols(Worker& worker, const ProtocolSetup& setup) {
  std::vector<std::unique_ptr<Protocol>> made;
  for (const ProtocolEntry& entry : protocols()) made.push_back(entry.make(worker, setup));
  return made;
}

}  // namespace srs::relay

// PlayerDialogue: the exchange between a player and the floor until media flows; no more than players need.
#pragma once

#include <memory>
#include <vector>

#include "core/result.h"
#include "prepared_stream.h"

namespace srs::bench_floor {

class PlayerDialogue {
 public:
  virtual ~PlayerDialogue() = default;
  // Parses received bytes and appends the reply. True once media is to follow. An error is final.
  virtual Result<bool> feed(Bytes bytes, std::vector<std::uint8_t>& reply) = 0;
};

std::unique_ptr<PlayerDialogue> make_player_dialogue(Wire wire);

}  // namespace srs::bench_floor

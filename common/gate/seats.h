// Seats limits how many play at a time: in all, per stream, per address and per user; and how many streams a
// user publishes. A player takes a seat when it is admitted, and keeps it as long as it plays.
//
// An address is an IPv4 address or an IPv6 /64; loopback has no limit of its own. Who shows nothing is no
// user. Any thread. Memory: an entry for each stream, address and user that has seats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "access/question.h"
#include "core/result.h"

namespace srs::gate {

struct SeatLimits {  // 0: none
  std::size_t players = 0;
  std::size_t players_per_stream = 0;
  std::size_t players_per_address = 0;
  std::size_t players_per_user = 0;
  std::size_t streams_per_user = 0;  // that it publishes

  bool any() const {
    return players + players_per_stream + players_per_address + players_per_user + streams_per_user > 0;
  }
};

class Seats {
 public:
  explicit Seats(SeatLimits limits) : counts_(std::make_shared<Counts>()), limits_(limits) {}

  // Takes a seat, which is given back when the last copy of it is destroyed. Errors: too_large, with the
  // option that sets the limit.
  Result<std::shared_ptr<const void>> take(const access::Question& question, const access::Grant& grant);

 private:
  struct Counts {
    std::mutex mutex;
    std::unordered_map<std::string, std::size_t> taken;  // by what is counted
  };
  class Seat;

  const std::shared_ptr<Counts> counts_;
  const SeatLimits limits_;
};

}  // namespace srs::gate

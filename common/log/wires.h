// Wires: those that a log has, one of each format. They come when somebody asks for one, and go when nobody
// has read them for a while.
//
// Belongs to the log's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "log/wire.h"

namespace srs::log {

class Wires {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Whether payloads that are appended end up in the wire: see Wire::take_over().
  enum class Payloads : bool { left, taken };

  // format: the address of a WireEncoder or PacketFormat. Null if there is no wire of it.
  std::shared_ptr<Wire> find(const void* format) const;
  void add(const void* format, std::shared_ptr<Wire> wire, Payloads payloads);
  std::size_t size() const { return wires_.size(); }
  // Whether one of them takes payloads over.
  bool take_payloads() const;

  void begin_at(const MessageStart& start);
  void take_over(media::Message& message, std::uint32_t number);
  void evict_before(std::uint32_t number);
  // Lets go of those that nobody else held whenever this was called during the last `patience`; so it is to
  // be called each second or so. now: never goes back.
  void drop_unused(TimePoint now, std::chrono::steady_clock::duration patience);

 private:
  struct Attached {
    const void* format;
    std::shared_ptr<Wire> wire;
    Payloads payloads;
    TimePoint read_at{};  // or when that was looked at first
  };

  std::vector<Attached> wires_;
};

}  // namespace srs::log

// PacketReader: one thread's view of a PacketLog that another thread appends to. See ChainReader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "log/chain_reader.h"
#include "log/packet_log.h"

namespace srs::log {

// A look at a packet; valid until release_before() or reset().
struct Packet {
  Offset offset = 0;  // among the packets of all tracks
  Bytes payload;
  std::uint8_t track = 0;
  bool marker = false;
  bool first = false;                  // of its message
  std::uint64_t index = 0;             // among the packets of its track
  std::int64_t time = 0;               // see PacketMark
  std::int64_t timestamp_ms = 0;       // decoding time of its message
  const PacketStart* start = nullptr;  // if playing can begin here
};

class PacketReader : public ChainReader<PacketBlock> {
 public:
  explicit PacketReader(std::shared_ptr<const PacketLog> log)
      : ChainReader(log->chain()), log_(std::move(log)) {}

  const std::shared_ptr<const PacketLog>& log() const { return log_; }

  // Looks at the packets from `offset` (not released) on, up to head() and as many as there is room for;
  // returns how many. They end with a whole message unless the room does not suffice: see Packet::first.
  std::size_t gather(Offset offset, std::span<Packet> packets) const;
  // The packet of this track and index, if it is kept: also one before tail(), as long as its block is not
  // released.
  std::optional<Packet> find(unsigned track, std::uint64_t index) const;

 private:
  const std::shared_ptr<const PacketLog> log_;
};

}  // namespace srs::log

// PacketLog: the packets that every player of one stream and one packet format is sent.
//
// Each message is cut into packets once. What is kept of a packet is its payload, in large shared blocks, and
// a mark: its track and number, the marker bit, its time, whether a message or playing can begin there. A
// player is an offset: it puts a header in front of each packet and encrypts it into its worker's send
// buffer.
//
// Offsets count the packets of all tracks, Packet::index those of its own track, both in 64 bits since
// this log was made. So all players agree on the number of a packet: the sequence number of one is that
// index plus a number of the player's own, and a player that asks for a lost packet again is answered from
// the log (PacketReader::find()), without a history of its own.
//
// It goes back as far as the log of messages that it is a view of, unless its packets cost more than the
// limit: then its oldest messages go sooner. The newest message is always there, whole.
//
// One thread appends, any number read, each through a PacketReader of its own: see chain.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/slice.h"
#include "log/chain.h"
#include "log/packet_wire.h"
#include "log/wire.h"

namespace srs::log {

struct PacketStart {
  Offset offset = 0;  // of the first packet of the message
  std::int64_t timestamp_ms = 0;
  std::shared_ptr<const media::StreamHeaders> headers;  // in force there; never null
};

// What is const never changes; the rest is written by the log's owner, and read up to what the atomics say.
struct PacketBlock : ChainBlock<PacketBlock, PacketStart> {
  struct Mark {  // a packet
    std::uint64_t index = 0;
    std::int64_t time = 0;
    std::int64_t timestamp_ms = 0;
    const PacketStart* start = nullptr;  // if playing can begin here
    std::uint32_t at = 0;
    std::uint32_t number = 0;  // of its message: see Wire::take_over()
    std::uint16_t size = 0;
    std::uint8_t track = 0;
    bool marker = false;
    bool first = false;  // of its message
  };
  using Indexes = std::array<std::uint64_t, max_packet_tracks>;  // by track

  PacketBlock(Offset start_offset, std::size_t capacity_bytes, std::uint32_t capacity_packets,
              const Indexes& first_indexes);

  Offset offset_of(std::uint32_t packet) const { return start + packet; }
  std::int64_t timestamp_of(std::uint32_t packet) const { return marks[packet].timestamp_ms; }
  const PacketStart* start_of(std::uint32_t packet) const { return marks[packet].start; }
  std::uint32_t index_of(Offset offset, std::uint32_t) const {
    return static_cast<std::uint32_t>(offset - start);
  }

  const std::size_t capacity;
  const std::uint32_t max_marks;
  const Indexes first_index;  // of the first packet of each track from here on
  const Block bytes;
  const std::unique_ptr<Mark[]> marks;

  // The writer's.
  std::size_t used = 0;
  std::vector<std::unique_ptr<PacketStart>> starts;
};

class PacketLog final : public Wire, private PacketSink {
 public:
  // max_bytes: of payloads and marks together. begin: what offsets and indexes count on from.
  PacketLog(const PacketFormat& format, std::size_t max_bytes, Offset begin = 0);

  // Any thread.
  const PacketFormat& format() const { return format_; }
  Offset tail() const { return chain_.tail(); }
  Offset head() const { return chain_.head(); }
  const Chain<PacketBlock>& chain() const { return chain_; }

  // The writer's thread.
  void begin_at(const MessageStart& start) override;
  // The message stays as it is.
  void take_over(media::Message& message, std::uint32_t number) override { append(message, number); }
  // All its packets can be seen at once.
  void append(const media::Message& message, std::uint32_t number);
  void evict_before(std::uint32_t number) override;
  // What the packets from the tail on cost.
  std::size_t cost_bytes() const { return cost_bytes_; }

 private:
  bool put(const PacketMark& mark, std::span<const Bytes> pieces) override;
  PacketBlock& block_with(std::size_t room);
  void keep_within_limit();

  const PacketFormat& format_;
  const std::shared_ptr<const PacketFormat> format_owner_;  // null if it lives longer anyway
  const std::unique_ptr<PacketWire> wire_;
  const std::size_t max_bytes_;
  PacketBlock::Indexes next_index_;
  Chain<PacketBlock> chain_;
  std::unique_ptr<PacketStart> pending_start_;
  std::size_t cost_bytes_ = 0;

  // Of the message that is being split.
  const media::Message* message_ = nullptr;
  std::uint32_t number_ = 0;
  std::size_t packets_ = 0;
};

}  // namespace srs::log

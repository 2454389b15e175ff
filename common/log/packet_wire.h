// PacketWire: how the messages of one stream are cut into packets (RTP).
//
// A WireEncoder has no state and serves all streams; a packet wire belongs to one log: it knows the codec's
// configuration, keeps what goes on from packet to packet, and is made by its PacketFormat when the first
// player of that format comes.
//
// What is cut are payloads. Headers with sequence number and sender, and encryption, differ from player to
// player: each worker adds them as it sends. Packets are numbered per track for that: see Packet::index.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/byte_reader.h"
#include "media/message.h"
#include "media/stream_headers.h"

namespace srs::log {

// The payload of a packet: more than any datagram has room for.
inline constexpr std::size_t max_packet_bytes = 65'535;
// Of one message. A picture of 16 MiB is 14,000 packets; one made of empty pieces must not fill the memory.
inline constexpr std::size_t max_packets_of_message = 32'768;
// Tracks that are numbered: 0, 1, ...
inline constexpr unsigned max_packet_tracks = 8;

struct PacketMark {
  std::uint8_t track = 0;  // as the format numbers them, below max_packet_tracks
  bool marker = false;     // RTP's marker bit: the last packet of a picture, ...
  std::int64_t time = 0;   // when it is to be shown, in the units of the track's clock, counted in 64 bits
};

// Takes the packets of a message, in the order in which they go out.
class PacketSink {
 public:
  // The payload is these pieces, one behind the other; they are copied. False, and nothing is taken, if it
  // is empty or larger than max_packet_bytes, the track is out of range, or it is one packet too many of
  // this message.
  virtual bool put(const PacketMark& mark, std::span<const Bytes> pieces) = 0;

 protected:
  ~PacketSink() = default;
};

// Used by the thread that appends to its log; destroyed by whoever held that last.
class PacketWire {
 public:
  virtual ~PacketWire() = default;
  // Players begin at the message that is split next: what their decoders need in front of it (parameter sets)
  // goes out as packets of that message. headers: those in force; those of tracks that bring nothing now are
  // left out, but may be needed again without being said again.
  virtual void begin_at(const media::StreamHeaders& headers) = 0;
  // Puts the packets of the message, none if it is not for this wire. It sees every message of the stream
  // from the log's tail on: also headers, scripts and fillers.
  virtual void split(const media::Message& message, PacketSink& to) = 0;
};

// What all packet wires of a kind have in common: the size of packets, which codecs and tracks. Shared by all
// logs and by all threads; a log has one wire of each format, whose identity is its address.
// One that is owned by a shared_ptr is kept by the logs that use it; others must outlive them.
class PacketFormat : public std::enable_shared_from_this<PacketFormat> {
 public:
  virtual ~PacketFormat() = default;
  // Never null.
  virtual std::unique_ptr<PacketWire> make_wire() const = 0;
};

}  // namespace srs::log

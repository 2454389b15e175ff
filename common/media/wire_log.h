// WireLog: the very bytes that every player of one stream and one wire format is sent.
//
// Each message is encoded once, into large shared blocks, and never changes. A player is an
// offset into the log: it sends what gather() points at and moves its offset on. There is no
// queue and no copy per player.
//
// Offsets count the bytes of the stream since its start and never repeat. A message lies whole
// in one block, so what is left of a message can be held on to as one Slice after the log has let go
// of it (rest_of_message): that is how a player that fell behind the tail finishes its message.
//
// A start is a place to begin playing, or to jump to: a key frame (each second, without video).
// Its prelude holds the metadata and codec headers in force there, encoded like the rest.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <optional>

#include "core/slice.h"
#include "media/message.h"

namespace srs::media {

// How messages look on a wire: stateless, shared by all logs of its format.
class WireEncoder {
 public:
  virtual ~WireEncoder() = default;
  // Bytes that encode() writes; 0: the message is not for this wire.
  virtual std::size_t encoded_size(const Message& message) const = 0;
  virtual void encode(const Message& message, std::uint8_t* to) const = 0;
};

class WireLog {
 public:
  using Offset = std::uint64_t;
  struct Start {
    Offset offset = 0;
    std::int64_t timestamp_ms = 0;
    std::uint32_t headers_version = 0;  // players that know this version need no prelude
    Slice prelude;
  };

  explicit WireLog(const WireEncoder& encoder) : encoder_(encoder) {}
  WireLog(const WireLog&) = delete;
  WireLog& operator=(const WireLog&) = delete;

  const WireEncoder& encoder() const { return encoder_; }

  void append(const Message& message);
  // The message appended next is a place to start at.
  void mark_start(std::int64_t timestamp_ms, std::uint32_t headers_version, Slice prelude);
  // Forgets whole messages up to the one at `offset`, a message boundary.
  void evict_before(Offset offset);

  Offset tail() const { return marks_.empty() ? head_ : marks_.front().offset; }
  Offset head() const { return head_; }
  std::size_t size_bytes() const { return static_cast<std::size_t>(head_ - tail()); }
  // The decoding time of the message that `offset` lies in; that of the newest one at head().
  std::int64_t timestamp_at(Offset offset) const;

  std::optional<Start> newest_start() const;

  // Points `pieces` at the bytes from `offset` (tail() .. head()) on; returns how many were used.
  std::size_t gather(Offset offset, iovec* pieces, std::size_t max_pieces) const;
  // The bytes from `offset` (below head()) to the end of its block, to be held on to.
  Slice next_slice(Offset offset) const;
  // What is left of the message that `offset` lies inside; empty at a boundary.
  Slice rest_of_message(Offset offset) const;

 private:
  static constexpr std::size_t block_size = 256 * 1024;
  struct LogBlock {
    Block bytes;
    std::size_t capacity = 0;
    std::size_t used = 0;
    Offset start = 0;
  };
  struct Mark {
    Offset offset = 0;
    std::int64_t timestamp_ms = 0;
  };

  std::uint8_t* room_for(std::size_t size);
  const LogBlock& block_of(Offset offset) const;
  // The message that `offset` lies in; marks_.end() at head().
  std::deque<Mark>::const_iterator mark_of(Offset offset) const;

  const WireEncoder& encoder_;
  std::deque<LogBlock> blocks_;
  std::deque<Mark> marks_;
  std::deque<Start> starts_;
  Offset head_ = 0;
};

}  // namespace srs::media

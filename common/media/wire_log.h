// WireLog: the very bytes that every player of one stream and one wire format is sent.
//
// Each message is encoded once, into large shared blocks, and never changes. A player is an
// offset into the log: it sends what gather() points at and moves its offset on. There is no
// queue and no copy per player.
//
// One thread appends: the log's owner. Any number of threads read, each through a WireReader of
// its own, and no lock is taken on the path of a frame. That works because the blocks form a chain
// in which each owns the next: who holds a block holds everything that came after it, and sees it grow.
//
//     log:      first ─────────────┐                        head (atomic)
//                                  v                          v
//     blocks:   [ gone ] -> [ block ] -> [ block ] -> [ block ]
//                  ^
//     reader:      └ a thread that is late still holds what its players have to send
//
// The writer fills a block, then publishes the new head (release); a reader takes in the head
// (acquire) and may look at everything before it. Evicting moves the tail and lets go of the first
// blocks; they live on for as long as a reader, or a player inside a message of theirs, holds them.
//
// Offsets count the bytes of the stream since its start and never repeat. A message lies whole
// in one block, so what is left of a message can be held on to as one Slice after the log has let go
// of it: that is how a player that fell behind the tail finishes its message.
//
// A start is a place to begin playing, or to jump to: a key frame (each second, without video).
// Its prelude holds the metadata and codec headers in force there, encoded like the rest.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

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
  // Where in the encoded bytes the payload lies in one piece; nothing if it does not.
  virtual std::optional<std::size_t> payload_offset(const Message& message) const = 0;
};

// Whether a wire carries our own script tags (onClock, ...). Players are not to see them: FFmpeg would show
// them as a data stream.
enum class Annotations : bool { left_out, sent };

// Counts the bytes of a wire log since its start.
using WireOffset = std::uint64_t;

struct WireStart {
  WireOffset offset = 0;
  std::int64_t timestamp_ms = 0;
  std::uint32_t headers_version = 0;  // players that know this version need no prelude
  Slice prelude;
};

// A piece of the log. What is const never changes; the rest is written by the log's owner, and read
// up to what the atomics say.
struct WireBlock {
  struct Mark {  // a message
    std::uint32_t at = 0;
    std::int64_t timestamp_ms = 0;
    const WireStart* start = nullptr;  // if playing can begin here
  };

  WireBlock(WireOffset start_offset, std::size_t capacity_bytes);
  WireBlock(const WireBlock&) = delete;
  WireBlock& operator=(const WireBlock&) = delete;

  const WireOffset start;
  const std::size_t capacity;
  const std::size_t max_marks;
  const Block bytes;
  const std::unique_ptr<Mark[]> marks;
  std::atomic<std::uint32_t> mark_count{0};
  // Set once the block is full; next_owner is set before and not changed after.
  std::atomic<WireBlock*> next{nullptr};
  std::shared_ptr<WireBlock> next_owner;

  // The writer's.
  std::size_t used = 0;
  std::vector<std::unique_ptr<WireStart>> starts;
};

class WireLog {
 public:
  using Offset = WireOffset;

  explicit WireLog(const WireEncoder& encoder);
  ~WireLog();
  WireLog(const WireLog&) = delete;
  WireLog& operator=(const WireLog&) = delete;

  // Any thread.
  const WireEncoder& encoder() const { return encoder_; }
  Offset tail() const { return tail_.load(std::memory_order_acquire); }
  Offset head() const { return head_.load(std::memory_order_acquire); }
  // Where a new reader begins: the block of the tail, or one before it.
  std::shared_ptr<WireBlock> first() const;

  // The writer's thread.
  void append(const Message& message);
  // The same, and lets the message's payload be the one in the log from now on, so that it is not held twice.
  void take_over(Message& message);
  // The message appended next is a place to start at.
  void mark_start(std::int64_t timestamp_ms, std::uint32_t headers_version, Slice prelude);
  // Forgets whole messages up to the one at `offset`, a message boundary.
  void evict_before(Offset offset);
  std::size_t size_bytes() const { return static_cast<std::size_t>(head() - tail()); }

 private:
  WireBlock& room_for(std::size_t size);

  const WireEncoder& encoder_;
  mutable std::mutex first_mutex_;  // of first_: taken to begin reading, and when a block goes
  std::shared_ptr<WireBlock> first_;
  std::shared_ptr<WireBlock> last_;
  std::unique_ptr<WireStart> pending_start_;
  std::atomic<Offset> tail_{0};
  std::atomic<Offset> head_{0};
};

}  // namespace srs::media

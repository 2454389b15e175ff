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
// It points at the metadata and codec headers in force there, which many starts share: prelude().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/slice.h"
#include "media/message.h"
#include "media/stream_headers.h"
#include "media/wire_encoder.h"

namespace srs::media {

// Counts the bytes of a wire log since its start.
using WireOffset = std::uint64_t;

// The headers in force at a start. All starts between two changes share one.
struct WireHeaders {
  std::uint32_t version = 0;    // players that know this version need none of it
  Slice metadata;               // encoded: it says time 0 wherever it stands; may be empty
  std::vector<Message> codecs;  // said with the time of the start
};

struct WireStart {
  WireOffset offset = 0;
  std::int64_t timestamp_ms = 0;
  std::shared_ptr<const WireHeaders> headers;  // never null
};

// A piece of the log. What is const never changes; the rest is written by the log's owner, and read
// up to what the atomics say.
struct WireBlock {
  struct Mark {  // a message
    std::uint32_t at = 0;
    std::uint32_t number = 0;  // see WireLog::append()
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

// What a player is sent before it begins at `start`: metadata, then codec headers stamped with the time of
// the start. Those that are not there are empty.
struct WirePrelude {
  Slice metadata, codecs;
};
WirePrelude prelude(const WireEncoder& encoder, const WireStart& start);

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
  // number: of the message in its stream, modulo 2^32; the messages of a log come in this order, but not
  // every one of the stream is for every wire. A message that the wire cannot say is left out.
  void append(const Message& message, std::uint32_t number);
  // The same, and lets the message's payload be the one in the log from now on, so that it is not held twice.
  void take_over(Message& message, std::uint32_t number);
  // The message appended next is a place to start at.
  void mark_start(std::int64_t timestamp_ms, const StreamHeaders& headers);
  // Forgets the messages before this one of the stream. Less than 2^31 messages may lie between.
  void evict_before(std::uint32_t number);
  std::size_t size_bytes() const { return static_cast<std::size_t>(head() - tail()); }

 private:
  std::optional<WireEncoder::Encoded> put(const Message& message, std::uint32_t number);
  WireBlock& block_with(std::size_t room);
  std::shared_ptr<const WireHeaders> shared(const StreamHeaders& headers);
  void move_tail(Offset offset);

  const WireEncoder& encoder_;
  const std::shared_ptr<const WireEncoder> encoder_owner_;  // null if it lives longer anyway
  mutable std::mutex first_mutex_;  // of first_: taken to begin reading, and when a block goes
  std::shared_ptr<WireBlock> first_;
  std::shared_ptr<WireBlock> last_;
  std::unique_ptr<WireStart> pending_start_;
  std::shared_ptr<const WireHeaders> headers_;  // of the newest start
  std::uint32_t metadata_version_ = 0;          // in headers_
  std::uint32_t tail_mark_ = 0;                 // in first_: those before it are evicted
  std::atomic<Offset> tail_{0};
  std::atomic<Offset> head_{0};
};

}  // namespace srs::media

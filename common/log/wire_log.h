// WireLog: the very bytes that every player of one stream and one wire format is sent.
//
// Each message is encoded once, into large shared blocks, and never changes. A player is an
// offset into the log: it sends what gather() points at and moves its offset on. There is no
// queue and no copy per player.
//
// One thread appends: the log's owner. Any number of threads read, each through a WireReader of
// its own; how is in chain.h.
//
// Offsets count the bytes of the stream since its start. A message lies whole
// in one block, so what is left of a message can be held on to as one Slice after the log has let go
// of it: that is how a player that fell behind the tail finishes its message.
//
// A start is a place to begin playing, or to jump to: a key frame (each second, without video).
// It points at the metadata and codec headers in force there, which many starts share, and at the key frames
// that other tracks had just before, at the same moment: prelude().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/slice.h"
#include "log/chain.h"
#include "log/wire.h"
#include "log/wire_encoder.h"
#include "media/message.h"
#include "media/stream_headers.h"

namespace srs::log {

// Counts the bytes of a wire log since its start.
using WireOffset = Offset;

// The headers in force at a start. All starts between two changes share one.
struct WireHeaders {
  std::uint32_t version = 0;           // players that know this version need none of it
  Slice metadata;                      // encoded: it says time 0 wherever it stands; may be empty
  std::vector<media::Message> codecs;  // said with the time of the start
};

struct WireStart {
  WireOffset offset = 0;
  std::int64_t timestamp_ms = 0;
  std::shared_ptr<const WireHeaders> headers;    // never null
  std::vector<media::Message> other_key_frames;  // of multitrack streams: see MessageStart
};

// A piece of the log. What is const never changes; the rest is written by the log's owner, and read
// up to what the atomics say.
struct WireBlock : ChainBlock<WireBlock, WireStart> {
  struct Mark {  // a message
    std::uint32_t at = 0;
    std::uint32_t number = 0;  // see Wire::take_over()
    std::int64_t timestamp_ms = 0;
    const WireStart* start = nullptr;  // if playing can begin here
  };

  WireBlock(WireOffset start_offset, std::size_t capacity_bytes);

  WireOffset offset_of(std::uint32_t index) const { return start + marks[index].at; }
  std::int64_t timestamp_of(std::uint32_t index) const { return marks[index].timestamp_ms; }
  const WireStart* start_of(std::uint32_t index) const { return marks[index].start; }
  std::uint32_t index_of(WireOffset offset, std::uint32_t entries) const;

  const std::size_t capacity;
  const std::size_t max_marks;
  const Block bytes;
  const std::unique_ptr<Mark[]> marks;

  // The writer's.
  std::size_t used = 0;
  std::vector<std::unique_ptr<WireStart>> starts;
};

// What a player is sent before it begins at `start`: metadata, then codec headers stamped with the time of
// the start, then the key frames of other tracks. Those that are not there are empty.
struct WirePrelude {
  Slice metadata, codecs, key_frames;
};
WirePrelude prelude(const WireEncoder& encoder, const WireStart& start);

class WireLog final : public Wire {
 public:
  using Offset = WireOffset;

  // begin: what offsets count on from.
  explicit WireLog(const WireEncoder& encoder, WireOffset begin = 0);

  // Any thread.
  const WireEncoder& encoder() const { return encoder_; }
  Offset tail() const { return chain_.tail(); }
  Offset head() const { return chain_.head(); }
  // Where a new reader begins: the block of the tail, or one before it.
  std::shared_ptr<WireBlock> first() const { return chain_.first(); }
  const Chain<WireBlock>& chain() const { return chain_; }

  // The writer's thread.
  // As take_over(), and leaves the message as it is.
  void append(const media::Message& message, std::uint32_t number);
  void take_over(media::Message& message, std::uint32_t number) override;
  // The message appended next is a place to start at. other_key_frames: those of other tracks at this moment
  // that were appended before.
  void mark_start(std::int64_t timestamp_ms, const media::StreamHeaders& headers,
                  std::vector<media::Message> other_key_frames = {});
  void begin_at(const MessageStart& start) override {
    mark_start(start.timestamp_ms, *start.headers, start.other_key_frames);
  }
  void evict_before(std::uint32_t number) override;
  std::size_t size_bytes() const { return static_cast<std::size_t>(head() - tail()); }

 private:
  std::optional<WireEncoder::Encoded> put(const media::Message& message, std::uint32_t number);
  WireBlock& block_with(std::size_t room);
  std::shared_ptr<const WireHeaders> shared(const media::StreamHeaders& headers);

  const WireEncoder& encoder_;
  const std::shared_ptr<const WireEncoder> encoder_owner_;  // null if it lives longer anyway
  Chain<WireBlock> chain_;
  std::unique_ptr<WireStart> pending_start_;
  std::shared_ptr<const WireHeaders> headers_;  // of the newest start
  std::uint32_t metadata_version_ = 0;          // in headers_
};

}  // namespace srs::log

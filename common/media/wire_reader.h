// WireReader: one thread's view of a WireLog that another thread appends to.
//
// refresh() takes in what is new; until the next one the view stays as it is. Blocks are held until
// release_before() says that no player of this thread needs them: the log itself may have let go of them.
//
//     reader.refresh();
//     for (Player& player : players) player.send(reader);
//     reader.release_before(reader.tail());
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "media/wire_log.h"

namespace srs::media {

class WireReader {
 public:
  // The log must outlive the reader.
  explicit WireReader(const WireLog& log) : log_(log) {}

  // Takes in what has been appended and evicted. The first one begins at the log's tail.
  void refresh();
  // Lets go of the blocks that end before `offset`.
  void release_before(WireOffset offset);
  // Lets go of everything, as before the first refresh().
  void reset();

  const WireEncoder& encoder() const { return log_.encoder(); }
  // As of the last refresh().
  WireOffset tail() const { return tail_; }
  WireOffset head() const { return head_; }
  std::int64_t newest_ms() const { return newest_ms_; }
  // Null if there is none. Valid until release_before() or reset().
  const WireStart* newest_start() const;
  const WireStart* oldest_start() const;
  // The decoding time of the message that `offset` lies in; that of the newest one at head().
  std::int64_t timestamp_at(WireOffset offset) const;
  // The first message of this decoding time or later; head() if there is none.
  WireOffset offset_since(std::int64_t timestamp_ms) const;

  // Points `pieces` at the bytes from `offset` (not released, up to head()) on; returns how many were used.
  std::size_t gather(WireOffset offset, iovec* pieces, std::size_t max_pieces) const;
  // The bytes from `offset` (below head()) to the end of its block, to be held on to.
  Slice next_slice(WireOffset offset) const;
  // What is left of the message that `offset` lies inside, to be held on to; empty at a boundary. It does not
  // keep the block, unless the message is most of it: who asks for the same message shares one copy of it.
  Slice rest_of_message(WireOffset offset);

 private:
  using BlockPtr = std::shared_ptr<WireBlock>;

  Block copy_of(WireOffset begin, Bytes message);
  void take_in_blocks();
  void take_in_marks();
  // The index of the block that `offset` lies in.
  std::size_t block_at(WireOffset offset) const;
  WireOffset end_of(std::size_t index) const;
  // The mark of the message that `offset` lies in.
  const WireBlock::Mark* mark_at(const WireBlock& block, WireOffset offset) const;

  const WireLog& log_;
  std::deque<BlockPtr> blocks_;
  WireOffset tail_ = 0;
  WireOffset head_ = 0;
  const WireBlock* seen_block_ = nullptr;  // marks up to here were looked at
  std::uint32_t seen_marks_ = 0;
  std::int64_t newest_ms_ = 0;
  const WireStart* newest_start_ = nullptr;
  std::map<WireOffset, std::weak_ptr<std::uint8_t[]>> copies_;  // of messages, by where they begin
};

}  // namespace srs::media

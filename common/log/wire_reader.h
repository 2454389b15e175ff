// WireReader: one thread's view of a WireLog that another thread appends to. See ChainReader.
#pragma once

#include <sys/uio.h>

#include <map>
#include <memory>

#include "log/chain_reader.h"
#include "log/wire_log.h"

namespace srs::log {

class WireReader : public ChainReader<WireBlock> {
 public:
  // The log must outlive the reader, but for its end.
  explicit WireReader(const WireLog& log) : ChainReader(log.chain()), log_(log) {}

  const WireEncoder& encoder() const { return log_.encoder(); }

  // Points `pieces` at the bytes from `offset` (not released, up to head()) on; returns how many were used.
  std::size_t gather(WireOffset offset, iovec* pieces, std::size_t max_pieces) const;
  // The bytes from `offset` (below head()) to the end of its block, to be held on to.
  Slice next_slice(WireOffset offset) const;
  // What is left of the message that `offset` lies inside, to be held on to; empty at a boundary. It does not
  // keep the block, unless the message is most of it: who asks for the same message shares one copy of it.
  Slice rest_of_message(WireOffset offset);

 private:
  Block copy_of(WireOffset begin, Bytes message);

  const WireLog& log_;
  std::map<WireOffset, std::weak_ptr<std::uint8_t[]>> copies_;  // of messages, by where they begin
};

}  // namespace srs::log

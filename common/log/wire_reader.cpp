#include "log/wire_reader.h"

#include <algorithm>
#include <cstring>

namespace srs::log {

std::size_t WireReader::gather(WireOffset offset, iovec* pieces, std::size_t max_pieces) const {
  if (offset >= head()) return 0;
  std::size_t count = 0;
  for (std::size_t i = block_at(offset); offset < head() && count < max_pieces; ++i) {
    const WireOffset end = end_of(i);
    pieces[count++] = {block(i).bytes.get() + (offset - block(i).start),
                       static_cast<std::size_t>(end - offset)};
    offset = end;
  }
  return count;
}

Slice WireReader::next_slice(WireOffset offset) const {
  const std::size_t index = block_at(offset);
  const WireBlock& held = block(index);
  return Slice(held.bytes, Bytes(held.bytes.get() + (offset - held.start),
                                 static_cast<std::size_t>(end_of(index) - offset)));
}

Slice WireReader::rest_of_message(WireOffset offset) {
  if (offset >= head()) return {};
  const std::size_t index = block_at(offset);
  const WireBlock& lies_in = block(index);
  const std::uint32_t count = count_of(lies_in);
  const std::uint32_t mark = lies_in.index_of(offset, count);
  const WireOffset begin = lies_in.offset_of(mark);
  if (begin == offset) return {};
  const WireOffset end = mark + 1 == count ? end_of(index) : std::min(lies_in.offset_of(mark + 1), head());
  const Bytes message(lies_in.bytes.get() + (begin - lies_in.start), static_cast<std::size_t>(end - begin));
  const Block held = message.size() > lies_in.capacity / 2 ? lies_in.bytes : copy_of(begin, message);
  const std::uint8_t* first = held == lies_in.bytes ? message.data() : held.get();
  return Slice(held, Bytes(first, message.size()).subspan(static_cast<std::size_t>(offset - begin)));
}

Block WireReader::copy_of(WireOffset begin, Bytes message) {
  std::weak_ptr<std::uint8_t[]>& held = copies_[begin];
  Block copy = held.lock();
  if (copy) return copy;
  // Not in one allocation with its counters: those live as long as the entry of the map.
  copy = Block(new std::uint8_t[message.size()]);
  std::memcpy(copy.get(), message.data(), message.size());
  held = copy;
  std::erase_if(copies_, [](const auto& entry) { return entry.second.expired(); });
  return copy;
}

}  // namespace srs::log

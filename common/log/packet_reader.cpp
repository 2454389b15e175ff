#include "log/packet_reader.h"

namespace srs::log {
namespace {

Packet look_at(const PacketBlock& block, std::uint32_t packet) {
  const PacketBlock::Mark& mark = block.marks[packet];
  return {block.offset_of(packet),
          Bytes(block.bytes.get() + mark.at, mark.size),
          mark.track,
          mark.marker,
          mark.first,
          mark.index,
          mark.time,
          mark.timestamp_ms,
          mark.start};
}

}  // namespace

std::size_t PacketReader::gather(Offset offset, std::span<Packet> packets) const {
  if (offset >= head()) return 0;
  std::size_t count = 0;
  for (std::size_t i = block_at(offset); offset < head() && count < packets.size(); ++i)
    for (const Offset end = end_of(i); offset < end && count < packets.size(); ++offset)
      packets[count++] = look_at(block(i), static_cast<std::uint32_t>(offset - block(i).start));
  return count;
}

std::optional<Packet> PacketReader::find(unsigned track, std::uint64_t index) const {
  if (track >= max_packet_tracks) return std::nullopt;
  for (std::size_t i = blocks(); i-- > 0;) {
    const PacketBlock& held = block(i);
    if (index < held.first_index[track]) continue;
    const auto packets = static_cast<std::uint32_t>(std::max(end_of(i), held.start) - held.start);
    for (std::uint32_t packet = 0; packet < packets; ++packet)
      if (held.marks[packet].track == track && held.marks[packet].index == index)
        return look_at(held, packet);
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace srs::log

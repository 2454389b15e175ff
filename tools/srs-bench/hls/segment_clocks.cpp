#include "srs-bench/hls/segment_clocks.h"

#include <algorithm>
#include <cstring>

namespace srs::bench {
namespace {

constexpr std::uint8_t sync_byte = 0x47;
// Bytes kept from one piece to the next, so that a clock across both is found.
constexpr std::size_t overlap = clock_in_bytes_size - 1;

}  // namespace

void SegmentClocks::begin() {
  container_ = Container::unknown;
  filled_ = 0;
  video_pid_ = 0;
  rest_.clear();
  found_.clear();
}

void SegmentClocks::feed(Bytes bytes) {
  if (bytes.empty()) return;
  if (container_ == Container::unknown) container_ = bytes[0] == sync_byte ? Container::ts : Container::other;
  if (container_ == Container::other) return search(bytes);
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), packet_size - filled_);
    if (size == packet_size) {
      consume_packet(bytes.first(size));
    } else {
      std::memcpy(packet_.data() + filled_, bytes.data(), size);
      filled_ += size;
      if (filled_ == packet_size) {
        filled_ = 0;
        consume_packet(packet_);
      }
    }
    bytes = bytes.subspan(size);
  }
}

// ISO 13818-1 2.4.3.2 and 2.4.3.6. The first PES packet of a video stream gives its PID.
void SegmentClocks::consume_packet(Bytes packet) {
  if (packet[0] != sync_byte) return;
  const bool starts = (packet[1] & 0x40) != 0;
  const unsigned pid = (packet[1] & 0x1fu) << 8 | packet[2];
  std::size_t offset = 4;
  if ((packet[3] & 0x10) == 0) return;
  if ((packet[3] & 0x20) != 0) offset += 1 + std::size_t{packet[4]};
  if (offset >= packet_size) return;
  const Bytes payload = packet.subspan(offset);
  if (video_pid_ == 0 && starts && payload.size() > 4 && payload[0] == 0 && payload[1] == 0 &&
      payload[2] == 1 && (payload[3] & 0xf0) == 0xe0)
    video_pid_ = pid;
  if (video_pid_ == pid && pid != 0) search(payload);
}

void SegmentClocks::search(Bytes bytes) {
  if (!rest_.empty()) {
    // First a clock that begins in the rest and ends in the new bytes.
    const Bytes more = bytes.first(std::min(bytes.size(), overlap));
    rest_.insert(rest_.end(), more.begin(), more.end());
    std::size_t end = 0;
    if (const auto time = find_clock_in_bytes(rest_, end)) found_.push_back(*time);
    if (more.size() == bytes.size()) {
      if (end > 0) rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(end));
      if (rest_.size() > overlap) rest_.erase(rest_.begin(), rest_.end() - overlap);
      return;
    }
    rest_.clear();
  }
  std::size_t end = 0;
  while (const auto time = find_clock_in_bytes(bytes, end)) {
    found_.push_back(*time);
    bytes = bytes.subspan(end);
  }
  const Bytes last = bytes.last(std::min(bytes.size(), overlap));
  rest_.assign(last.begin(), last.end());
}

}  // namespace srs::bench

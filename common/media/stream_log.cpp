#include "media/stream_log.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace srs::media {
namespace {

// Without video, a place to start at each second.
constexpr std::int64_t audio_start_interval_ms = 1000;
// Farther from the newest frame no header or script belongs to it.
constexpr std::int64_t beside_frames_max_ms = 60'000;

// A payload up to this size is copied out of the block that it was received in: kept for a minute, a sound
// frame of one stream would keep a quarter of a megabyte of the others'.
constexpr std::size_t small_payload = 16 * 1024;
constexpr std::size_t compact_block_size = 64 * 1024;

// Beside its payload: an entry, counters of shared ownership, marks in wire logs and the part of a wire block
// that a tiny message leaves empty.
constexpr std::size_t message_overhead = 256;

}  // namespace

// Metadata is also kept encoded by each wire (WireHeaders).
std::size_t StreamLog::cost(const Message& message) {
  const std::size_t copies = message.kind == MessageKind::metadata ? 2 : 1;
  return message_overhead + copies * message.payload.size();
}

bool StreamLog::is_start(const Message& message) const {
  if (message.kind == MessageKind::key_frame) return true;
  return message.kind == MessageKind::audio_frame && gate_.open() && !gate_.has_video() &&
         (starts_.empty() || message.timestamp_ms - last_start_ms_ >= audio_start_interval_ms);
}

void StreamLog::append(Message message) {
  gate_.add(message);
  headers_.update(message);
  // What is kept and how far players are behind is counted in the time of the frames. Headers and scripts may
  // say any, 0 as a rule.
  if (message.is_frame())
    // Far behind it is another timeline: what is kept of the one before goes like anything old.
    newest_ms_ = newest_ms_ - message.timestamp_ms > limits_.max_time.count()
                     ? message.timestamp_ms
                     : std::max(newest_ms_, message.timestamp_ms);
  else if (newest_ms_ > 0 && std::abs(message.timestamp_ms - newest_ms_) > beside_frames_max_ms)
    message.timestamp_ms = newest_ms_;
  const bool starts = is_start(message);
  if (starts) {
    starts_.push_back(first_sequence_ + entries_.size());
    last_start_ms_ = message.timestamp_ms;
  }
  cost_bytes_ += cost(message);
  if (wires_.empty()) compact(message);
  const std::uint64_t sequence = first_sequence_ + entries_.size();
  entries_.push_back({std::move(message), starts});
  for (Wire& wire : wires_) append_to(*wire.log, entries_.back(), sequence, headers_);
  evict();
}

// The payload is then held by the wire log, and no more by the block that it was received in.
void StreamLog::append_to(WireLog& wire, Entry& entry, std::uint64_t sequence, const StreamHeaders& headers) {
  Message& message = entry.message;
  if (entry.starts) wire.mark_start(message.timestamp_ms, headers);
  wire.take_over(message, static_cast<std::uint32_t>(sequence));
}

void StreamLog::compact(Message& message) {
  const std::size_t size = message.payload.size();
  if (size == 0 || size > small_payload) return;
  if (!compact_block_ || compact_used_ + size > compact_block_size) {
    compact_block_ = make_block(compact_block_size);
    compact_used_ = 0;
  }
  std::uint8_t* to = compact_block_.get() + compact_used_;
  std::memcpy(to, message.payload.data(), size);
  compact_used_ += size;
  message.payload = Slice(compact_block_, Bytes(to, size));
  message.framed = false;
}

std::uint64_t StreamLog::oldest_wanted() {
  const auto is_old = [&](std::uint64_t start) {
    const std::int64_t start_ms = entries_[start - first_sequence_].message.timestamp_ms;
    return std::abs(newest_ms_ - start_ms) >= limits_.min_time.count();
  };
  // The second start may take over from the first once it is old enough, and a third one ends its GOP.
  while (starts_.size() >= 3 && is_old(starts_[1])) starts_.pop_front();
  return starts_.size() >= 2 && is_old(starts_.front()) ? starts_.front() : first_sequence_;
}

// Lets go of what is not wanted any more, and of what exceeds the limits.
void StreamLog::evict() {
  const std::uint64_t last_sequence = first_sequence_ + entries_.size() - 1;
  std::uint64_t keep = oldest_wanted();
  std::size_t bytes = cost_bytes_;
  for (std::uint64_t sequence = first_sequence_; sequence < last_sequence; ++sequence) {
    const Message& message = entries_[sequence - first_sequence_].message;
    const bool over =
        bytes > limits_.max_bytes || std::abs(newest_ms_ - message.timestamp_ms) > limits_.max_time.count();
    if (sequence >= keep && !over) break;
    keep = std::max(keep, sequence + 1);
    bytes -= cost(message);
  }
  if (keep == first_sequence_) return;
  for (Wire& wire : wires_) wire.log->evict_before(static_cast<std::uint32_t>(keep));
  while (first_sequence_ < keep) drop_front();
}

void StreamLog::drop_front() {
  const Entry& entry = entries_.front();
  tail_headers_.update(entry.message);
  cost_bytes_ -= cost(entry.message);
  if (!starts_.empty() && starts_.front() == first_sequence_) starts_.pop_front();
  entries_.pop_front();
  ++first_sequence_;
}

std::shared_ptr<WireLog> StreamLog::wire(const WireEncoder& encoder) {
  for (const Wire& wire : wires_)
    if (&wire.log->encoder() == &encoder) return wire.log;
  const auto log = std::make_shared<WireLog>(encoder);
  StreamHeaders headers = tail_headers_;
  std::uint64_t sequence = first_sequence_;
  for (Entry& entry : entries_) {
    headers.update(entry.message);
    append_to(*log, entry, sequence++, headers);
  }
  wires_.push_back({log});
  compact_block_.reset();
  return log;
}

// Only the input's thread hands wire logs out, here and to no one else: one that is ours alone stays so.
void StreamLog::drop_unused_wires(std::chrono::steady_clock::time_point now) {
  std::erase_if(wires_, [&](Wire& wire) {
    if (wire.log.use_count() > 1 || wire.read_at == std::chrono::steady_clock::time_point{})
      wire.read_at = now;
    return now - wire.read_at >= wire_patience;
  });
}

}  // namespace srs::media

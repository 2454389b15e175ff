#include "media/stream_log.h"

#include <algorithm>

namespace srs::media {
namespace {

// Without video, a place to start at each second.
constexpr std::int64_t audio_start_interval_ms = 1000;

bool same_payload(const Message& a, const Message& b) {
  return std::equal(a.payload.bytes().begin(), a.payload.bytes().end(), b.payload.bytes().begin(),
                    b.payload.bytes().end());
}

}  // namespace

bool StreamHeaders::update(const Message& message) {
  if (!message.is_header()) return false;
  Message& held = message.kind == MessageKind::metadata       ? metadata_
                  : message.kind == MessageKind::video_header ? video_
                                                              : audio_;
  if (!held.payload.empty() && same_payload(held, message)) return false;
  held = message;
  held.framed = false;
  // A copy, because headers outlive the large block that they came in.
  held.payload = Slice::copy_of(message.payload.bytes());
  ++version_;
  return true;
}

std::vector<Message> StreamHeaders::messages() const {
  std::vector<Message> held;
  for (const Message* header : {&metadata_, &video_, &audio_})
    if (!header->payload.empty()) held.push_back(*header);
  return held;
}

Slice StreamHeaders::encode(const WireEncoder& encoder, std::int64_t timestamp_ms) const {
  std::vector<Message> held = messages();
  std::size_t size = 0;
  for (const Message& header : held) size += encoder.encoded_size(header);
  Block block = make_block(size);
  std::size_t used = 0;
  for (Message& header : held) {
    header.timestamp_ms = timestamp_ms;
    encoder.encode(header, block.get() + used);
    used += encoder.encoded_size(header);
  }
  return Slice(block, Bytes(block.get(), size));
}

bool StreamLog::is_start(const Message& message) const {
  if (message.kind == MessageKind::key_frame) return true;
  return message.kind == MessageKind::audio_frame && gate_.open() && !gate_.has_video() &&
         (starts_.empty() || message.timestamp_ms - last_start_ms_ >= audio_start_interval_ms);
}

void StreamLog::append(Message message) {
  gate_.add(message);
  headers_.update(message);
  newest_ms_ = std::max(newest_ms_, message.timestamp_ms);
  const bool starts = is_start(message);
  if (starts) {
    starts_.push_back(first_sequence_ + entries_.size());
    last_start_ms_ = message.timestamp_ms;
  }
  size_bytes_ += message.payload.size();
  entries_.push_back({std::move(message), starts});
  for (auto& wire : wires_) append_to(*wire, entries_.back(), headers_);
  evict();
}

// The payload is then held by the wire log, and no more by the block that it was received in.
void StreamLog::append_to(WireLog& wire, Entry& entry, const StreamHeaders& headers) {
  Message& message = entry.message;
  if (entry.starts)
    wire.mark_start(message.timestamp_ms, headers.version(),
                    headers.encode(wire.encoder(), message.timestamp_ms));
  wire.take_over(message);
}

std::uint64_t StreamLog::oldest_wanted() {
  const auto is_old = [&](std::uint64_t start) {
    return newest_ms_ - entries_[start - first_sequence_].message.timestamp_ms >= limits_.min_time.count();
  };
  // The second start may take over from the first once it is old enough, and a third one ends its GOP.
  while (starts_.size() >= 3 && is_old(starts_[1])) starts_.pop_front();
  return starts_.size() >= 2 && is_old(starts_.front()) ? starts_.front() : first_sequence_;
}

// Lets go of what is not wanted any more, and of what exceeds the limits.
void StreamLog::evict() {
  const std::uint64_t last_sequence = first_sequence_ + entries_.size() - 1;
  std::uint64_t keep = oldest_wanted();
  std::size_t bytes = size_bytes_;
  for (std::uint64_t sequence = first_sequence_; sequence < last_sequence; ++sequence) {
    const Message& message = entries_[sequence - first_sequence_].message;
    const bool over =
        bytes > limits_.max_bytes || newest_ms_ - message.timestamp_ms > limits_.max_time.count();
    if (sequence >= keep && !over) break;
    keep = std::max(keep, sequence + 1);
    bytes -= message.payload.size();
  }
  if (keep == first_sequence_) return;
  const std::int64_t count = static_cast<std::int64_t>(keep - first_sequence_);
  for (auto& wire : wires_) {
    WireLog::Offset offset = wire->tail();
    for (std::int64_t i = 0; i < count; ++i)
      offset += wire->encoder().encoded_size(entries_[static_cast<std::size_t>(i)].message);
    wire->evict_before(offset);
  }
  while (first_sequence_ < keep) drop_front();
}

void StreamLog::drop_front() {
  const Entry& entry = entries_.front();
  tail_headers_.update(entry.message);
  size_bytes_ -= entry.message.payload.size();
  if (!starts_.empty() && starts_.front() == first_sequence_) starts_.pop_front();
  entries_.pop_front();
  ++first_sequence_;
}

std::shared_ptr<WireLog> StreamLog::wire(const WireEncoder& encoder) {
  const auto found = std::find_if(wires_.begin(), wires_.end(),
                                  [&](const auto& wire) { return &wire->encoder() == &encoder; });
  if (found != wires_.end()) return *found;
  auto wire = std::make_shared<WireLog>(encoder);
  StreamHeaders headers = tail_headers_;
  for (Entry& entry : entries_) {
    headers.update(entry.message);
    append_to(*wire, entry, headers);
  }
  wires_.push_back(wire);
  return wire;
}

}  // namespace srs::media

#include "log/message_log.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "log/block_size.h"
#include "log/message_reader.h"

namespace srs::log {
namespace {

// Without video, a place to start at each second.
constexpr std::int64_t audio_start_interval_ms = 1000;
// Farther from the newest frame no header or script belongs to it.
constexpr std::int64_t beside_frames_max_ms = 60'000;

// A payload up to this size is copied out of the block that it was received in: kept for a minute, a sound
// frame of one stream would keep a quarter of a megabyte of the others'.
constexpr std::size_t small_payload = 16 * 1024;
constexpr std::size_t largest_compact_block = 64 * 1024;

// Beside its payload: an entry, counters of shared ownership, marks in wire logs and the part of a wire block
// that a tiny message leaves empty.
constexpr std::size_t message_overhead = 256;

// What is repeated of the headers of a track that is back, and made of silence at once: a publisher whose
// track comes and goes must not make much out of little.
constexpr std::size_t max_repeated_bytes = 16 * 1024;
constexpr std::size_t max_fillers_at_once = 100;

}  // namespace

MessageLog::MessageLog(media::StreamInfo info, LogLimits limits, Offset begin)
    : info_(std::move(info)),
      limits_(limits),
      chain_(std::make_shared<MessageChain>(first_message_block(begin))) {}

// Metadata is also kept encoded by each wire (WireHeaders).
std::size_t MessageLog::cost(const media::Message& message) {
  const std::size_t copies = message.kind == media::MessageKind::metadata ? 2 : 1;
  return message_overhead + copies * message.payload.size();
}

bool MessageLog::is_start(const media::Message& message) const {
  if (message.kind == media::MessageKind::key_frame) return true;
  return message.kind == media::MessageKind::audio_frame && gate_.open() && !gate_.has_video() &&
         (starts_.empty() || message.timestamp_ms - last_start_ms_ >= audio_start_interval_ms);
}

void MessageLog::append(media::Message message) {
  gate_.add(message);
  headers_.update(message);
  if (message.kind == media::MessageKind::audio_header) silence_.set_header(message);
  if (message.is_frame()) follow_tracks(message.timestamp_ms);
  put(std::move(message));
  if (left_out_.audio && gate_.had_audio()) fill_silence();
}

void MessageLog::follow_tracks(std::int64_t timestamp_ms) {
  const media::TrackSet before = std::exchange(left_out_, gate_.left_out());
  if (before == left_out_) return;
  headers_.leave_out(left_out_);
  if (left_out_.audio && !before.audio) silence_.begin(gate_.last_audio_ms());
  const bool video_is_back = before.video && !left_out_.video;
  const bool audio_is_back = before.audio && !left_out_.audio;
  if (video_is_back || audio_is_back) repeat_headers(video_is_back, audio_is_back, timestamp_ms);
}

// Who began meanwhile has not got them.
void MessageLog::repeat_headers(bool video, bool audio, std::int64_t timestamp_ms) {
  std::size_t bytes = 0;
  for (media::Message& header : headers_.messages()) {
    if ((header.is_video() && !video) || (header.is_audio() && !audio)) continue;
    bytes += header.payload.size();
    if (bytes > max_repeated_bytes) return;
    header.timestamp_ms = timestamp_ms;
    put(std::move(header));
  }
}

void MessageLog::fill_silence() {
  for (std::size_t left = max_fillers_at_once; left > 0; --left) {
    auto filler = silence_.next(gate_.newest_ms());
    if (!filler) return;
    put(*std::move(filler));
  }
}

void MessageLog::put(media::Message&& message) {
  settle_time(message);
  if (!wires_.take_payloads()) compact(message);
  const Offset offset = chain_->head();
  std::unique_ptr<MessageStart> start;
  if (is_start(message)) {
    start = start_at(message);
    starts_.push_back({offset, message.timestamp_ms});
    last_start_ms_ = message.timestamp_ms;
    wires_.begin_at(*start);
  }
  // The payload is then held by a wire, and no more by the block that it was received in.
  wires_.take_over(message, static_cast<std::uint32_t>(offset));
  cost_bytes_ += cost(message);
  other_key_frames_.add(message, offset);
  log::append(*chain_, std::move(message), std::move(start));
  evict();
}

// What is kept and how far players are behind is counted in the time of the frames. Headers and scripts may
// say any, 0 as a rule.
void MessageLog::settle_time(media::Message& message) {
  if (message.is_frame())
    // Far behind it is another timeline: what is kept of the one before goes like anything old.
    newest_ms_ = newest_ms_ - message.timestamp_ms > limits_.max_time.count()
                     ? message.timestamp_ms
                     : std::max(newest_ms_, message.timestamp_ms);
  else if (newest_ms_ > 0 && std::abs(message.timestamp_ms - newest_ms_) > beside_frames_max_ms)
    message.timestamp_ms = newest_ms_;
}

std::unique_ptr<MessageStart> MessageLog::start_at(const media::Message& message) {
  if (!start_headers_ || start_headers_->version() != headers_.version())
    start_headers_ = std::make_shared<const media::StreamHeaders>(headers_);
  return std::unique_ptr<MessageStart>(new MessageStart{0, message.timestamp_ms, start_headers_,
                                                        other_key_frames_.at(message.timestamp_ms), nullptr});
}

void MessageLog::compact(media::Message& message) {
  const std::size_t size = message.payload.size();
  if (size == 0 || size > small_payload) return;
  if (!compact_block_ || compact_used_ + size > compact_size_) {
    compact_size_ = block_size_for(cost_bytes_, largest_compact_block);
    compact_block_ = make_block(compact_size_);
    compact_used_ = 0;
  }
  std::uint8_t* to = compact_block_.get() + compact_used_;
  std::memcpy(to, message.payload.data(), size);
  compact_used_ += size;
  message.payload = Slice(compact_block_, Bytes(to, size));
  message.framed = false;
}

Offset MessageLog::oldest_wanted() {
  const auto is_old = [&](const Start& start) {
    return std::abs(newest_ms_ - start.timestamp_ms) >= limits_.min_time.count();
  };
  // The second start may take over from the first once it is old enough, and a third one ends its GOP.
  while (starts_.size() >= 3 && is_old(starts_[1])) starts_.pop_front();
  return starts_.size() >= 2 && is_old(starts_.front()) ? starts_.front().offset : 0;
}

// Lets go of what is not wanted any more, and of what exceeds the limits.
void MessageLog::evict() {
  const Offset newest = chain_->head() - 1;
  const Offset wanted = oldest_wanted();
  const bool any = chain_->evict_while([&](const MessageBlock& block, std::uint32_t index) {
    const Offset offset = block.offset_of(index);
    const bool over = cost_bytes_ > limits_.max_bytes ||
                      std::abs(newest_ms_ - block.timestamp_of(index)) > limits_.max_time.count();
    if (offset == newest || (offset >= wanted && !over)) return false;
    cost_bytes_ -= cost(block.messages[index]);
    if (!starts_.empty() && starts_.front().offset == offset) starts_.pop_front();
    return true;
  });
  if (!any) return;
  wires_.evict_before(static_cast<std::uint32_t>(chain_->tail()));
  other_key_frames_.forget_before(chain_->tail());
}

std::shared_ptr<WireLog> MessageLog::wire(const WireEncoder& encoder) {
  if (const auto known = wires_.find(&encoder)) return std::static_pointer_cast<WireLog>(known);
  const auto log = std::make_shared<WireLog>(encoder);
  catch_up(*log);
  wires_.add(&encoder, log, Wires::Payloads::taken);
  compact_block_.reset();
  return log;
}

std::shared_ptr<PacketLog> MessageLog::packets(const PacketFormat& format) {
  if (const auto known = wires_.find(&format)) return std::static_pointer_cast<PacketLog>(known);
  const auto log = std::make_shared<PacketLog>(format, limits_.max_bytes);
  catch_up(*log);
  wires_.add(&format, log, Wires::Payloads::left);
  return log;
}

void MessageLog::catch_up(PacketLog& wire) const {
  MessageReader reader(chain_);
  reader.refresh();
  for (Offset offset = reader.tail(); offset < reader.head();)
    for (const media::Message& message : reader.from(offset)) {
      if (const MessageStart* start = reader.start_at(offset)) wire.begin_at(*start);
      wire.append(message, static_cast<std::uint32_t>(offset++));
    }
}

// Payloads move into the wire. But what others may be reading never changes: so the messages are put into
// new blocks.
void MessageLog::catch_up(WireLog& wire) {
  MessageReader reader(chain_);
  reader.refresh();
  MessageChain moved(first_message_block(reader.tail()));
  OtherKeyFrames others;
  for (Offset offset = reader.tail(); offset < reader.head();)
    for (const media::Message& kept : reader.from(offset)) {
      media::Message message = kept;
      std::unique_ptr<MessageStart> start;
      if (const MessageStart* old = reader.start_at(offset)) {
        start.reset(
            new MessageStart{0, old->timestamp_ms, old->headers, others.at(old->timestamp_ms), nullptr});
        wire.begin_at(*start);
      }
      wire.take_over(message, static_cast<std::uint32_t>(offset));
      others.add(message, offset++);
      log::append(moved, std::move(message), std::move(start));
    }
  chain_->replace(moved, first_message_block(reader.head()));
  other_key_frames_ = std::move(others);
}

void MessageLog::drop_unused_wires(std::chrono::steady_clock::time_point now) {
  wires_.drop_unused(now, wire_patience);
}

}  // namespace srs::log

// MessageLog: one live stream, kept back to the start of its newest complete GOP and for two seconds at
// least.
//
// The publisher's side appends messages; the log's tail is the "GOP cache". The log is bounded in bytes and
// in time, also for a stream that sends no key frames.
//
// Wires are views of it: for each format that a player has asked for, a WireLog (bytes: RTMP, FLV, ...) or a
// PacketLog (packets: RTP), made from the tail on first use, and dropped when nobody has read it for a while.
// What makes something of its own of the messages reads them as they are, through a MessageReader.
//
// Belongs to one thread; what it hands out can be read from others: see chain.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>

#include "log/message_block.h"
#include "log/other_key_frames.h"
#include "log/packet_log.h"
#include "log/wire_log.h"
#include "log/wires.h"
#include "media/message.h"
#include "media/silence.h"
#include "media/stream_headers.h"
#include "media/stream_info.h"
#include "media/track_gate.h"

namespace srs::log {

// The log goes back to the start of the newest complete GOP, and at least for min_time: where each frame is a
// key frame, a player must not skip because it is a frame behind. max_bytes and max_time bound it in any
// case; what a message costs beside its payload counts, too.
struct LogLimits {
  std::size_t max_bytes = 64u << 20;
  std::chrono::milliseconds max_time{60'000};
  std::chrono::milliseconds min_time{2'000};
};

class MessageLog {
 public:
  // begin: what the offsets of messages count on from.
  MessageLog(media::StreamInfo info, LogLimits limits, Offset begin = 0);
  MessageLog(const MessageLog&) = delete;
  MessageLog& operator=(const MessageLog&) = delete;

  // A track that brings no frames is left out of what those get who start; when it is back, its headers stand
  // in front of its first frame once more. Where sound stopped, silence goes on for those who began with it
  // (WireEncoder::bare() tells).
  void append(media::Message message);

  const media::StreamInfo& info() const { return info_; }
  const media::TrackGate& tracks() const { return gate_; }
  // The tracks did not show up in time: whatever is there is all (see TrackGate).
  void force_tracks() { gate_.force(); }
  // Tracks that were announced, or were here, and bring no frames.
  media::TrackSet left_out() const { return gate_.left_out(); }
  const media::StreamHeaders& headers() const { return headers_; }
  std::int64_t newest_ms() const { return newest_ms_; }

  // The messages that are kept, for a MessageReader. They, and what readers hold of them, may outlive the
  // log.
  std::shared_ptr<const MessageChain> messages() const { return chain_; }

  // The wire of this format, made from the log's tail if there is none. Readers may keep it beyond the
  // stream.
  std::shared_ptr<WireLog> wire(const WireEncoder& encoder);
  std::shared_ptr<PacketLog> packets(const PacketFormat& format);
  // Lets go of the wires that nobody has held for wire_patience. To be called each second or so: with what is
  // appended, and by a timer where that may be nothing for long.
  static constexpr std::chrono::seconds wire_patience{10};
  void drop_unused_wires(std::chrono::steady_clock::time_point now);
  std::size_t wires() const { return wires_.size(); }

  // What a message costs in memory: its payload and what is kept with it.
  static std::size_t cost(const media::Message& message);
  std::size_t cost_bytes() const { return cost_bytes_; }

 private:
  struct Start {
    Offset offset;
    std::int64_t timestamp_ms;
  };

  bool is_start(const media::Message& message) const;
  void put(media::Message&& message);
  void settle_time(media::Message& message);
  std::unique_ptr<MessageStart> start_at(const media::Message& message);
  void follow_tracks(std::int64_t timestamp_ms);
  void repeat_headers(bool video, bool audio, std::int64_t timestamp_ms);
  void fill_silence();
  void compact(media::Message& message);
  // Gives a new wire what is kept.
  void catch_up(PacketLog& wire) const;
  void catch_up(WireLog& wire);
  // The first message that must be kept, but for the limits.
  Offset oldest_wanted();
  void evict();

  media::StreamInfo info_;
  LogLimits limits_;
  media::TrackGate gate_;
  media::TrackSet left_out_;
  media::Silence silence_;
  media::StreamHeaders headers_;
  std::shared_ptr<const media::StreamHeaders> start_headers_;  // of the newest start
  OtherKeyFrames other_key_frames_;
  const std::shared_ptr<MessageChain> chain_;
  std::deque<Start> starts_;    // in the chain, from the oldest wanted on
  std::size_t cost_bytes_ = 0;  // of what is in the chain from its tail on
  std::int64_t last_start_ms_ = 0;
  std::int64_t newest_ms_ = 0;
  Wires wires_;
  Block compact_block_;  // small payloads are copied into it
  std::size_t compact_size_ = 0, compact_used_ = 0;
};

}  // namespace srs::log

// StreamLog: one live stream, kept back to the start of its newest complete GOP and for two seconds at least.
//
// The publisher's side appends messages; the log's tail is the "GOP cache". For each wire format
// that a player has asked for there is a WireLog beside it, made from the tail on first use. The
// log is bounded in bytes and in time, also for a stream that sends no key frames.
//
// Belongs to one thread; its wire logs can be read from others (see WireReader).
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "media/message.h"
#include "media/pipe_reader.h"
#include "media/stream_headers.h"
#include "media/track_gate.h"
#include "media/wire_log.h"

namespace srs::media {

// The log goes back to the start of the newest complete GOP, and at least for min_time: where each frame is a
// key frame, a player must not skip because it is a frame behind. max_bytes and max_time bound it in any
// case; what a message costs beside its payload counts, too.
struct LogLimits {
  std::size_t max_bytes = 64u << 20;
  std::chrono::milliseconds max_time{60'000};
  std::chrono::milliseconds min_time{2'000};
};

class StreamLog {
 public:
  StreamLog(StreamInfo info, LogLimits limits) : info_(std::move(info)), limits_(limits) {}
  StreamLog(const StreamLog&) = delete;
  StreamLog& operator=(const StreamLog&) = delete;

  void append(Message message);

  const StreamInfo& info() const { return info_; }
  const TrackGate& tracks() const { return gate_; }
  // The tracks did not show up in time: whatever is there is all (see TrackGate).
  void force_tracks() { gate_.force(); }
  const StreamHeaders& headers() const { return headers_; }
  std::int64_t newest_ms() const { return newest_ms_; }

  // The wire log of this format, made from the log's tail if there is none. Readers may keep it beyond the
  // stream.
  std::shared_ptr<WireLog> wire(const WireEncoder& encoder);
  // Lets go of the wire logs that nobody has read for wire_patience. To be called now and then.
  static constexpr std::chrono::seconds wire_patience{10};
  void drop_unused_wires(std::chrono::steady_clock::time_point now);
  std::size_t wires() const { return wires_.size(); }

  // What a message costs in memory: its payload and what is kept with it.
  static std::size_t cost(const Message& message);
  std::size_t cost_bytes() const { return cost_bytes_; }

 private:
  struct Entry {
    Message message;
    bool starts = false;
  };
  struct Wire {
    std::shared_ptr<WireLog> log;
    std::chrono::steady_clock::time_point read_at{};  // or when that was looked at first
  };

  bool is_start(const Message& message) const;
  static void append_to(WireLog& wire, Entry& entry, std::uint64_t sequence, const StreamHeaders& headers);
  void compact(Message& message);
  // The first message that must be kept, but for the limits.
  std::uint64_t oldest_wanted();
  void evict();
  void drop_front();

  StreamInfo info_;
  LogLimits limits_;
  TrackGate gate_;
  StreamHeaders headers_;
  StreamHeaders tail_headers_;  // in force before the first entry
  std::deque<Entry> entries_;
  std::deque<std::uint64_t>
      starts_;  // sequence numbers of the entries to start at, from the oldest wanted on
  std::uint64_t first_sequence_ = 0;  // of entries_.front()
  std::size_t cost_bytes_ = 0;        // of the entries
  std::int64_t last_start_ms_ = 0;
  std::int64_t newest_ms_ = 0;
  std::vector<Wire> wires_;
  Block compact_block_;  // small payloads are copied into it
  std::size_t compact_used_ = 0;
};

}  // namespace srs::media

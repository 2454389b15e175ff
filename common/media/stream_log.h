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
#include "media/track_gate.h"
#include "media/wire_log.h"

namespace srs::media {

// The newest metadata and codec headers of a stream.
class StreamHeaders {
 public:
  // True if the message is a header that differs from the one before.
  bool update(const Message& message);
  // Encoded, all stamped timestamp_ms.
  Slice encode(const WireEncoder& encoder, std::int64_t timestamp_ms) const;
  // In the order in which they go out: metadata, video, audio.
  std::vector<Message> messages() const;
  std::uint32_t version() const { return version_; }

 private:
  Message metadata_, video_, audio_;
  std::uint32_t version_ = 0;
};

// The log goes back to the start of the newest complete GOP, and at least for min_time: where each frame is a
// key frame, a player must not skip because it is a frame behind. max_bytes and max_time bound it in any
// case.
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

 private:
  struct Entry {
    Message message;
    bool starts = false;
  };

  bool is_start(const Message& message) const;
  void append_to(WireLog& wire, Entry& entry, const StreamHeaders& headers);
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
  std::size_t size_bytes_ = 0;
  std::int64_t last_start_ms_ = 0;
  std::int64_t newest_ms_ = 0;
  std::vector<std::shared_ptr<WireLog>> wires_;
};

}  // namespace srs::media

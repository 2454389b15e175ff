// PipeWriter writes streams to a pipe without ever making their sources wait for its reader
// (unless they ask to: OnFull::block).
//
// Messages are queued as slices, so their bytes are not copied, and a thread of its own writes
// them gathered: when data is plentiful one writev carries a megabyte, and tags that come
// from an FLV input unchanged leave in one piece. The queue is bounded. A live stream whose
// bytes find it full drops whole GOPs (audio goes with them) until there is room again at a key
// frame, and says so. Once half of it is taken each stream has its share of the rest, so that one that floods
// it takes nothing from the others.
//
// Thread-safe: streams may be written from different threads, each stream from one at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cli/log.h"
#include "core/result.h"
#include "media/message.h"
#include "media/pipe_reader.h"
#include "media/stream_meter.h"
#include "media/track_gate.h"

namespace srs::media {

enum class OnFull { drop_gop, block, exit };

// channels: many streams, each with its onStream. plain: one stream, as an FLV file.
enum class PipeMode { plain, channels };

class PipeWriter {
 public:
  struct Options {
    PipeMode mode = PipeMode::channels;
    std::size_t max_queued_bytes = 32u << 20;
    // Channels are numbered from behind this one, and from 1 again behind 2^24 - 1; those that are open are
    // passed over.
    ChannelId last_channel = 0;
  };
  // fd is borrowed. on_failure is called once, from the writing thread, when the reader has
  // gone or the disk is full, or an OnFull::exit stream found the queue full.
  PipeWriter(int fd, Options options, const cli::Log& log, std::function<void(Error)> on_failure);
  // Drops what is queued, unless finish() was called.
  ~PipeWriter();

  // Before the first begin(): the output is plain FLV.
  void use_plain_mode();

  // Whether a stream of this path is open.
  bool carries(const std::string& path) const;

  // Opens a stream. In plain mode there is one at a time and the first names the file.
  ChannelId begin(const StreamInfo& info, OnFull on_full);
  // May wait only on an OnFull::block stream. Script tags "onStream" are left out: the writer's own open and
  // close the streams, and no peer's may.
  void write(ChannelId channel, const Message& message);
  // Closes a stream: `ended`, or `lost` if its source went away and may come back while we go on. Plain FLV
  // that is lost just breaks off.
  void end(ChannelId channel, EndReason reason = EndReason::ended);

  // From now on nothing waits in write(): what finds no room is lost. For the end of the program.
  void stop_waiting();

  // True while half of the queue is taken: callers that must not wait inside write() (coroutines) read no
  // further then, and lose nothing.
  bool full() const;
  // Messages of this channel that were dropped so far.
  std::uint64_t dropped(ChannelId channel) const;

  // What a channel carries now, for monitoring.
  struct ChannelState {
    StreamInfo info;
    StreamMeter::Figures figures;
    std::string video, audio;  // in words
    std::chrono::steady_clock::time_point since{};
    std::uint64_t dropped_messages = 0;
    std::uint64_t dropped_gops = 0;  // in whole or in part
  };
  std::vector<ChannelState> channels() const;
  // What waits for the reader.
  std::size_t queued_bytes() const;
  // How long what the reader takes next has waited for it: by so much it is behind. Looked at batch by batch.
  std::chrono::milliseconds lag() const;

  // Before a finish() that ends well: if no stream ever came, the reader gets a header, and so can
  // tell this end from a crash.
  void write_header_if_none();
  // Waits until everything is written (or the timeout, or a failure) and stops the thread. An
  // error if something was not written.
  Result<void> finish(std::chrono::milliseconds timeout);

 private:
  struct Stream {
    StreamInfo info;
    OnFull on_full = OnFull::drop_gop;
    TrackGate gate;                  // plain mode
    std::vector<Message> gathering;  // plain mode: until the gate opens
    std::size_t gathered_bytes = 0;  // what they cost
    bool has_video = false;
    // Bytes of this stream in the queue, and in what the thread has taken, as of this batch.
    std::size_t queued = 0;
    std::size_t writing = 0;
    std::uint64_t batch = 0;
    bool too_large_told = false;
    bool dropping = false;
    std::uint64_t dropped = 0;
    std::uint64_t dropped_gops = 0;
    StreamMeter meter;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    // Of what has not been told yet: each stream is told of once in ten seconds.
    std::uint64_t dropped_untold = 0;
    std::int64_t dropping_since_ms = 0;
    std::chrono::steady_clock::time_point slow_told_at{};
    bool slow_told = false;  // that it drops now
  };
  using Lock = std::unique_lock<std::mutex>;

  ChannelId free_channel();
  bool admit(Lock& lock, Stream& stream, const Message& message);
  std::size_t waiting_of(Stream& stream) const;
  std::size_t share() const;
  bool has_room(Stream& stream, const Message& message) const;
  void begin_dropping(Stream& stream, std::int64_t timestamp_ms);
  void end_dropping(Stream& stream, std::int64_t timestamp_ms);
  bool refuse_too_large(Stream& stream, const Message& message);
  void put(ChannelId channel, Stream& stream, const Message& message);
  void put_tag(ChannelId channel, const Message& message);
  void put_script(ChannelId channel, std::int64_t timestamp_ms, Slice payload);
  void put_header(bool has_audio, bool has_video);
  bool continues_queue(const Block& block, const std::uint8_t* start) const;
  void put_slice(Slice slice);
  Slice scratch(std::size_t size, std::uint8_t*& to);
  void gather(Stream& stream, const Message& message);
  void open_plain();
  void prepare_pipe();
  void write_loop();
  Result<void> write_batch(std::vector<Slice>& batch);
  void fail(Lock& lock, Error error);

  const int fd_;
  Options options_;
  const cli::Log& log_;
  const std::function<void(Error)> on_failure_;

  mutable std::mutex mutex_;
  std::condition_variable wake_writer_;
  std::condition_variable wake_blocked_;
  std::map<ChannelId, Stream> streams_;
  ChannelId last_channel_;
  std::vector<Slice> queue_;
  std::size_t queued_bytes_ = 0;                    // in queue_
  std::uint64_t batch_ = 0;                         // how often the thread has taken the queue
  StreamMeter::Clock::time_point queue_since_{};    // of its first bytes
  StreamMeter::Clock::time_point writing_since_{};  // likewise, of what the thread has taken
  std::atomic<std::size_t> writing_bytes_ = 0;      // taken by the thread, not yet written
  Block scratch_block_;
  std::size_t scratch_used_ = 0;
  bool header_written_ = false;
  std::chrono::steady_clock::time_point gate_deadline_{};
  bool gate_waiting_ = false;
  bool finishing_ = false;
  std::atomic<bool> stopping_ = false;
  bool failed_ = false;
  bool waits_ = true;
  int restore_flags_ = -1;  // of fd_, if it is a pipe that we made non-blocking
  std::thread thread_;
};

}  // namespace srs::media

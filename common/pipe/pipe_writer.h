// PipeWriter writes streams to a pipe without ever making their sources wait for its reader
// (unless they ask to: OnFull::block).
//
// Messages are queued as slices, so their bytes are not copied, and are written gathered: when data is
// plentiful one writev carries a megabyte, and unchanged tags from an FLV input leave in one piece. What the
// thread of an io_context queues in a turn, that thread writes itself while the pipe has room (see
// Options::loops): nobody has to be woken. Where one write follows another within write_gap, it waits for the
// rest of that time: many streams share a write, and the later stages a read. What the pipe has no room for
// is written by a thread of our own. The queue is bounded. A live stream that finds it full drops whole GOPs
// (with their audio) until there is room again at a key frame, and logs that. Once half of the queue is used,
// each stream has its share of the rest, so that one that floods it takes nothing from the others.
//
// Thread-safe: streams may be written from different threads, each stream from one at a time.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cli/log.h"
#include "core/result.h"
#include "media/message.h"
#include "media/stream_meter.h"
#include "media/track_gate.h"
#include "pipe/pipe_reader.h"

namespace srs::pipe {

enum class OnFull { drop_gop, block, exit };

// channels: many streams, each with its onStream. plain: one stream, as an FLV file.
enum class PipeMode { plain, channels };

class PipeWriter {
 public:
  static constexpr std::chrono::milliseconds write_gap{5};

  struct Options {
    PipeMode mode = PipeMode::channels;
    std::size_t max_queued_bytes = 32u << 20;
    // Channels are numbered from after this one, and from 1 again after 2^24 - 1; numbers in use are skipped.
    ChannelId last_channel = 0;
    // Plain FLV in a file is for other programs: FFmpeg makes a data track of our own script tags, and cannot
    // copy that to most formats. So they are omitted there, unless this is set.
    bool annotates_files = false;
    // Their threads write what they queue, at the end of the turn. They outlive the writer, which is
    // destroyed by one of them when the others no longer run.
    std::vector<asio::io_context*> loops;
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
  ChannelId begin(const media::StreamInfo& info, OnFull on_full);
  // Waits only for an OnFull::block stream. Script tags "onStream" are omitted: only the writer's own may
  // open and close streams, not a peer's.
  void write(ChannelId channel, const media::Message& message);
  // Closes a stream: `ended`, or `lost` if its source went away and may come back while we go on. Plain FLV
  // that is lost just breaks off.
  void end(ChannelId channel, media::EndReason reason = media::EndReason::ended);

  // From now on write() never waits: messages that find no room are lost. For the end of the program.
  void stop_waiting();

  // True while half of the queue is used: callers that must not wait inside write() (coroutines) then stop
  // reading, and lose nothing.
  bool full() const;
  // Messages of this channel that were dropped so far.
  std::uint64_t dropped(ChannelId channel) const;

  // The state of a channel, for monitoring.
  struct ChannelState {
    media::StreamInfo info;
    media::StreamMeter::Figures figures;
    std::string video, audio;  // in words
    std::chrono::steady_clock::time_point since{};
    std::uint64_t dropped_messages = 0;
    std::uint64_t dropped_gops = 0;  // in whole or in part
  };
  std::vector<ChannelState> channels() const;
  // Bytes that wait for the reader.
  std::size_t queued_bytes() const;
  // How far the reader is behind: how long the bytes that it reads next have waited. Measured by batches.
  std::chrono::milliseconds lag() const;

  // Before a finish() that ends well: if there never was a stream, writes a header, so that the reader can
  // tell this end from a crash.
  void write_header_if_none();
  // Waits until everything is written (or the timeout, or a failure) and stops the thread. An
  // error if something was not written.
  Result<void> finish(std::chrono::milliseconds timeout);

 private:
  struct Stream {
    media::StreamInfo info;
    OnFull on_full = OnFull::drop_gop;
    media::TrackGate gate;                  // plain mode
    std::vector<media::Message> gathering;  // plain mode: until the gate opens
    std::size_t gathered_bytes = 0;         // what they cost
    bool has_video = false;
    std::int64_t newest_ms = 0;  // of the frames that were queued
    // Bytes of this stream in the queue and in the batch that the thread writes, as of this batch.
    std::size_t queued = 0;
    std::size_t writing = 0;
    std::uint64_t batch = 0;
    bool reported_too_large = false;
    bool dropping = false;
    std::uint64_t dropped = 0;
    std::uint64_t dropped_gops = 0;
    media::StreamMeter meter;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    // Not reported yet: each stream is reported at most once in ten seconds.
    std::uint64_t dropped_unreported = 0;
    std::int64_t dropping_since_ms = 0;
    std::chrono::steady_clock::time_point slow_reported_at{};
    bool reported_slow = false;  // its present dropping
  };
  using Lock = std::unique_lock<std::mutex>;
  // One of Options::loops, whose thread alone uses the timer.
  struct Loop {
    explicit Loop(asio::io_context& context) : io(context), gap(context) {}
    asio::io_context& io;
    asio::steady_timer gap;
  };

  ChannelId free_channel();
  bool admit(Lock& lock, Stream& stream, const media::Message& message);
  std::size_t waiting_of(Stream& stream) const;
  std::size_t share() const;
  bool has_room(Stream& stream, const media::Message& message) const;
  void begin_dropping(Stream& stream, std::int64_t timestamp_ms);
  void end_dropping(Stream& stream, std::int64_t timestamp_ms);
  bool refuse_too_large(Stream& stream, const media::Message& message);
  void enqueue(ChannelId channel, Stream& stream, const media::Message& message);
  void enqueue_tag(ChannelId channel, const media::Message& message);
  void enqueue_script(ChannelId channel, std::int64_t timestamp_ms, Slice payload);
  void enqueue_header(bool has_audio, bool has_video);
  bool continues_queue(const Block& block, const std::uint8_t* start) const;
  void enqueue_slice(Slice slice);
  Slice scratch(std::size_t size, std::uint8_t*& to);
  void gather(Stream& stream, const media::Message& message);
  void open_plain();
  bool is_omitted(const media::Message& message) const;
  bool annotates() const { return options_.mode == PipeMode::channels || annotates_plain_; }
  void prepare_pipe();
  void wake();
  Loop* own_loop();
  void write_now();
  void forget_written(std::size_t size);
  void write_loop();
  Result<void> write_batch(std::vector<Slice>& batch);
  void fail(Lock& lock, Error error);

  const int fd_;
  Options options_;
  const bool annotates_plain_;
  const cli::Log& log_;
  const std::function<void(Error)> on_failure_;

  mutable std::mutex mutex_;
  std::condition_variable wake_writer_;
  std::condition_variable wake_blocked_;
  std::map<ChannelId, Stream> streams_;
  ChannelId last_channel_;
  std::vector<Slice> queue_;
  std::size_t queued_bytes_ = 0;                           // in queue_
  std::uint64_t batch_ = 0;                                // how many batches the thread has taken
  media::StreamMeter::Clock::time_point queue_since_{};    // of its first bytes
  media::StreamMeter::Clock::time_point writing_since_{};  // likewise, of the batch that the thread writes
  std::atomic<std::size_t> writing_bytes_ = 0;             // taken by the thread, not yet written
  Block scratch_block_;
  std::size_t scratch_used_ = 0;
  bool header_written_ = false;
  std::chrono::steady_clock::time_point gate_deadline_{};
  bool gate_waiting_ = false;
  bool finishing_ = false;
  std::atomic<bool> stopping_ = false;
  bool failed_ = false;
  bool may_wait_ = true;
  int restore_flags_ = -1;  // of fd_, if it is a pipe that we made non-blocking
  std::deque<Loop> loops_;
  bool write_posted_ = false;
  std::chrono::steady_clock::time_point next_write_{};  // not before
  // For the handler that is posted: it may run once more after our destruction.
  const std::shared_ptr<PipeWriter*> self_ = std::make_shared<PipeWriter*>(this);
  std::thread thread_;
};

}  // namespace srs::pipe

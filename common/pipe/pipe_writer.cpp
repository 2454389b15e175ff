#include "pipe/pipe_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "core/block_signals.h"
#include "media/annotations.h"
#include "media/stream_headers.h"

namespace srs::pipe {
namespace {

constexpr std::size_t scratch_block_size = 64 * 1024;
constexpr ChannelId max_channel = flv::max_stream_id;
// Tags up to this size are copied: in pieces they would cost more, and each would keep the block that it came
// in.
constexpr std::size_t small_payload = 4096;
// What a stream may always have waiting, and how far its headers may exceed its share.
constexpr std::size_t min_share = 64 * 1024;
constexpr std::size_t header_share = 2u << 20;
constexpr std::chrono::seconds report_interval{10};
// What a gathered message costs besides its payload.
constexpr std::size_t message_overhead = 256;

// The whole tag as it stands in its block, if it can be written unchanged.
bool is_verbatim(const media::Message& message, ChannelId channel) {
  if (!message.framed || message.stream_id != channel) return false;
  std::uint8_t header[flv::tag_header_size];
  flv::store_tag_header(header, message.type, message.payload.size(),
                        static_cast<std::uint32_t>(message.timestamp_ms), channel);
  return std::memcmp(header, message.payload.data() - sizeof header, sizeof header) == 0;
}

bool is_file(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

PipeWriter::PipeWriter(int fd, Options options, const cli::Log& log, std::function<void(Error)> on_failure)
    : fd_(fd),
      options_(std::move(options)),
      annotates_plain_(options_.annotates_files || !is_file(fd)),
      log_(log),
      on_failure_(std::move(on_failure)),
      last_channel_(options_.last_channel) {
  prepare_pipe();
  for (asio::io_context* loop : options_.loops) loops_.emplace_back(*loop);
  thread_ = std::thread([this] {
    block_signals();
    write_loop();
  });
}

PipeWriter::~PipeWriter() {
  *self_ = nullptr;
  {
    Lock lock(mutex_);
    stopping_ = true;
    wake_writer_.notify_one();
    wake_blocked_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  if (restore_flags_ >= 0) ::fcntl(fd_, F_SETFL, restore_flags_);
}

void PipeWriter::use_plain_mode() {
  Lock lock(mutex_);
  if (!header_written_ && streams_.empty()) options_.mode = PipeMode::plain;
}

bool PipeWriter::carries(const std::string& path) const {
  Lock lock(mutex_);
  return std::any_of(streams_.begin(), streams_.end(),
                     [&](const auto& stream) { return stream.second.info.path == path; });
}

ChannelId PipeWriter::free_channel() {
  do {
    last_channel_ = last_channel_ % max_channel + 1;
  } while (streams_.contains(last_channel_));
  return last_channel_;
}

ChannelId PipeWriter::begin(const media::StreamInfo& info, OnFull on_full) {
  Lock lock(mutex_);
  const ChannelId channel = options_.mode == PipeMode::plain ? 0 : free_channel();
  Stream& stream = streams_[channel];
  stream = Stream{};
  stream.info = info;
  stream.on_full = on_full;
  if (options_.mode == PipeMode::channels) {
    if (!header_written_) enqueue_header(true, true);
    enqueue_script(channel, 0,
                   media::encode_on_stream(
                       {info.path, info.origin, media::OnStream::Event::begin, info.via, info.timeline}));
    wake();
  }
  return channel;
}

void PipeWriter::write(ChannelId channel, const media::Message& message) {
  Lock lock(mutex_);
  const auto found = streams_.find(channel);
  if (found == streams_.end() || failed_ || stopping_) return;
  if (is_omitted(message)) return;
  Stream& stream = found->second;
  if (refuse_too_large(stream, message)) return;
  if (message.is_video()) stream.has_video = true;
  stream.meter.add(message, std::chrono::steady_clock::now());
  if (options_.mode == PipeMode::plain && !header_written_)
    gather(stream, message);
  else if (admit(lock, stream, message))
    enqueue(channel, stream, message);
}

bool PipeWriter::is_omitted(const media::Message& message) const {
  if (message.kind != media::MessageKind::annotation) return false;
  return !annotates() || media::script_name(message.payload.bytes()) == "onStream";
}

// Messages too large for a tag. Metadata has a lower limit: notes are added to it, and metadata that large
// helps nobody and is sent to each new player.
bool PipeWriter::refuse_too_large(Stream& stream, const media::Message& message) {
  const bool is_metadata = message.kind == media::MessageKind::metadata;
  if (message.payload.size() <=
      (is_metadata ? media::StreamHeaders::max_metadata_bytes : flv::max_payload_size))
    return false;
  ++stream.dropped;
  if (!std::exchange(stream.reported_too_large, true))
    log_.warning("{}: {} of {} bytes are left out: {} is the limit", stream.info.path,
                 is_metadata ? "metadata" : "a message", message.payload.size(),
                 is_metadata ? "1 MiB" : "16 MiB");
  return true;
}

// Bytes of this stream that wait for the reader, including those in the batch that the thread writes.
std::size_t PipeWriter::waiting_of(Stream& stream) const {
  if (stream.batch != batch_) {
    stream.writing = stream.batch + 1 == batch_ ? stream.queued : 0;
    stream.queued = 0;
    stream.batch = batch_;
  }
  return stream.queued + std::min<std::size_t>(stream.writing, writing_bytes_);
}

// What each stream may have waiting, whatever the others do.
std::size_t PipeWriter::share() const {
  if (streams_.size() <= 1) return options_.max_queued_bytes;
  return std::max(min_share, options_.max_queued_bytes / 2 / streams_.size());
}

bool PipeWriter::has_room(Stream& stream, const media::Message& message) const {
  const std::size_t size = message.payload.size();
  const std::size_t after = queued_bytes_ + writing_bytes_ + size;
  const std::size_t own_after = waiting_of(stream) + size;
  const std::size_t max = options_.max_queued_bytes;
  // Decoders and later stages need these, unless a peer floods us with them.
  const bool is_needed = message.is_header() || message.kind == media::MessageKind::annotation;
  const std::size_t own_most = share() + (is_needed ? std::min(header_share, max / 4) : 0);
  return after <= max / 2 || (own_after <= own_most && after <= 2 * max);
}

// Plain mode, before the header is written.
void PipeWriter::gather(Stream& stream, const media::Message& message) {
  stream.gate.add(message);
  stream.gathering.push_back(message);
  stream.gathered_bytes += message_overhead + message.payload.size();
  if (!gate_waiting_) {
    gate_waiting_ = true;
    gate_deadline_ = std::chrono::steady_clock::now() + media::TrackGate::patience;
    wake_writer_.notify_one();
  }
  if (stream.gate.open() || stream.gathered_bytes > options_.max_queued_bytes / 4) open_plain();
}

// Whether a message may be queued. After a dropped message all others are dropped until a key frame (or any
// message of a stream without video) finds the queue at most half full.
bool PipeWriter::admit(Lock& lock, Stream& stream, const media::Message& message) {
  const auto queued = [this] { return queued_bytes_ + writing_bytes_; };
  if (stream.on_full == OnFull::block) {
    // The writing thread counts down without the lock: check again now and then.
    while (queued() >= options_.max_queued_bytes && !failed_ && !stopping_ && may_wait_) {
      wake_writer_.notify_one();  // the end of a turn that waits here would not come
      wake_blocked_.wait_for(lock, std::chrono::milliseconds(20));
    }
    return !failed_ && !stopping_ && may_wait_;
  }
  const bool is_needed = message.is_header() || message.kind == media::MessageKind::annotation;
  const bool fits = has_room(stream, message);
  if (is_needed && fits) return true;
  const bool may_resume = message.kind == media::MessageKind::key_frame || !stream.has_video;
  if (stream.dropping && may_resume && fits &&
      (queued() <= options_.max_queued_bytes / 2 || waiting_of(stream) <= share() / 2)) {
    end_dropping(stream, message.timestamp_ms);
  }
  if (!stream.dropping && !fits) {
    if (stream.on_full == OnFull::exit) {
      fail(lock, {Errc::io, "the reader of our output is too slow (--on-full exit)"});
      return false;
    }
    begin_dropping(stream, message.timestamp_ms);
  }
  if (stream.dropping) {
    if (stream.dropped_unreported == 0 || message.kind == media::MessageKind::key_frame)
      ++stream.dropped_gops;
    ++stream.dropped;
    ++stream.dropped_unreported;
  }
  return !stream.dropping;
}

void PipeWriter::begin_dropping(Stream& stream, std::int64_t timestamp_ms) {
  stream.dropping = true;
  if (stream.dropped_unreported == 0) stream.dropping_since_ms = timestamp_ms;
  const auto now = std::chrono::steady_clock::now();
  stream.reported_slow = now - stream.slow_reported_at >= report_interval;
  if (!stream.reported_slow) return;
  stream.slow_reported_at = now;
  log_.warning("{}: the reader of our output is slow: dropping until the next key frame that it has room for",
               stream.info.path);
}

void PipeWriter::end_dropping(Stream& stream, std::int64_t timestamp_ms) {
  stream.dropping = false;
  if (!stream.reported_slow) return;
  log_.warning("{}: the reader of our output was slow: dropped {} messages, {} ms of media", stream.info.path,
               stream.dropped_unreported, timestamp_ms - stream.dropping_since_ms);
  stream.dropped_unreported = 0;
}

void PipeWriter::enqueue(ChannelId channel, Stream& stream, const media::Message& message) {
  const bool idle = queue_.empty();
  if (message.is_frame()) stream.newest_ms = std::max(stream.newest_ms, message.timestamp_ms);
  waiting_of(stream);
  const std::size_t before = queued_bytes_;
  if (options_.mode == PipeMode::plain && message.kind == media::MessageKind::metadata) {
    enqueue_script(channel, message.timestamp_ms,
                   media::with_stream_notes(message.payload.bytes(), stream.info.path, annotates()));
  } else {
    enqueue_tag(channel, message);
  }
  stream.queued += queued_bytes_ - before;
  if (idle) wake();
}

void PipeWriter::enqueue_tag(ChannelId channel, const media::Message& message) {
  const Slice& payload = message.payload;
  const auto timestamp_ms = static_cast<std::uint32_t>(message.timestamp_ms);
  const std::size_t size = flv::tag_header_size + payload.size() + flv::tag_trailer_size;
  if (is_verbatim(message, channel)) {
    const std::uint8_t* start = payload.data() - flv::tag_header_size;
    if (payload.size() > small_payload || continues_queue(payload.block(), start))
      return enqueue_slice(Slice(payload.block(), Bytes(start, size)));
  }
  if (payload.size() > flv::max_payload_size) return;  // the reader would lose its place
  std::uint8_t* to = nullptr;
  if (payload.size() <= small_payload) {
    Slice tag = scratch(size, to);
    BoundedWriter writer({to, size});
    if (flv::write_tag(writer, message.type, timestamp_ms, channel, payload.bytes()))
      enqueue_slice(std::move(tag));
    return;
  }
  Slice header = scratch(flv::tag_header_size, to);
  flv::store_tag_header(to, message.type, payload.size(), timestamp_ms, channel);
  enqueue_slice(std::move(header));
  enqueue_slice(payload);
  Slice trailer = scratch(flv::tag_trailer_size, to);
  flv::store_tag_trailer(to, payload.size());
  enqueue_slice(std::move(trailer));
}

void PipeWriter::enqueue_script(ChannelId channel, std::int64_t timestamp_ms, Slice payload) {
  media::Message message;
  message.type = flv::TagType::script;
  message.timestamp_ms = timestamp_ms;
  message.payload = std::move(payload);
  enqueue_tag(channel, message);
}

bool PipeWriter::continues_queue(const Block& block, const std::uint8_t* start) const {
  return !queue_.empty() && queue_.back().block() == block &&
         queue_.back().data() + queue_.back().size() == start;
}

// Slices that are neighbours in memory become one piece of the gathered write.
void PipeWriter::enqueue_slice(Slice slice) {
  if (queue_.empty()) queue_since_ = media::StreamMeter::Clock::now();
  queued_bytes_ += slice.size();
  if (continues_queue(slice.block(), slice.data())) {
    Slice& last = queue_.back();
    last = Slice(slice.block(), Bytes(last.data(), last.size() + slice.size()));
    return;
  }
  queue_.push_back(std::move(slice));
}

Slice PipeWriter::scratch(std::size_t size, std::uint8_t*& to) {
  if (!scratch_block_ || scratch_used_ + size > scratch_block_size) {
    scratch_block_ = make_block(scratch_block_size);
    scratch_used_ = 0;
  }
  to = scratch_block_.get() + scratch_used_;
  scratch_used_ += size;
  return Slice(scratch_block_, Bytes(to, size));
}

// The tracks are known: queues the header, the promise of an end, and the messages gathered so far.
void PipeWriter::open_plain() {
  gate_waiting_ = false;
  const auto found = streams_.find(0);
  if (found == streams_.end() || header_written_) return;
  Stream& stream = found->second;
  enqueue_header(stream.gate.has_audio(), stream.gate.has_video());
  const auto gathered = std::move(stream.gathering);
  // The name and the promise come first.
  const bool has_metadata = !gathered.empty() && gathered.front().kind == media::MessageKind::metadata;
  if (!has_metadata)
    enqueue_script(0, gathered.empty() ? 0 : gathered.front().timestamp_ms,
                   media::with_stream_notes({}, stream.info.path, annotates()));
  for (const media::Message& message : gathered) enqueue(0, stream, message);
  wake();
}

void PipeWriter::end(ChannelId channel, media::EndReason reason) {
  Lock lock(mutex_);
  const auto found = streams_.find(channel);
  if (found == streams_.end()) return;
  if (options_.mode == PipeMode::plain) open_plain();
  if (found->second.dropped_unreported > 0)
    log_.warning("{}: the reader of our output was slow: dropped {} messages up to its end",
                 found->second.info.path, found->second.dropped_unreported);
  const auto event =
      reason == media::EndReason::lost ? media::OnStream::Event::lost : media::OnStream::Event::end;
  if (options_.mode == PipeMode::channels || (reason == media::EndReason::ended && annotates_plain_))
    // At the stream's last time: readers of the file would take 0 for a wrap.
    enqueue_script(channel, found->second.newest_ms,
                   media::encode_on_stream({found->second.info.path, {}, event}));
  streams_.erase(found);
  wake();
}

void PipeWriter::stop_waiting() {
  Lock lock(mutex_);
  may_wait_ = false;
  wake_blocked_.notify_all();
}

// Report full at half capacity: a caller that is told 'not full' may add a whole read's worth.
bool PipeWriter::full() const {
  Lock lock(mutex_);
  return !failed_ && queued_bytes_ + writing_bytes_ >= options_.max_queued_bytes / 2;
}

std::uint64_t PipeWriter::dropped(ChannelId channel) const {
  Lock lock(mutex_);
  const auto found = streams_.find(channel);
  return found == streams_.end() ? 0 : found->second.dropped;
}

void PipeWriter::enqueue_header(bool has_audio, bool has_video) {
  std::uint8_t* to = nullptr;
  Slice header = scratch(flv::file_header_size, to);
  flv::store_file_header(to, has_audio, has_video);
  enqueue_slice(std::move(header));
  header_written_ = true;
}

void PipeWriter::write_header_if_none() {
  Lock lock(mutex_);
  if (header_written_ || failed_ || stopping_) return;
  enqueue_header(true, true);
  wake();
}

Result<void> PipeWriter::finish(std::chrono::milliseconds timeout) {
  {
    Lock lock(mutex_);
    if (options_.mode == PipeMode::plain) open_plain();
    finishing_ = true;
    wake_writer_.notify_one();
    const bool done = wake_blocked_.wait_for(
        lock, timeout, [this] { return (queue_.empty() && writing_bytes_ == 0) || failed_; });
    const std::size_t left = queued_bytes_ + writing_bytes_;
    if (!done)
      return Error{Errc::timed_out,
                   fmt::format("the reader of our output did not take the last {} bytes", left)};
    if (failed_) return Error{Errc::closed, "the reader of our output went away"};
  }
  thread_.join();
  return {};
}

}  // namespace srs::pipe

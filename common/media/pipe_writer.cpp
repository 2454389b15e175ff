#include "media/pipe_writer.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "media/annotations.h"
#include "media/stream_headers.h"

namespace srs::media {
namespace {

constexpr std::size_t scratch_block_size = 64 * 1024;
constexpr ChannelId max_channel = flv::max_stream_id;
// Tags up to this size are copied: in pieces they would cost more than they are, and each would keep the
// block that it came in.
constexpr std::size_t small_payload = 4096;
// A stream may always have so much waiting, and as much of headers beyond its share.
constexpr std::size_t least_share = 64 * 1024;
constexpr std::size_t header_share = 2u << 20;
constexpr std::chrono::seconds told_once_in{10};
// What a message that is gathered costs beside its payload.
constexpr std::size_t message_overhead = 256;

// The whole tag as it stands in its block, if it can be written unchanged.
bool is_verbatim(const Message& message, ChannelId channel) {
  if (!message.framed || message.stream_id != channel) return false;
  std::uint8_t header[flv::tag_header_size];
  flv::store_tag_header(header, message.type, message.payload.size(),
                        static_cast<std::uint32_t>(message.timestamp_ms), channel);
  return std::memcmp(header, message.payload.data() - sizeof header, sizeof header) == 0;
}

}  // namespace

PipeWriter::PipeWriter(int fd, Options options, const cli::Log& log, std::function<void(Error)> on_failure)
    : fd_(fd),
      options_(options),
      log_(log),
      on_failure_(std::move(on_failure)),
      last_channel_(options.last_channel) {
  prepare_pipe();
  thread_ = std::thread([this] { write_loop(); });
}

PipeWriter::~PipeWriter() {
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

ChannelId PipeWriter::begin(const StreamInfo& info, OnFull on_full) {
  Lock lock(mutex_);
  const ChannelId channel = options_.mode == PipeMode::plain ? 0 : free_channel();
  Stream& stream = streams_[channel];
  stream = Stream{};
  stream.info = info;
  stream.on_full = on_full;
  if (options_.mode == PipeMode::channels) {
    if (!header_written_) put_header(true, true);
    put_script(channel, 0,
               encode_on_stream({info.path, info.origin, OnStream::Event::begin, info.via, info.timeline}));
    wake_writer_.notify_one();
  }
  return channel;
}

void PipeWriter::write(ChannelId channel, const Message& message) {
  Lock lock(mutex_);
  const auto found = streams_.find(channel);
  if (found == streams_.end() || failed_ || stopping_) return;
  if (message.kind == MessageKind::annotation && script_name(message.payload.bytes()) == "onStream") return;
  Stream& stream = found->second;
  if (refuse_too_large(stream, message)) return;
  if (message.is_video()) stream.has_video = true;
  stream.meter.add(message, std::chrono::steady_clock::now());
  if (options_.mode == PipeMode::plain && !header_written_)
    gather(stream, message);
  else if (admit(lock, stream, message))
    put(channel, stream, message);
}

// What no tag can say, with what may be added to metadata. Metadata so large helps nobody and is sent to each
// player that comes.
bool PipeWriter::refuse_too_large(Stream& stream, const Message& message) {
  const bool is_metadata = message.kind == MessageKind::metadata;
  if (message.payload.size() <= (is_metadata ? StreamHeaders::max_metadata_bytes : flv::max_payload_size))
    return false;
  ++stream.dropped;
  if (!std::exchange(stream.too_large_told, true))
    log_.warning("{}: {} of {} bytes are left out: {} is the limit", stream.info.path,
                 is_metadata ? "metadata" : "a message", message.payload.size(),
                 is_metadata ? "1 MiB" : "16 MiB");
  return true;
}

// Bytes of this stream that wait for the reader, those included that the thread has taken.
std::size_t PipeWriter::waiting_of(Stream& stream) const {
  if (stream.batch != batch_) {
    stream.writing = stream.batch + 1 == batch_ ? stream.queued : 0;
    stream.queued = 0;
    stream.batch = batch_;
  }
  return stream.queued + std::min<std::size_t>(stream.writing, writing_bytes_);
}

// What each stream may have waiting whatever the others do.
std::size_t PipeWriter::share() const {
  if (streams_.size() <= 1) return options_.max_queued_bytes;
  return std::max(least_share, options_.max_queued_bytes / 2 / streams_.size());
}

bool PipeWriter::has_room(Stream& stream, const Message& message) const {
  const std::size_t size = message.payload.size();
  const std::size_t after = queued_bytes_ + writing_bytes_ + size;
  const std::size_t own_after = waiting_of(stream) + size;
  const std::size_t max = options_.max_queued_bytes;
  // What decoders and later stages cannot do without, unless a peer floods us with it.
  const bool is_needed = message.is_header() || message.kind == MessageKind::annotation;
  const std::size_t own_most = share() + (is_needed ? std::min(header_share, max / 4) : 0);
  return after <= max / 2 || (own_after <= own_most && after <= 2 * max);
}

// Plain mode, before the header is written.
void PipeWriter::gather(Stream& stream, const Message& message) {
  stream.gate.add(message);
  stream.gathering.push_back(message);
  stream.gathered_bytes += message_overhead + message.payload.size();
  if (!gate_waiting_) {
    gate_waiting_ = true;
    gate_deadline_ = std::chrono::steady_clock::now() + TrackGate::patience;
    wake_writer_.notify_one();
  }
  if (stream.gate.open() || stream.gathered_bytes > options_.max_queued_bytes / 4) open_plain();
}

// Whether a message may be queued. A dropped message is followed by no other until a key frame
// (or any message of a stream without video) finds the queue at most half full.
bool PipeWriter::admit(Lock& lock, Stream& stream, const Message& message) {
  const auto queued = [this] { return queued_bytes_ + writing_bytes_; };
  if (stream.on_full == OnFull::block) {
    // The writing thread counts down without the lock: look again now and then.
    while (queued() >= options_.max_queued_bytes && !failed_ && !stopping_ && waits_)
      wake_blocked_.wait_for(lock, std::chrono::milliseconds(20));
    return !failed_ && !stopping_ && waits_;
  }
  const bool is_needed = message.is_header() || message.kind == MessageKind::annotation;
  const bool fits = has_room(stream, message);
  if (is_needed && fits) return true;
  const bool may_resume = message.kind == MessageKind::key_frame || !stream.has_video;
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
    if (stream.dropped_untold == 0 || message.kind == MessageKind::key_frame) ++stream.dropped_gops;
    ++stream.dropped;
    ++stream.dropped_untold;
  }
  return !stream.dropping;
}

void PipeWriter::begin_dropping(Stream& stream, std::int64_t timestamp_ms) {
  stream.dropping = true;
  if (stream.dropped_untold == 0) stream.dropping_since_ms = timestamp_ms;
  const auto now = std::chrono::steady_clock::now();
  stream.slow_told = now - stream.slow_told_at >= told_once_in;
  if (!stream.slow_told) return;
  stream.slow_told_at = now;
  log_.warning("{}: the reader of our output is slow: dropping until the next key frame that it has room for",
               stream.info.path);
}

void PipeWriter::end_dropping(Stream& stream, std::int64_t timestamp_ms) {
  stream.dropping = false;
  if (!stream.slow_told) return;
  log_.warning("{}: the reader of our output was slow: dropped {} messages, {} ms of media", stream.info.path,
               stream.dropped_untold, timestamp_ms - stream.dropping_since_ms);
  stream.dropped_untold = 0;
}

void PipeWriter::put(ChannelId channel, Stream& stream, const Message& message) {
  const bool idle = queue_.empty();
  waiting_of(stream);
  const std::size_t before = queued_bytes_;
  if (options_.mode == PipeMode::plain && message.kind == MessageKind::metadata) {
    put_script(channel, message.timestamp_ms, with_end_promise(message.payload.bytes(), stream.info.path));
  } else {
    put_tag(channel, message);
  }
  stream.queued += queued_bytes_ - before;
  if (idle) wake_writer_.notify_one();
}

void PipeWriter::put_tag(ChannelId channel, const Message& message) {
  const Slice& payload = message.payload;
  const auto timestamp_ms = static_cast<std::uint32_t>(message.timestamp_ms);
  const std::size_t size = flv::tag_header_size + payload.size() + flv::tag_trailer_size;
  if (is_verbatim(message, channel)) {
    const std::uint8_t* start = payload.data() - flv::tag_header_size;
    if (payload.size() > small_payload || continues_queue(payload.block(), start))
      return put_slice(Slice(payload.block(), Bytes(start, size)));
  }
  if (payload.size() > flv::max_payload_size) return;  // it would put the reader out of step
  std::uint8_t* to = nullptr;
  if (payload.size() <= small_payload) {
    Slice tag = scratch(size, to);
    BoundedWriter writer({to, size});
    if (flv::write_tag(writer, message.type, timestamp_ms, channel, payload.bytes()))
      put_slice(std::move(tag));
    return;
  }
  Slice header = scratch(flv::tag_header_size, to);
  flv::store_tag_header(to, message.type, payload.size(), timestamp_ms, channel);
  put_slice(std::move(header));
  put_slice(payload);
  Slice trailer = scratch(flv::tag_trailer_size, to);
  flv::store_tag_trailer(to, payload.size());
  put_slice(std::move(trailer));
}

void PipeWriter::put_script(ChannelId channel, std::int64_t timestamp_ms, Slice payload) {
  Message message;
  message.type = flv::TagType::script;
  message.timestamp_ms = timestamp_ms;
  message.payload = std::move(payload);
  put_tag(channel, message);
}

bool PipeWriter::continues_queue(const Block& block, const std::uint8_t* start) const {
  return !queue_.empty() && queue_.back().block() == block &&
         queue_.back().data() + queue_.back().size() == start;
}

// Neighbours in memory become one piece of the gathered write.
void PipeWriter::put_slice(Slice slice) {
  if (queue_.empty()) queue_since_ = StreamMeter::Clock::now();
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

// The tracks are known: the header, a promise of an end, and what was gathered so far.
void PipeWriter::open_plain() {
  gate_waiting_ = false;
  const auto found = streams_.find(0);
  if (found == streams_.end() || header_written_) return;
  Stream& stream = found->second;
  put_header(stream.gate.has_audio(), stream.gate.has_video());
  const auto gathered = std::move(stream.gathering);
  // The name and the promise come first of all.
  const bool has_metadata = !gathered.empty() && gathered.front().kind == MessageKind::metadata;
  if (!has_metadata)
    put_script(0, gathered.empty() ? 0 : gathered.front().timestamp_ms,
               with_end_promise({}, stream.info.path));
  for (const Message& message : gathered) put(0, stream, message);
  wake_writer_.notify_one();
}

void PipeWriter::end(ChannelId channel, EndReason reason) {
  Lock lock(mutex_);
  const auto found = streams_.find(channel);
  if (found == streams_.end()) return;
  if (options_.mode == PipeMode::plain) open_plain();
  if (found->second.dropped_untold > 0)
    log_.warning("{}: the reader of our output was slow: dropped {} messages up to its end",
                 found->second.info.path, found->second.dropped_untold);
  const auto event = reason == EndReason::lost ? OnStream::Event::lost : OnStream::Event::end;
  if (options_.mode == PipeMode::channels || reason == EndReason::ended)
    put_script(channel, 0, encode_on_stream({found->second.info.path, {}, event}));
  streams_.erase(found);
  wake_writer_.notify_one();
}

void PipeWriter::stop_waiting() {
  Lock lock(mutex_);
  waits_ = false;
  wake_blocked_.notify_all();
}

// Long before there is no room: who asks reads a whole block of input when there is some.
bool PipeWriter::full() const {
  Lock lock(mutex_);
  return !failed_ && queued_bytes_ + writing_bytes_ >= options_.max_queued_bytes / 2;
}

std::uint64_t PipeWriter::dropped(ChannelId channel) const {
  Lock lock(mutex_);
  const auto found = streams_.find(channel);
  return found == streams_.end() ? 0 : found->second.dropped;
}

void PipeWriter::put_header(bool has_audio, bool has_video) {
  std::uint8_t* to = nullptr;
  Slice header = scratch(flv::file_header_size, to);
  flv::store_file_header(to, has_audio, has_video);
  put_slice(std::move(header));
  header_written_ = true;
}

void PipeWriter::write_header_if_none() {
  Lock lock(mutex_);
  if (header_written_ || failed_ || stopping_) return;
  put_header(true, true);
  wake_writer_.notify_one();
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

}  // namespace srs::media

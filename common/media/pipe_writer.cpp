#include "media/pipe_writer.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "media/annotations.h"

namespace srs::media {
namespace {

constexpr std::size_t scratch_block_size = 64 * 1024;
constexpr ChannelId max_channel = 0xff'ffff;  // 24 bits

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
    : fd_(fd), options_(options), log_(log), on_failure_(std::move(on_failure)) {
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
    put_script(channel, 0, encode_on_stream({info.path, info.origin, true, info.via, info.timeline}));
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
  if (message.is_video()) stream.has_video = true;
  stream.meter.add(message, std::chrono::steady_clock::now());
  if (options_.mode == PipeMode::plain && !header_written_)
    gather(stream, message);
  else if (admit(lock, stream, message))
    put(channel, message);
}

// Plain mode, before the header is written.
void PipeWriter::gather(Stream& stream, const Message& message) {
  stream.gate.add(message);
  stream.gathering.push_back(message);
  stream.gathered_bytes += message.payload.size();
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
  // What decoders and later stages cannot do without, unless a peer floods us with it.
  const bool is_needed = message.is_header() || message.kind == MessageKind::annotation;
  if (is_needed && queued() + message.payload.size() <= 2 * options_.max_queued_bytes) return true;
  const bool may_resume = message.kind == MessageKind::key_frame || !stream.has_video;
  if (stream.dropping && may_resume && queued() <= options_.max_queued_bytes / 2) {
    stream.dropping = false;
    log_.warning("{}: the reader of our output was slow: dropped {} messages, {} ms of media",
                 stream.info.path, stream.dropped_now, message.timestamp_ms - stream.dropping_since_ms);
    stream.dropped_now = 0;
  }
  if (!stream.dropping && queued() + message.payload.size() > options_.max_queued_bytes) {
    if (stream.on_full == OnFull::exit) {
      fail(lock, {Errc::io, "the reader of our output is too slow (--on-full exit)"});
      return false;
    }
    stream.dropping = true;
    stream.dropping_since_ms = message.timestamp_ms;
    log_.warning(
        "{}: the reader of our output is slow: dropping until the next key frame that it has room for",
        stream.info.path);
  }
  if (stream.dropping) {
    if (stream.dropped_now == 0 || message.kind == MessageKind::key_frame) ++stream.dropped_gops;
    ++stream.dropped;
    ++stream.dropped_now;
  }
  return !stream.dropping;
}

void PipeWriter::put(ChannelId channel, const Message& message) {
  const bool idle = queue_.empty();
  if (options_.mode == PipeMode::plain && message.kind == MessageKind::metadata) {
    put_script(channel, message.timestamp_ms,
               with_end_promise(message.payload.bytes(), streams_[channel].info.path));
  } else {
    put_tag(channel, message);
  }
  if (idle) wake_writer_.notify_one();
}

void PipeWriter::put_tag(ChannelId channel, const Message& message) {
  const Slice& payload = message.payload;
  if (is_verbatim(message, channel)) {
    const std::uint8_t* start = payload.data() - flv::tag_header_size;
    put_slice(
        Slice(payload.block(), Bytes(start, flv::tag_header_size + payload.size() + flv::tag_trailer_size)));
    return;
  }
  std::uint8_t* to = nullptr;
  Slice header = scratch(flv::tag_header_size, to);
  flv::store_tag_header(to, message.type, payload.size(), static_cast<std::uint32_t>(message.timestamp_ms),
                        channel);
  put_slice(std::move(header));
  if (!payload.empty()) put_slice(payload);
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

// Neighbours in memory become one piece of the gathered write.
void PipeWriter::put_slice(Slice slice) {
  if (queue_.empty()) queue_since_ = StreamMeter::Clock::now();
  queued_bytes_ += slice.size();
  if (!queue_.empty()) {
    Slice& last = queue_.back();
    if (last.block() == slice.block() && last.data() + last.size() == slice.data()) {
      last = Slice(slice.block(), Bytes(last.data(), last.size() + slice.size()));
      return;
    }
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
  for (const Message& message : gathered) put(0, message);
  wake_writer_.notify_one();
}

void PipeWriter::end(ChannelId channel) {
  Lock lock(mutex_);
  const auto found = streams_.find(channel);
  if (found == streams_.end()) return;
  if (options_.mode == PipeMode::plain) open_plain();
  if (found->second.dropping)
    log_.warning("{}: dropped {} messages up to its end", found->second.info.path, found->second.dropped_now);
  put_script(channel, 0, encode_on_stream({found->second.info.path, {}, false}));
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

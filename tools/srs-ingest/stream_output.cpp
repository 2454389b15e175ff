#include "stream_output.h"

#include <algorithm>
#include <utility>

#include "media/annotations.h"

namespace srs::ingest {
namespace {

constexpr std::int64_t clock_interval_ms = 1000;
constexpr std::chrono::seconds source_clock_holds{3};
constexpr std::size_t max_held = 16;

}  // namespace

StreamOutput::StreamOutput(media::PipeWriter& writer, Options options, std::stop_token stop)
    : writer_(writer), options_(std::move(options)), stop_(std::move(stop)) {}

void StreamOutput::write(flv::TagType type, std::int64_t source_ms, Slice payload) {
  put(media::make_message(type, source_ms, std::move(payload)));
}

void StreamOutput::forward(media::Message message) {
  put(std::move(message));
}

void StreamOutput::begin() {
  if (!channel_) channel_ = writer_.begin(options_.info, options_.on_full);
}

void StreamOutput::put(media::Message message) {
  if (stop_.stop_requested()) return;
  begin();
  ++messages_;
  if (message.kind == media::MessageKind::annotation) return hold(std::move(message));
  const bool is_codec_header = message.is_header() && message.type != flv::TagType::script;
  if (message.is_frame()) return put_media(std::move(message));
  if (options_.log) tell(message);
  // Many sources stamp codec headers 0, which would be taken for a jump: only their order matters.
  message.timestamp_ms = lost_ || is_codec_header
                             ? std::max<std::int64_t>(timeline_.newest(), 0)
                             : timeline_.map(message.type, message.timestamp_ms).timestamp_ms;
  writer_.write(*channel_, message);
}

void StreamOutput::put_media(media::Message message) {
  if (std::exchange(lost_, false)) {
    timeline_.restart(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                            last_message_));
    if (options_.log) options_.log->info("{}: {} is back", options_.info.path, options_.info.origin);
  }
  const std::int64_t before = timeline_.newest();
  const auto mapped = timeline_.map(message.type, message.timestamp_ms);
  const std::int64_t offset_ms = mapped.timestamp_ms - message.timestamp_ms;
  message.timestamp_ms = mapped.timestamp_ms;
  if (before >= 0 && mapped.timestamp_ms > before && !mapped.discontinuity)
    last_step_ms_ = mapped.timestamp_ms - before;
  if (options_.paced) pacer_.wait(mapped.timestamp_ms, stop_);
  if (mapped.discontinuity || seam_)
    annotate(mapped.timestamp_ms, media::encode_on_discontinuity(seam_ ? seam_ : "timestamps jumped"));
  seam_ = nullptr;
  release_held(offset_ms);
  if (options_.clock) add_clock(mapped.timestamp_ms);
  if (options_.log) tell(message);
  writer_.write(*channel_, message);
  last_message_ = std::chrono::steady_clock::now();
}

void StreamOutput::hold(media::Message annotation) {
  if (media::decode_on_clock(annotation.payload.bytes())) {
    if (options_.paced) return;
    source_clock_ = std::chrono::steady_clock::now();
  }
  if (held_.size() < max_held) held_.push_back(std::move(annotation));
}

// offset_ms: from the source's time to the stream's.
void StreamOutput::release_held(std::int64_t offset_ms) {
  for (media::Message& annotation : held_) {
    annotation.timestamp_ms = std::max<std::int64_t>(annotation.timestamp_ms + offset_ms, 0);
    writer_.write(*channel_, annotation);
  }
  held_.clear();
}

void StreamOutput::tell(const media::Message& message) {
  if (const auto note = notes_.add(message)) options_.log->info("{}: {}", options_.info.path, *note);
}

void StreamOutput::annotate(std::int64_t timestamp_ms, Slice payload) {
  writer_.write(*channel_, media::make_message(flv::TagType::script, timestamp_ms, std::move(payload)));
}

void StreamOutput::add_clock(std::int64_t timestamp_ms) {
  if (timestamp_ms < next_clock_ms_) return;
  // The time that a node before us gave is nearer to the source than ours.
  if (source_clock_ && std::chrono::steady_clock::now() - *source_clock_ < source_clock_holds) return;
  next_clock_ms_ = timestamp_ms + clock_interval_ms;
  annotate(timestamp_ms, media::encode_on_clock(std::chrono::system_clock::now()));
}

void StreamOutput::resume_after_loss() {
  if (messages_ == 0) return;
  lost_ = true;
  seam_ = "source lost and back";
}

void StreamOutput::resume_after_end() {
  if (messages_ == 0) return;
  timeline_.restart(std::chrono::milliseconds(last_step_ms_));
  seam_ = "source starts over";
}

void StreamOutput::end(media::EndReason reason) {
  if (channel_) writer_.end(*channel_, reason);
  channel_.reset();
}

}  // namespace srs::ingest

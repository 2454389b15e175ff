#include "stream_output.h"

#include "media/annotations.h"

namespace srs::ingest {
namespace {

constexpr std::int64_t clock_interval_ms = 1000;

}  // namespace

StreamOutput::StreamOutput(media::PipeWriter& writer, Options options, std::stop_token stop)
    : writer_(writer), options_(std::move(options)), stop_(std::move(stop)) {}

void StreamOutput::write(flv::TagType type, std::int64_t source_ms, Slice payload) {
  put(media::make_message(type, source_ms, std::move(payload)));
}

void StreamOutput::forward(media::Message message) { put(std::move(message)); }

void StreamOutput::begin() {
  if (!channel_) channel_ = writer_.begin(options_.info, options_.on_full);
}

void StreamOutput::put(media::Message message) {
  if (stop_.stop_requested()) return;
  begin();
  const std::int64_t before = timeline_.newest();
  const auto mapped = timeline_.map(message.type, message.timestamp_ms);
  message.timestamp_ms = mapped.timestamp_ms;
  const bool is_media = message.is_audio() || message.is_video();
  if (is_media && before >= 0 && mapped.timestamp_ms > before && !mapped.discontinuity) last_step_ms_ = mapped.timestamp_ms - before;
  if (options_.paced && is_media) pacer_.wait(mapped.timestamp_ms, stop_);
  if (is_media && (mapped.discontinuity || seam_)) {
    annotate(mapped.timestamp_ms, media::encode_on_discontinuity(seam_ ? seam_ : "timestamps jumped"));
    seam_ = nullptr;
  }
  if (options_.clock && is_media) add_clock(mapped.timestamp_ms);
  writer_.write(*channel_, message);
  ++messages_;
  last_message_ = std::chrono::steady_clock::now();
}

void StreamOutput::annotate(std::int64_t timestamp_ms, Slice payload) {
  writer_.write(*channel_, media::make_message(flv::TagType::script, timestamp_ms, std::move(payload)));
}

void StreamOutput::add_clock(std::int64_t timestamp_ms) {
  if (timestamp_ms < next_clock_ms_) return;
  next_clock_ms_ = timestamp_ms + clock_interval_ms;
  annotate(timestamp_ms, media::encode_on_clock(std::chrono::system_clock::now()));
}

void StreamOutput::resume_after_loss() {
  if (messages_ == 0) return;
  timeline_.restart(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - last_message_));
  seam_ = "source lost and back";
}

void StreamOutput::resume_after_end() {
  if (messages_ == 0) return;
  timeline_.restart(std::chrono::milliseconds(last_step_ms_));
  seam_ = "source starts over";
}

void StreamOutput::end() {
  if (channel_) writer_.end(*channel_);
  channel_.reset();
}

}  // namespace srs::ingest

#include "live/publication.h"

#include <algorithm>
#include <utility>

#include "media/annotations.h"

namespace srs::live {

Publication::Publication(StreamSink& sink, media::StreamInfo info, Options options, const Clock& clock)
    : sink_(sink),
      info_(std::move(info)),
      options_(std::move(options)),
      clock_(clock),
      clock_notes_(clock),
      last_message_at_(clock.steady()) {
  if (options_.join == Join::splice) splice_.emplace();
}

bool Publication::begin() {
  if (!stream_) stream_ = sink_.begin(info_);
  return stream_ != nullptr && !stream_->refused();
}

void Publication::end(media::EndReason reason) {
  if (const auto stream = std::move(stream_)) stream->on_end(reason);
}

void Publication::begin_source(const media::StreamInfo& info) {
  info_.origin = info.origin;
  info_.via = info.via;
  info_.timeline = info.timeline;
  if (stream_) stream_->on_source(info_);
  if (splice_) splice_->begin_source(clock_.steady(), info_.timeline);
  if (splice_ && options_.source_clock == SourceClock::used) clock_notes_.on_source_clock();
  last_message_at_ = clock_.steady();
}

void Publication::resume_after_loss(const char* why) {
  if (messages_ == 0 || splice_) return;
  is_lost_ = true;
  seam_ = why;
}

void Publication::resume_after_end(const char* why) {
  if (messages_ == 0 || splice_) return;
  timeline_.restart(std::chrono::milliseconds(last_step_ms_));
  seam_ = why;
}

Publication::Pushed Publication::push(media::Message message) {
  last_message_at_ = clock_.steady();
  received_bytes_ += message.payload.size();
  if (message.type != flv::TagType::script) {
    has_media_ = true;
  } else if (options_.bounds_scripts && !scripts_.consume(message.payload.size(), last_message_at_)) {
    return {.left_out = true};
  }
  ++messages_;
  return splice_ ? push_spliced(std::move(message)) : push_mapped(std::move(message));
}

std::int64_t Publication::newest_or_zero() const {
  return std::max<std::int64_t>(newest_ms(), 0);
}

Publication::Pushed Publication::push_mapped(media::Message message) {
  if (!begin()) return {.accepted = false};
  Pushed pushed;
  if (options_.source_clock != SourceClock::script && message.kind == media::MessageKind::annotation) {
    hold(std::move(message));
  } else if (message.is_frame()) {
    push_frame(std::move(message), pushed);
  } else {
    // A codec header's timestamp is meaningless: many encoders stamp it 0, which would look like a jump. Only
    // its place matters. The same holds for scripts that a returning source sends before its first frame.
    const bool is_codec_header = message.is_header() && message.type != flv::TagType::script;
    message.timestamp_ms = is_codec_header || is_lost_
                               ? newest_or_zero()
                               : timeline_.map(message.type, message.timestamp_ms).timestamp_ms;
    stream_->on_message(std::move(message));
  }
  return pushed;
}

void Publication::push_frame(media::Message message, Pushed& pushed) {
  pushed.is_frame = true;
  if (std::exchange(is_lost_, false)) {
    pushed.is_resumed = true;
    const auto silence = last_frame_at_ == Clock::TimePoint() ? Clock::TimePoint::duration(0)
                                                              : clock_.steady() - last_frame_at_;
    timeline_.restart(std::chrono::duration_cast<std::chrono::milliseconds>(silence));
  }
  const std::int64_t before = timeline_.newest();
  const auto mapped = timeline_.map(message.type, message.timestamp_ms);
  const std::int64_t offset_ms = mapped.timestamp_ms - message.timestamp_ms;
  message.timestamp_ms = mapped.timestamp_ms;
  if (before >= 0 && mapped.timestamp_ms > before && !mapped.discontinuity)
    last_step_ms_ = mapped.timestamp_ms - before;
  if (options_.pace) options_.pace(mapped.timestamp_ms);
  if (mapped.discontinuity || seam_)
    stream_->on_message(
        media::make_message(flv::TagType::script, mapped.timestamp_ms,
                            media::encode_on_discontinuity(seam_ != nullptr ? seam_ : "timestamps jumped")));
  seam_ = nullptr;
  release_held(offset_ms);
  add_clock(mapped.timestamp_ms);
  stream_->on_message(std::move(message));
  last_frame_at_ = clock_.steady();
}

Publication::Pushed Publication::push_spliced(media::Message message) {
  if (message.kind == media::MessageKind::annotation && media::decode_on_clock(message.payload.bytes()))
    clock_notes_.on_source_clock();
  Pushed pushed;
  spliced_.clear();
  splice_->push(std::move(message), last_message_at_, spliced_);
  for (media::Message& each : spliced_) {
    if (!begin()) return {.accepted = false};
    if (each.is_frame()) {
      pushed.is_frame = true;
      last_frame_at_ = last_message_at_;
      add_clock(each.timestamp_ms);
    }
    stream_->on_message(std::move(each));
  }
  return pushed;
}

void Publication::hold(media::Message annotation) {
  if (media::decode_on_clock(annotation.payload.bytes())) {
    if (options_.source_clock == SourceClock::dropped) return;
    clock_notes_.on_source_clock();
  }
  if (held_.size() < max_held) held_.push_back(std::move(annotation));
}

// offset_ms: stream time - source time.
void Publication::release_held(std::int64_t offset_ms) {
  for (media::Message& annotation : held_) {
    annotation.timestamp_ms = std::max<std::int64_t>(annotation.timestamp_ms + offset_ms, 0);
    stream_->on_message(std::move(annotation));
  }
  held_.clear();
}

void Publication::add_clock(std::int64_t timestamp_ms) {
  if (!options_.adds_clock) return;
  if (auto note = clock_notes_.before_frame(timestamp_ms)) stream_->on_message(*std::move(note));
}

void Publication::annotate(Slice payload) {
  if (stream_)
    stream_->on_message(media::make_message(flv::TagType::script, newest_or_zero(), std::move(payload)));
}

}  // namespace srs::live

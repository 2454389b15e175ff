#include "media/silence.h"

#include "codec/silence.h"
#include "flv/payload.h"

namespace srs::media {
namespace {

// Silence that is later than this is skipped.
constexpr std::int64_t max_late_ms = 5'000;

}  // namespace

void Silence::set_header(const Message& header) {
  payload_.clear();
  const auto audio = flv::parse_audio(header.payload.bytes());
  if (!audio || audio->multitrack) return;
  const auto frame = codec::silent_frame(audio->codec, audio->body);
  if (!frame) return;
  ByteWriter payload;
  if (audio->enhanced)
    flv::write_enhanced_audio_header(payload, audio->codec, flv::PacketKind::coded_frames);
  else
    flv::write_audio_header(payload, audio->codec, flv::PacketKind::coded_frames);
  payload.bytes(frame->bytes);
  duration_ms_ = frame->duration_ms;
  payload_.assign(payload.view().begin(), payload.view().end());
}

void Silence::begin(std::int64_t last_frame_ms) {
  begun_ms_ = last_frame_ms;
  frames_ = 0;
}

std::optional<Message> Silence::next(std::int64_t newest_ms) {
  if (payload_.empty()) return std::nullopt;
  const auto time_of = [this](std::int64_t frame) {
    return begun_ms_ + static_cast<std::int64_t>(static_cast<double>(frame) * duration_ms_);
  };
  const std::int64_t due_ms = newest_ms - behind_ms;
  if (newest_ms < begun_ms_ || due_ms - time_of(frames_) > max_late_ms) begin(due_ms);
  const std::int64_t time_ms = time_of(frames_ + 1);
  if (time_ms > due_ms) return std::nullopt;
  ++frames_;
  Message message;
  message.type = flv::TagType::audio;
  message.kind = MessageKind::filler;
  message.timestamp_ms = time_ms;
  message.payload = Slice::copy_of(payload_);
  return message;
}

}  // namespace srs::media

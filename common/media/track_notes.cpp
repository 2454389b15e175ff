#include "media/track_notes.h"

#include <fmt/format.h>

#include "codec/table.h"
#include "flv/payload.h"

namespace srs::media {
namespace {

// Profile and size, as far as the record has a sequence parameter set.
std::string picture(const codec::Description& description) {
  if (!description.has_sps) return {};
  std::string text = description.profile.empty() ? "" : fmt::format(" {}", description.profile);
  if (!description.picture_error) text += fmt::format(" {}x{}", description.width, description.height);
  return text;
}

std::string sound(std::uint32_t sample_rate, unsigned channels) {
  if (sample_rate == 0) return {};
  return fmt::format(" {} Hz {}", sample_rate,
                     channels == 1   ? "mono"
                     : channels == 2 ? "stereo"
                                     : fmt::format("{} channels", channels));
}

std::string describe_video(const Message& message) {
  const auto video = flv::parse_video(message.payload.bytes());
  if (!video) return {};
  const codec::VideoRow& row = codec::row(video->codec);
  std::string text(row.name);
  if (video->kind != flv::PacketKind::sequence_start || row.describe == nullptr) return text;
  const auto description = row.describe(video->body);
  return description ? text + picture(*description) : text;
}

std::string describe_audio(const Message& message) {
  const auto audio = flv::parse_audio(message.payload.bytes());
  if (!audio) return {};
  const codec::AudioRow& row = codec::row(audio->codec);
  const std::string text(row.name);
  // In front of a packet type the tag header says the same for every stream: the configuration tells.
  if (!row.flv.packet_type || row.describe == nullptr)
    return text + sound(audio->sample_rate, audio->channels);
  const auto description = row.describe(audio->body);
  return description ? text + sound(description->sample_rate, description->channels) : text;
}

}  // namespace

std::optional<std::string> TrackNotes::add(const Message& message) {
  if (notes_ >= max_notes || (!message.is_video() && !message.is_audio())) return std::nullopt;
  std::string& known = message.is_video() ? video_ : audio_;
  if (!message.is_header() && !known.empty()) return std::nullopt;
  std::string text = message.is_video() ? describe_video(message) : describe_audio(message);
  if (text.empty() || text == known) return std::nullopt;
  ++notes_;
  known = text;
  return text;
}

}  // namespace srs::media

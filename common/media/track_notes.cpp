#include "media/track_notes.h"

#include <fmt/format.h>

#include "codec/aac.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "flv/payload.h"

namespace srs::media {
namespace {

// profile and size as far as the record tells them.
template <class Sps>
std::string picture(std::string_view profile, const Result<Sps>& sps) {
  std::string text = profile.empty() ? "" : fmt::format(" {}", profile);
  if (sps) text += fmt::format(" {}x{}", sps->width, sps->height);
  return text;
}

std::string avc_picture(Bytes record) {
  const auto config = codec::parse_avc_config(record);
  if (!config || config->sps.empty()) return {};
  return picture(codec::avc_profile_name(config->profile_idc, config->constraint_flags),
                 codec::parse_avc_sps(config->sps.front()));
}

std::string hevc_picture(Bytes record) {
  const auto config = codec::parse_hevc_config(record);
  if (!config || config->sps.empty()) return {};
  return picture(codec::hevc_profile_name(config->profile), codec::parse_hevc_sps(config->sps.front()));
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
  std::string text(codec::name(video->codec));
  if (video->kind == flv::PacketKind::sequence_start && video->codec == codec::VideoCodec::avc)
    text += avc_picture(video->body);
  if (video->kind == flv::PacketKind::sequence_start && video->codec == codec::VideoCodec::hevc)
    text += hevc_picture(video->body);
  return text;
}

std::string describe_audio(const Message& message) {
  const auto audio = flv::parse_audio(message.payload.bytes());
  if (!audio) return {};
  const std::string text(codec::name(audio->codec));
  if (audio->codec != codec::AudioCodec::aac) return text + sound(audio->sample_rate, audio->channels);
  const auto config = codec::parse_aac_config(audio->body);
  return config ? text + sound(config->sample_rate, config->channels) : text;
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

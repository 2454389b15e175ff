#include "codec_description.h"

#include <fmt/format.h>

#include "codec/aac.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/opus.h"
#include "codec/vp9.h"

namespace srs::probe {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

Result<void> describe_avc(Bytes record, TrackDescription& to) {
  auto config = codec::parse_avc_config(record);
  if (!config) return std::move(config).error();
  to.codec_string = codec::codec_string(*config);
  to.profile = codec::avc_profile_name(config->profile_idc, config->constraint_flags);
  to.level = codec::avc_level_name(config->profile_idc, config->constraint_flags, config->level_idc);
  if (config->sps.empty()) return {};
  auto sps = codec::parse_avc_sps(config->sps.front());
  if (!sps) return std::move(sps).error();
  to.width = sps->width;
  to.height = sps->height;
  to.bit_depth = sps->bit_depth;
  to.frame_rate = sps->frame_rate;
  return {};
}

Result<void> describe_hevc(Bytes record, TrackDescription& to) {
  auto config = codec::parse_hevc_config(record);
  if (!config) return std::move(config).error();
  to.codec_string = codec::codec_string(*config);
  to.profile = codec::hevc_profile_name(config->profile);
  to.level = codec::hevc_level_name(config->profile);
  to.bit_depth = config->bit_depth;
  if (config->sps.empty()) return {};
  auto sps = codec::parse_hevc_sps(config->sps.front());
  if (!sps) return std::move(sps).error();
  to.width = sps->width;
  to.height = sps->height;
  to.frame_rate = sps->frame_rate;
  return {};
}

Result<void> describe_av1(Bytes record, TrackDescription& to) {
  auto config = codec::parse_av1_config(record);
  if (!config) return std::move(config).error();
  to.codec_string = codec::codec_string(*config);
  to.profile = codec::av1_profile_name(*config);
  to.level = codec::av1_level_name(*config);
  to.bit_depth = config->bit_depth;
  to.width = config->width;
  to.height = config->height;
  to.frame_rate = config->frame_rate;
  return {};
}

Result<void> describe_vp9(Bytes record, TrackDescription& to) {
  auto config = codec::parse_vp_config(record);
  if (!config) return std::move(config).error();
  to.codec_string = codec::vp9_codec_string(*config);
  to.profile = fmt::format("{}", config->profile);
  if (config->level > 0) to.level = fmt::format("{}.{}", config->level / 10, config->level % 10);
  to.bit_depth = config->bit_depth;
  return {};
}

Result<void> describe_aac(Bytes record, TrackDescription& to) {
  auto config = codec::parse_aac_config(record);
  if (!config) return std::move(config).error();
  to.codec_string = codec::codec_string(*config);
  to.profile = codec::aac_profile_name(*config);
  to.sample_rate = config->sample_rate;
  to.channels = config->channels;
  return {};
}

Result<void> describe_opus(Bytes record, TrackDescription& to) {
  auto config = codec::parse_opus_config(record);
  if (!config) return std::move(config).error();
  to.codec_string = "opus";
  to.sample_rate = codec::opus_sample_rate;
  to.channels = config->channels;
  return {};
}

}  // namespace

Result<TrackDescription> describe_video(VideoCodec codec, Bytes record) {
  TrackDescription description;
  description.codec = codec::name(codec);
  Result<void> read;
  switch (codec) {
    case VideoCodec::avc:
      read = describe_avc(record, description);
      break;
    case VideoCodec::hevc:
      read = describe_hevc(record, description);
      break;
    case VideoCodec::av1:
      read = describe_av1(record, description);
      break;
    case VideoCodec::vp9:
      read = describe_vp9(record, description);
      break;
    default:
      break;
  }
  if (!read) return std::move(read).error();
  return description;
}

Result<TrackDescription> describe_audio(AudioCodec codec, Bytes record) {
  TrackDescription description;
  description.codec = codec::name(codec);
  Result<void> read;
  switch (codec) {
    case AudioCodec::aac:
      read = describe_aac(record, description);
      break;
    case AudioCodec::opus:
      read = describe_opus(record, description);
      break;
    default:
      break;
  }
  if (!read) return std::move(read).error();
  return description;
}

unsigned nal_length_size(VideoCodec codec, Bytes record) {
  if (codec == VideoCodec::avc) {
    const auto config = codec::parse_avc_config(record);
    return config ? config->nal_length_size : 0;
  }
  if (codec == VideoCodec::hevc) {
    const auto config = codec::parse_hevc_config(record);
    return config ? config->nal_length_size : 0;
  }
  return 0;
}

}  // namespace srs::probe

#include "track_info.h"

#include "codec/aac.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/opus.h"
#include "codec/vp9.h"

namespace srs::hls {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

template <class Sps>
void take_picture(TrackInfo& info, const Sps& sps) {
  info.width = sps.width;
  info.height = sps.height;
  info.frame_rate = sps.frame_rate;
}

TrackInfo avc_info(Bytes record) {
  TrackInfo info;
  const auto config = codec::parse_avc_config(record);
  if (!config) return info;
  info.codecs = codec_string(*config);
  info.nal_length_size = config->nal_length_size;
  if (!config->sps.empty())
    if (const auto sps = codec::parse_avc_sps(config->sps.front())) take_picture(info, *sps);
  return info;
}

TrackInfo hevc_info(Bytes record) {
  TrackInfo info;
  const auto config = codec::parse_hevc_config(record);
  if (!config) return info;
  info.codecs = codec_string(*config);
  info.nal_length_size = config->nal_length_size;
  if (!config->sps.empty())
    if (const auto sps = codec::parse_hevc_sps(config->sps.front())) take_picture(info, *sps);
  return info;
}

}  // namespace

TrackInfo video_info(VideoCodec codec, Bytes record) {
  if (codec == VideoCodec::avc) return avc_info(record);
  if (codec == VideoCodec::hevc) return hevc_info(record);
  TrackInfo info;
  if (codec == VideoCodec::av1) {
    if (const auto config = codec::parse_av1_config(record)) {
      info.codecs = codec_string(*config);
      take_picture(info, *config);
    }
  } else if (codec == VideoCodec::vp9) {
    if (const auto config = codec::parse_vp_config(record)) info.codecs = vp9_codec_string(*config);
  }
  return info;
}

TrackInfo audio_info(AudioCodec codec, Bytes record) {
  TrackInfo info;
  if (codec == AudioCodec::aac) {
    if (const auto config = codec::parse_aac_config(record)) {
      info.codecs = codec_string(*config);
      info.channels = config->channels;
    }
  } else if (codec == AudioCodec::opus) {
    info.codecs = "Opus";
    if (const auto config = codec::parse_opus_config(record)) info.channels = config->channels;
  } else if (codec == AudioCodec::mp3) {
    info.codecs = "mp4a.40.34";
  } else if (codec == AudioCodec::ac3) {
    info.codecs = "ac-3";
  } else if (codec == AudioCodec::eac3) {
    info.codecs = "ec-3";
  } else if (codec == AudioCodec::flac) {
    info.codecs = "fLaC";
  }
  return info;
}

}  // namespace srs::hls

#include "srs-hls/tracks/track_info.h"

#include "codec/table.h"

namespace srs::hls {

TrackInfo video_info(codec::VideoCodec codec, Bytes record) {
  TrackInfo info;
  const auto describe = codec::row(codec).describe;
  if (describe == nullptr) return info;
  const auto description = describe(record);
  if (!description) return info;
  info.codecs = description->codec_string;
  info.width = description->width;
  info.height = description->height;
  info.frame_rate = description->frame_rate;
  if (description->nal_length_size > 0) info.nal_length_size = description->nal_length_size;
  return info;
}

TrackInfo audio_info(codec::AudioCodec codec, Bytes record) {
  TrackInfo info;
  const codec::AudioRow& row = codec::row(codec);
  info.codecs = row.codec_string;
  if (row.describe == nullptr) return info;
  const auto description = row.describe(record);
  if (!description) return info;
  if (info.codecs.empty()) info.codecs = description->codec_string;
  info.channels = description->channels;
  return info;
}

}  // namespace srs::hls

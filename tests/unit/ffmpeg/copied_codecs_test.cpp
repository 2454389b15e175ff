// Which codecs of FFmpeg's are copied, by the names in the table of codecs.
#include <doctest/doctest.h>

#include "codec/table.h"
#include "ffmpeg/flv_track.h"

using namespace srs;
using codec::AudioCodec;
using codec::VideoCodec;

namespace {

VideoCodec copied_video(AVCodecID id) {
  AVCodecParameters parameters{};
  parameters.codec_id = id;
  return ffmpeg::copied_video_codec(parameters);
}

AudioCodec copied_audio(AVCodecID id) {
  AVCodecParameters parameters{};
  parameters.codec_id = id;
  return ffmpeg::copied_audio_codec(parameters);
}

template <class Row>
void check_name(const Row& row, AVMediaType type) {
  if (row.ffmpeg.empty()) return;
  const AVCodecDescriptor* const known = avcodec_descriptor_get_by_name(std::string(row.ffmpeg).c_str());
  CAPTURE(row.name);
  REQUIRE(known);
  CHECK(known->type == type);
}

}  // namespace

TEST_CASE("FFmpeg knows the names in the table") {
  for (const codec::VideoRow& row : codec::video_rows()) check_name(row, AVMEDIA_TYPE_VIDEO);
  for (const codec::AudioRow& row : codec::audio_rows()) check_name(row, AVMEDIA_TYPE_AUDIO);
}

TEST_CASE("codecs that are copied") {
  CHECK(copied_video(AV_CODEC_ID_H264) == VideoCodec::avc);
  CHECK(copied_video(AV_CODEC_ID_HEVC) == VideoCodec::hevc);
  CHECK(copied_video(AV_CODEC_ID_AV1) == VideoCodec::av1);
  CHECK(copied_video(AV_CODEC_ID_VP9) == VideoCodec::vp9);
  CHECK(copied_video(AV_CODEC_ID_VP8) == VideoCodec::unknown);
  CHECK(copied_video(AV_CODEC_ID_FLV1) == VideoCodec::unknown);
  CHECK(copied_video(AV_CODEC_ID_AAC) == VideoCodec::unknown);
  CHECK(copied_video(AV_CODEC_ID_NONE) == VideoCodec::unknown);
  CHECK(copied_audio(AV_CODEC_ID_AAC) == AudioCodec::aac);
  CHECK(copied_audio(AV_CODEC_ID_MP3) == AudioCodec::mp3);
  CHECK(copied_audio(AV_CODEC_ID_OPUS) == AudioCodec::opus);
  CHECK(copied_audio(AV_CODEC_ID_AC3) == AudioCodec::ac3);
  CHECK(copied_audio(AV_CODEC_ID_EAC3) == AudioCodec::eac3);
  CHECK(copied_audio(AV_CODEC_ID_FLAC) == AudioCodec::flac);
  CHECK(copied_audio(AV_CODEC_ID_AAC_LATM) == AudioCodec::unknown);
  CHECK(copied_audio(AV_CODEC_ID_PCM_ALAW) == AudioCodec::unknown);
  CHECK(copied_audio(AV_CODEC_ID_H264) == AudioCodec::unknown);
}

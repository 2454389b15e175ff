#include "ffmpeg_metadata.h"

#include <cmath>

#include "amf/value.h"
#include "cli/version.h"
#include "ffmpeg_flv_track.h"
#include "flv/payload.h"

namespace srs::ingest {
namespace {

// Codec ids of the legacy tag headers; all other codecs are named by their FourCC.
constexpr int legacy_avc = 7;
constexpr int legacy_mp3 = 2;
constexpr int legacy_aac = 10;

double codec_number(codec::VideoCodec codec) {
  return codec == codec::VideoCodec::avc ? legacy_avc : flv::fourcc(codec);
}

double codec_number(codec::AudioCodec codec) {
  if (codec == codec::AudioCodec::aac) return legacy_aac;
  return codec == codec::AudioCodec::mp3 ? legacy_mp3 : flv::fourcc(codec);
}

}  // namespace

Slice build_metadata(const StreamDescription& stream) {
  amf::Value values = amf::Value::ecma_array({});
  if (stream.duration_s) values.set("duration", *stream.duration_s);
  if (const AVCodecParameters* video = stream.video) {
    if (video->width > 0) values.set("width", video->width);
    if (video->height > 0) values.set("height", video->height);
    if (stream.frame_rate.num > 0 && stream.frame_rate.den > 0)
      values.set("framerate", std::round(av_q2d(stream.frame_rate) * 1000) / 1000);
    if (video->bit_rate > 0) values.set("videodatarate", static_cast<double>(video->bit_rate) / 1000);
    values.set("videocodecid", codec_number(copied_video_codec(*video)));
  }
  if (const AVCodecParameters* audio = stream.audio) {
    if (audio->sample_rate > 0) values.set("audiosamplerate", audio->sample_rate);
    values.set("audiosamplesize", 16);
    values.set("stereo", audio->ch_layout.nb_channels > 1);
    if (audio->ch_layout.nb_channels > 0) values.set("audiochannels", audio->ch_layout.nb_channels);
    if (audio->bit_rate > 0) values.set("audiodatarate", static_cast<double>(audio->bit_rate) / 1000);
    values.set("audiocodecid", codec_number(copied_audio_codec(*audio)));
  }
  values.set("encoder", std::string("srs-ingest ") + cli::version);
  return Slice::copy_of(amf::encode_all({amf::Value("onMetaData"), std::move(values)}));
}

}  // namespace srs::ingest

#include "ffmpeg/metadata.h"

#include <cmath>

#include "amf/value.h"
#include "cli/version.h"
#include "codec/table.h"
#include "ffmpeg/flv_track.h"

namespace srs::ffmpeg {
namespace {

// The id of the legacy tag header; codecs without one are named by their FourCC.
template <class Codec>
double codec_number(Codec codec) {
  const auto& row = codec::row(codec);
  return row.flv.written != 0 ? row.flv.written : row.fourcc.code;
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

}  // namespace srs::ffmpeg

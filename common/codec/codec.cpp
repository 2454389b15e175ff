#include "codec/codec.h"

namespace srs::codec {

std::string_view name(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::unknown:
      break;
    case VideoCodec::h263:
      return "Sorenson H.263";
    case VideoCodec::screen:
      return "Screen video";
    case VideoCodec::vp6:
      return "VP6";
    case VideoCodec::avc:
      return "H.264";
    case VideoCodec::hevc:
      return "H.265";
    case VideoCodec::vvc:
      return "H.266";
    case VideoCodec::av1:
      return "AV1";
    case VideoCodec::vp8:
      return "VP8";
    case VideoCodec::vp9:
      return "VP9";
  }
  return "unknown";
}

std::string_view name(AudioCodec codec) {
  switch (codec) {
    case AudioCodec::unknown:
      break;
    case AudioCodec::pcm:
      return "PCM";
    case AudioCodec::adpcm:
      return "ADPCM";
    case AudioCodec::mp3:
      return "MP3";
    case AudioCodec::nellymoser:
      return "Nellymoser";
    case AudioCodec::g711a:
      return "G.711 A-law";
    case AudioCodec::g711u:
      return "G.711 mu-law";
    case AudioCodec::aac:
      return "AAC";
    case AudioCodec::speex:
      return "Speex";
    case AudioCodec::opus:
      return "Opus";
    case AudioCodec::ac3:
      return "AC-3";
    case AudioCodec::eac3:
      return "E-AC-3";
    case AudioCodec::flac:
      return "FLAC";
  }
  return "unknown";
}

}  // namespace srs::codec

#include "ffmpeg/objects.h"

#include <new>

namespace srs::ffmpeg {
namespace {

template <class T>
FfmpegPtr<T> owned(T* made) {
  if (!made) throw std::bad_alloc();
  return FfmpegPtr<T>(made);
}

Errc code_of(int status) {
  switch (status) {
    case AVERROR(ENOENT):
    case AVERROR_HTTP_NOT_FOUND:
    case AVERROR_STREAM_NOT_FOUND:
      return Errc::not_found;
    case AVERROR_INVALIDDATA:
    case AVERROR_BUFFER_TOO_SMALL:
      return Errc::invalid_data;
    case AVERROR_PROTOCOL_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
      return Errc::unsupported;
    case AVERROR(ETIMEDOUT):
      return Errc::timed_out;
    case AVERROR(ECONNREFUSED):
    case AVERROR(EACCES):
    case AVERROR_HTTP_UNAUTHORIZED:
    case AVERROR_HTTP_FORBIDDEN:
      return Errc::refused;
    case AVERROR(ECONNRESET):
    case AVERROR(EPIPE):
    case AVERROR_EOF:
      return Errc::closed;
    default:
      return Errc::io;
  }
}

}  // namespace

FfmpegPtr<AVPacket> make_packet() {
  return owned(av_packet_alloc());
}
FfmpegPtr<AVFrame> make_frame() {
  return owned(av_frame_alloc());
}

FfmpegPtr<AVCodecParameters> copy_parameters(const AVCodecParameters& from) {
  auto copy = owned(avcodec_parameters_alloc());
  if (avcodec_parameters_copy(copy.get(), &from) < 0) throw std::bad_alloc();
  return copy;
}

Error ffmpeg_error(const std::string& context, int status) {
  char text[AV_ERROR_MAX_STRING_SIZE] = "";
  av_strerror(status, text, sizeof text);
  return Error{code_of(status), text}.in(context);
}

}  // namespace srs::ffmpeg

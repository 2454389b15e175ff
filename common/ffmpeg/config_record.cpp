#include "ffmpeg/config_record.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <string_view>

#include "core/byte_writer.h"

namespace srs::ffmpeg {
namespace {

struct Sampling {
  unsigned bit_depth = 8;
  bool monochrome = false;
  bool half_width = true;   // of chroma
  bool half_height = true;  // of chroma
};

Sampling sampling_of(const AVCodecParameters& parameters) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(parameters.format));
  if (!format) return {};
  Sampling sampling;
  sampling.bit_depth = static_cast<unsigned>(format->comp[0].depth);
  sampling.monochrome = format->nb_components < 3;
  sampling.half_width = format->log2_chroma_w > 0;
  sampling.half_height = format->log2_chroma_h > 0;
  return sampling;
}

// VP9's levels: the lowest whose luma rate and picture size suffice (vp9 levels, www.webmproject.org).
unsigned vp9_level(const AVCodecParameters& parameters, AVRational frame_rate) {
  struct Level {
    unsigned level;
    double samples_a_second;
    double picture_size;
  };
  static constexpr Level levels[] = {
      {10, 829440, 36864},        {11, 2764800, 73728},      {20, 4608000, 122880},
      {21, 9216000, 245760},      {30, 20736000, 552960},    {31, 36864000, 983040},
      {40, 83558400, 2228224},    {41, 160432128, 2228224},  {50, 311951360, 8912896},
      {51, 588251136, 8912896},   {52, 1176502272, 8912896}, {60, 1176502272, 35651584},
      {61, 2353004544, 35651584},
  };
  const double rate = frame_rate.num > 0 && frame_rate.den > 0 ? av_q2d(frame_rate) : 30;
  const double size = static_cast<double>(parameters.width) * parameters.height;
  for (const Level& level : levels)
    if (size * rate <= level.samples_a_second && size <= level.picture_size) return level.level;
  return 62;
}

unsigned colour_number(int value) {
  return value > 0 && value < 256 ? static_cast<unsigned>(value) : 2u;
}

}  // namespace

std::vector<std::uint8_t> build_vp9_record(const AVCodecParameters& parameters, AVRational frame_rate) {
  const Sampling sampling = sampling_of(parameters);
  // 1: 4:2:0 with chroma at luma's corner, as MPEG-2 has it; 2: 4:2:2; 3: 4:4:4.
  const unsigned chroma = sampling.half_height ? 1 : sampling.half_width ? 2 : 3;
  const unsigned lowest_profile = (sampling.bit_depth > 8 ? 2 : 0) + (chroma > 1 ? 1 : 0);
  ByteWriter record;
  record.u8(parameters.profile >= 0 ? static_cast<unsigned>(parameters.profile) : lowest_profile);
  record.u8(vp9_level(parameters, frame_rate));
  record.u8(sampling.bit_depth << 4 | chroma << 1 | (parameters.color_range == AVCOL_RANGE_JPEG ? 1 : 0));
  record.u8(colour_number(parameters.color_primaries));
  record.u8(colour_number(parameters.color_trc));
  record.u8(colour_number(parameters.color_space));
  record.u16(0);  // no initialisation data
  return record.release();
}

std::vector<std::uint8_t> build_av1_record(const AVCodecParameters& parameters) {
  const Bytes extradata = extradata_of(parameters);
  if (extradata.size() >= 4 && extradata[0] == 0x81) return {extradata.begin(), extradata.end()};
  const Sampling sampling = sampling_of(parameters);
  const unsigned profile = std::clamp(parameters.profile, 0, 2);
  const unsigned level = std::clamp(parameters.level, 0, 31);
  ByteWriter record;
  record.u8(0x81);
  record.u8(profile << 5 | level);
  record.u8((sampling.bit_depth > 8 ? 0x40 : 0) | (sampling.bit_depth > 10 ? 0x20 : 0) |
            (sampling.monochrome ? 0x10 : 0) | (sampling.half_width ? 8 : 0) |
            (sampling.half_height ? 4 : 0));
  record.u8(0);
  record.bytes(extradata);
  return record.release();
}

std::vector<std::uint8_t> build_flac_header(const AVCodecParameters& parameters) {
  static constexpr std::string_view magic = "fLaC";
  static constexpr std::size_t info_size = 34;
  const Bytes extradata = extradata_of(parameters);
  const bool is_whole =
      extradata.size() >= magic.size() && std::equal(magic.begin(), magic.end(), extradata.begin());
  if (is_whole || extradata.size() < info_size) return {extradata.begin(), extradata.end()};
  ByteWriter header;
  header.text(magic);
  header.u8(0x80);  // STREAMINFO, and no block behind it
  header.u24(info_size);
  header.bytes(extradata.first(info_size));
  return header.release();
}

std::vector<std::uint8_t> build_opus_head(const AVCodecParameters& parameters) {
  static constexpr std::string_view magic = "OpusHead";
  const Bytes extradata = extradata_of(parameters);
  if (extradata.size() >= 19 && std::equal(magic.begin(), magic.end(), extradata.begin()))
    return {extradata.begin(), extradata.end()};
  ByteWriter head;
  head.text(magic);
  head.u8(1);  // version
  head.u8(std::clamp(parameters.ch_layout.nb_channels, 1, 2));
  // Little-endian from here: pre-skip 312 (libopus at 48 kHz), the rate, no gain; mapping family 0.
  static constexpr std::uint8_t rest[] = {0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0};
  head.bytes(rest);
  return head.release();
}

std::vector<std::uint8_t> build_record(const AVCodecParameters& parameters, AVRational frame_rate,
                                       Bytes extradata) {
  switch (parameters.codec_id) {
    case AV_CODEC_ID_AV1:
      return build_av1_record(parameters);
    case AV_CODEC_ID_VP9:
      return build_vp9_record(parameters, frame_rate);
    case AV_CODEC_ID_OPUS:
      return build_opus_head(parameters);
    case AV_CODEC_ID_FLAC:
      return build_flac_header(parameters);
    default:
      return {extradata.begin(), extradata.end()};
  }
}

}  // namespace srs::ffmpeg

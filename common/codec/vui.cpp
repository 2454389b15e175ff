#include "codec/vui.h"

#include <iterator>

namespace srs::codec {
namespace {

SampleAspect read_sample_aspect(BitReader& reader) {
  // Table E-1, by aspect_ratio_idc; 0 is "unspecified".
  static constexpr SampleAspect known[] = {{1, 1},   {1, 1},    {12, 11}, {10, 11}, {16, 11}, {40, 33},
                                           {24, 11}, {20, 11},  {32, 11}, {80, 33}, {18, 11}, {15, 11},
                                           {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1}};
  static constexpr std::uint32_t extended = 255;
  const std::uint32_t idc = reader.bits(8);
  if (idc < std::size(known)) return known[idc];
  if (idc != extended) return {};
  const SampleAspect aspect{reader.bits(16), reader.bits(16)};
  return aspect.width == 0 || aspect.height == 0 ? SampleAspect{} : aspect;
}

}  // namespace

VuiPicture read_vui_picture(BitReader& reader) {
  VuiPicture picture;
  if (reader.flag()) picture.aspect = read_sample_aspect(reader);
  if (reader.flag()) reader.skip(1);  // overscan
  if (reader.flag()) {                // video signal type
    reader.skip(3);                   // video format
    const bool full_range = reader.flag();
    if (reader.flag()) {  // colour description
      const auto code = [&] { return static_cast<std::uint8_t>(reader.bits(8)); };
      Colour& colour = picture.colour.emplace();
      colour.primaries = code();
      colour.transfer = code();
      colour.matrix = code();
      colour.full_range = full_range;
    }
  }
  if (reader.flag()) {  // chroma sample location
    reader.ue();
    reader.ue();
  }
  return picture;
}

}  // namespace srs::codec

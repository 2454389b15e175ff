#include <algorithm>
#include <iterator>

#include "codec/avc.h"
#include "codec/bit_reader.h"
#include "codec/nal.h"
#include "codec/vui.h"

namespace srs::codec {
namespace {

constexpr std::uint32_t max_side = 65535;  // beyond every level, and small enough never to overflow

// 7.3.2.1.1.1: the values themselves do not matter here, only where the list ends.
void skip_scaling_list(BitReader& reader, int size) {
  std::int32_t last = 8, next = 8;
  for (int i = 0; i < size && !reader.failed(); ++i) {
    if (next != 0)
      next = static_cast<std::int32_t>((static_cast<std::int64_t>(last) + reader.se() + 256) % 256);
    if (next != 0) last = next;
  }
}

bool has_chroma_info(std::uint8_t profile_idc) {
  static constexpr std::uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::find(std::begin(profiles), std::end(profiles), profile_idc) != std::end(profiles);
}

void read_chroma_info(BitReader& reader, AvcSps& sps) {
  const std::uint32_t chroma_format_idc = reader.ue();
  if (chroma_format_idc > 3) return reader.fail();
  sps.chroma_format_idc = static_cast<std::uint8_t>(chroma_format_idc);
  // Separate colour planes are coded like three monochrome pictures, which matters for cropping only:
  // the crop unit is one sample then, as it is for 4:4:4.
  if (chroma_format_idc == 3) reader.skip(1);
  const std::uint32_t bit_depth_minus8 = reader.ue();
  if (bit_depth_minus8 > 6) return reader.fail();
  sps.bit_depth = static_cast<std::uint8_t>(8 + bit_depth_minus8);
  reader.ue();     // chroma bit depth
  reader.skip(1);  // qpprime_y_zero_transform_bypass_flag
  if (!reader.flag()) return;
  const int lists = chroma_format_idc == 3 ? 12 : 8;
  for (int i = 0; i < lists; ++i)
    if (reader.flag()) skip_scaling_list(reader, i < 6 ? 16 : 64);
}

void skip_picture_order(BitReader& reader) {
  reader.ue();  // log2_max_frame_num_minus4
  const std::uint32_t type = reader.ue();
  if (type == 0) reader.ue();
  if (type != 1) return;
  reader.skip(1);
  reader.se();
  reader.se();
  const std::uint32_t cycle = reader.ue();
  if (cycle > 255) return reader.fail();
  for (std::uint32_t i = 0; i < cycle; ++i) reader.se();
}

void read_size(BitReader& reader, AvcSps& sps) {
  const std::uint32_t width_mbs = reader.ue();
  const std::uint32_t height_units = reader.ue();
  if (width_mbs > max_side / 16 || height_units > max_side / 16) return reader.fail();
  const bool frame_mbs_only = reader.flag();
  sps.interlaced = !frame_mbs_only;
  if (!frame_mbs_only) reader.skip(1);
  reader.skip(1);  // direct_8x8_inference_flag
  const std::uint32_t fields = frame_mbs_only ? 1 : 2;
  sps.width = (width_mbs + 1) * 16;
  sps.height = (height_units + 1) * 16 * fields;
  if (!reader.flag()) return;
  const std::uint64_t left = reader.ue(), right = reader.ue(), top = reader.ue(), bottom = reader.ue();
  const std::uint32_t unit_x = sps.chroma_format_idc == 1 || sps.chroma_format_idc == 2 ? 2 : 1;
  const std::uint32_t unit_y = (sps.chroma_format_idc == 1 ? 2 : 1) * fields;
  const std::uint64_t crop_x = (left + right) * unit_x, crop_y = (top + bottom) * unit_y;
  if (crop_x >= sps.width || crop_y >= sps.height) return reader.fail();
  sps.width -= static_cast<std::uint32_t>(crop_x);
  sps.height -= static_cast<std::uint32_t>(crop_y);
}

// E.1.2
void skip_hrd(BitReader& reader) {
  const std::uint32_t count = reader.ue();
  if (count > 31) return reader.fail();
  reader.skip(8);
  for (std::uint32_t i = 0; i <= count; ++i) {
    reader.ue();
    reader.ue();
    reader.skip(1);
  }
  reader.skip(20);
}

// E.1.1
void read_vui(BitReader& reader, AvcSps& sps) {
  const VuiPicture picture = read_vui_picture(reader);
  sps.sar_width = picture.aspect.width;
  sps.sar_height = picture.aspect.height;
  sps.colour = picture.colour;
  if (reader.flag()) {
    const double units_in_tick = reader.bits(32);
    const double time_scale = reader.bits(32);
    reader.skip(1);
    // A tick is the time of a field.
    if (units_in_tick > 0) sps.frame_rate = time_scale / units_in_tick / 2;
  }
  const bool nal_hrd = reader.flag();
  if (nal_hrd) skip_hrd(reader);
  const bool vcl_hrd = reader.flag();
  if (vcl_hrd) skip_hrd(reader);
  if (nal_hrd || vcl_hrd) reader.skip(1);
  reader.skip(1);  // pic_struct_present_flag
  if (!reader.flag()) return;
  reader.skip(1);
  for (int i = 0; i < 4; ++i) reader.ue();
  const std::uint32_t reorder = reader.ue();
  if (!reader.failed() && reorder <= 16) sps.num_reorder_frames = static_cast<int>(reorder);
}

}  // namespace

Result<AvcSps> parse_avc_sps(Bytes nal) {
  const std::vector<std::uint8_t> plain = unescape_nal(nal);
  BitReader reader(plain);
  if (avc_nal_type(static_cast<std::uint8_t>(reader.bits(8))) != AvcNalType::sps)
    return Error{Errc::invalid_data, "not an AVC sequence parameter set"};
  AvcSps sps;
  sps.profile_idc = static_cast<std::uint8_t>(reader.bits(8));
  sps.constraint_flags = static_cast<std::uint8_t>(reader.bits(8));
  sps.level_idc = static_cast<std::uint8_t>(reader.bits(8));
  reader.ue();
  if (has_chroma_info(sps.profile_idc)) read_chroma_info(reader, sps);
  skip_picture_order(reader);
  reader.ue();     // max_num_ref_frames
  reader.skip(1);  // gaps_in_frame_num_value_allowed_flag
  read_size(reader, sps);
  const bool has_vui = reader.flag();
  if (reader.failed()) return Error{Errc::invalid_data, "AVC sequence parameter set is malformed"};
  if (!has_vui) return sps;
  // Cameras get the VUI wrong; the size stands without it.
  AvcSps with_vui = sps;
  read_vui(reader, with_vui);
  return reader.failed() ? sps : with_vui;
}

}  // namespace srs::codec

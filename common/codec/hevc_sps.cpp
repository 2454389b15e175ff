#include <algorithm>

#include "codec/bit_reader.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "codec/vui.h"

namespace srs::codec {
namespace {

constexpr std::uint32_t max_side = 65535;  // beyond every level, and small enough never to overflow

// 7.3.3 with its sub-layers, of which only the length matters here.
HevcProfile read_profile(BitReader& reader, unsigned max_sub_layers_minus1) {
  HevcProfile profile;
  profile.space = static_cast<std::uint8_t>(reader.bits(2));
  profile.high_tier = reader.flag();
  profile.idc = static_cast<std::uint8_t>(reader.bits(5));
  profile.compatibility_flags = reader.bits(32);
  for (auto& flags : profile.constraint_flags) flags = static_cast<std::uint8_t>(reader.bits(8));
  profile.level_idc = static_cast<std::uint8_t>(reader.bits(8));
  if (max_sub_layers_minus1 == 0) return profile;
  std::size_t sub_layer_bits = 0;
  for (unsigned i = 0; i < 8; ++i) {  // always eight pairs: the unused ones are zero
    const bool has_profile = reader.flag(), has_level = reader.flag();
    if (i < max_sub_layers_minus1) sub_layer_bits += (has_profile ? 88 : 0) + (has_level ? 8 : 0);
  }
  reader.skip(sub_layer_bits);
  return profile;
}

void read_size(BitReader& reader, HevcSps& sps) {
  const std::uint32_t chroma_format_idc = reader.ue();
  if (chroma_format_idc > 3) return reader.fail();
  sps.chroma_format_idc = static_cast<std::uint8_t>(chroma_format_idc);
  if (chroma_format_idc == 3) reader.skip(1);
  sps.width = reader.ue();
  sps.height = reader.ue();
  if (sps.width == 0 || sps.height == 0 || sps.width > max_side || sps.height > max_side)
    return reader.fail();
  if (!reader.flag()) return;
  const std::uint64_t left = reader.ue(), right = reader.ue(), top = reader.ue(), bottom = reader.ue();
  const std::uint64_t crop_x = (left + right) * (chroma_format_idc == 1 || chroma_format_idc == 2 ? 2 : 1);
  const std::uint64_t crop_y = (top + bottom) * (chroma_format_idc == 1 ? 2 : 1);
  if (crop_x >= sps.width || crop_y >= sps.height) return reader.fail();
  sps.width -= static_cast<std::uint32_t>(crop_x);
  sps.height -= static_cast<std::uint32_t>(crop_y);
}

void read_reordering(BitReader& reader, unsigned max_sub_layers_minus1, HevcSps& sps) {
  const bool each_layer = reader.flag();
  for (unsigned i = each_layer ? 0 : max_sub_layers_minus1; i <= max_sub_layers_minus1; ++i) {
    reader.ue();
    sps.num_reorder_frames = static_cast<int>(std::min(reader.ue(), 16u));
    reader.ue();
  }
}

// 7.3.4
void skip_scaling_lists(BitReader& reader) {
  for (int size = 0; size < 4; ++size) {
    for (int matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
      if (!reader.flag()) {
        reader.ue();
        continue;
      }
      const int coefficients = std::min(64, 1 << (4 + 2 * size)) + (size > 1 ? 1 : 0);
      for (int i = 0; i < coefficients && !reader.failed(); ++i) reader.se();
    }
  }
}

// 7.3.7, in the SPS. Gives back NumDeltaPocs, which a set predicted from this one needs.
unsigned skip_reference_set(BitReader& reader, bool first, unsigned previous_count) {
  if (!first && reader.flag()) {
    reader.skip(1);
    reader.ue();
    unsigned count = 0;
    for (unsigned i = 0; i <= previous_count && !reader.failed(); ++i) {
      const bool used = reader.flag();
      if (used || reader.flag()) ++count;
    }
    return count;
  }
  const std::uint32_t negative = reader.ue(), positive = reader.ue();
  if (negative > 16 || positive > 16) return reader.fail(), 0;
  for (unsigned i = 0; i < negative + positive; ++i) {
    reader.ue();
    reader.skip(1);
  }
  return negative + positive;
}

// Everything between the reordering numbers and the VUI.
void skip_coding_tools(BitReader& reader, unsigned log2_max_poc_lsb) {
  for (int i = 0; i < 6; ++i) reader.ue();  // block sizes and depths
  if (reader.flag() && reader.flag()) skip_scaling_lists(reader);
  reader.skip(2);
  if (reader.flag()) {  // PCM
    reader.skip(8);
    reader.ue();
    reader.ue();
    reader.skip(1);
  }
  const std::uint32_t sets = reader.ue();
  if (sets > 64) return reader.fail();
  unsigned count = 0;
  for (std::uint32_t i = 0; i < sets && !reader.failed(); ++i)
    count = skip_reference_set(reader, i == 0, count);
  if (reader.flag()) {
    const std::uint32_t long_term = reader.ue();
    if (long_term > 32) return reader.fail();
    reader.skip(long_term * (log2_max_poc_lsb + 1));
  }
  reader.skip(2);
}

// E.2.1, as far as the timing
void read_vui(BitReader& reader, HevcSps& sps) {
  const VuiPicture picture = read_vui_picture(reader);
  reader.skip(1);
  const bool fields = reader.flag();
  reader.skip(1);
  if (reader.flag())  // default display window
    for (int i = 0; i < 4; ++i) reader.ue();
  if (reader.flag()) {
    const double units_in_tick = reader.bits(32);
    const double time_scale = reader.bits(32);
    if (!reader.failed() && units_in_tick > 0) sps.frame_rate = time_scale / units_in_tick / (fields ? 2 : 1);
  }
  if (reader.failed()) return;
  sps.sar_width = picture.aspect.width;
  sps.sar_height = picture.aspect.height;
  sps.colour = picture.colour;
}

}  // namespace

Result<HevcSps> parse_hevc_sps(Bytes nal) {
  const std::vector<std::uint8_t> plain = unescape_nal(nal);
  BitReader reader(plain);
  if (hevc_nal_type(static_cast<std::uint8_t>(reader.bits(8))) != HevcNalType::sps)
    return Error{Errc::invalid_data, "not an HEVC sequence parameter set"};
  reader.skip(8 + 4);  // layer and temporal id, VPS id
  const unsigned max_sub_layers_minus1 = reader.bits(3);
  reader.skip(1);
  HevcSps sps;
  sps.profile = read_profile(reader, max_sub_layers_minus1);
  reader.ue();
  read_size(reader, sps);
  const std::uint32_t bit_depth_minus8 = reader.ue();
  reader.ue();  // chroma bit depth
  const std::uint32_t log2_max_poc_lsb_minus4 = reader.ue();
  if (bit_depth_minus8 > 8 || log2_max_poc_lsb_minus4 > 12) reader.fail();
  sps.bit_depth = static_cast<std::uint8_t>(8 + bit_depth_minus8);
  read_reordering(reader, max_sub_layers_minus1, sps);
  if (reader.failed()) return Error{Errc::invalid_data, "HEVC sequence parameter set is malformed"};
  // What follows only leads to the frame rate; the size stands without it.
  skip_coding_tools(reader, log2_max_poc_lsb_minus4 + 4);
  if (reader.flag()) read_vui(reader, sps);
  return sps;
}

}  // namespace srs::codec

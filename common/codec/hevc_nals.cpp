// The NAL units of HEVC (ITU-T H.265 7.3.1, 7.4.2), and HEVCDecoderConfigurationRecord (ISO 14496-15 8.3.3.1)
// made of parameter sets.
#include <algorithm>

#include "codec/bit_reader.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "codec/nal_syntax.h"
#include "core/byte_writer.h"

namespace srs::codec {
namespace {

constexpr std::uint8_t sei_header[] = {39 << 1, 1};

bool is_slice(std::uint8_t first_byte) {
  return static_cast<unsigned>(hevc_nal_type(first_byte)) < 32;
}

bool is_random_access_unit(std::uint8_t first_byte) {
  return hevc_is_random_access(hevc_nal_type(first_byte));
}

bool is_delimiter(std::uint8_t first_byte) {
  return hevc_nal_type(first_byte) == HevcNalType::aud;
}

// seq_parameter_set_id stands behind profile_tier_level (ITU-T H.265 7.3.2.2): 12 bytes and 88 + 8 bits for
// each of the sub-layers, of which few streams have any.
std::uint32_t sps_id(Bytes nal) {
  const auto plain = unescape_nal(nal.first(std::min<std::size_t>(nal.size(), 256)));
  BitReader bits(plain);
  bits.skip(16 + 4);
  const unsigned sub_layers = bits.bits(3);
  bits.skip(1 + 88 + 8);
  bool profile[8] = {}, level[8] = {};
  for (unsigned i = 0; i < sub_layers; ++i) {
    profile[i] = bits.flag();
    level[i] = bits.flag();
  }
  if (sub_layers > 0) bits.skip((8 - sub_layers) * 2);
  for (unsigned i = 0; i < sub_layers; ++i) bits.skip((profile[i] ? 88u : 0u) + (level[i] ? 8u : 0u));
  const std::uint32_t id = bits.ue();
  return bits.failed() || id > max_sps_id ? no_set_id : id;
}

SetId set_id(Bytes nal) {
  if (nal.size() < 3) return {};
  switch (hevc_nal_type(nal[0])) {
    case HevcNalType::vps:
      return {SetKind::vps, static_cast<std::uint32_t>(nal[2] >> 4)};
    case HevcNalType::sps:
      return {SetKind::sps, sps_id(nal)};
    case HevcNalType::pps:
      return {SetKind::pps, read_set_id(nal, 2, max_pps_id)};
    default:
      return {};
  }
}

Result<std::vector<Nal>> sets_in_record(Bytes record) {
  auto config = parse_hevc_config(record);
  if (!config) return std::move(config).error();
  std::vector<Nal> sets = std::move(config->vps);
  for (Nal& sps : config->sps) sets.push_back(std::move(sps));
  for (Nal& pps : config->pps) sets.push_back(std::move(pps));
  return sets;
}

Result<std::vector<std::uint8_t>> build_record(const SetLists& sets, unsigned length_size) {
  const Nal& first = sets.sps.front().nal;
  const auto sps = parse_hevc_sps(first);
  if (!sps) return sps.error();
  const HevcProfile& profile = sps->profile;
  ByteWriter record;
  record.u8(1);
  record.u8(profile.space << 6 | (profile.high_tier ? 0x20 : 0) | profile.idc);
  record.u32(profile.compatibility_flags);
  record.bytes(profile.constraint_flags);
  record.u8(profile.level_idc);
  record.u16(0xf000);  // min_spatial_segmentation_idc: unknown
  record.u8(0xfc);     // parallelismType: unknown
  record.u8(0xfc | sps->chroma_format_idc);
  record.u8(0xf8 | (sps->bit_depth - 8));
  record.u8(0xf8 | (sps->bit_depth - 8));
  record.u16(0);  // avgFrameRate: unknown
  // numTemporalLayers and temporalIdNested, from the SPS's third byte.
  const unsigned layers = (first[2] >> 1 & 7) + 1u;
  record.u8(layers << 3 | (first[2] & 1) << 2 | (length_size - 1));
  record.u8(3);
  const std::pair<std::span<const ParameterSet>, HevcNalType> arrays[] = {
      {sets.vps, HevcNalType::vps}, {sets.sps, HevcNalType::sps}, {sets.pps, HevcNalType::pps}};
  for (const auto& [array, type] : arrays) {
    record.u8(0x80 | static_cast<unsigned>(type));  // array_completeness
    record.u16(array.size());
    for (const ParameterSet& set : array) record.u16(set.nal.size()), record.bytes(set.nal);
  }
  return record.release();
}

}  // namespace

constinit const NalSyntax hevc_nals = {
    .is_slice = is_slice,
    .is_random_access = is_random_access_unit,
    .is_delimiter = is_delimiter,
    .sei_header = sei_header,
    .set_id = set_id,
    .describe_sps = describe_hevc_sps,
    .length_size_at = 21,
    .has_vps = true,
    .sets_in_record = sets_in_record,
    .build_record = build_record,
};

}  // namespace srs::codec

#include "ffmpeg_annex_b.h"

#include <algorithm>
#include <cstring>

#include "codec/avc.h"
#include "codec/bit_reader.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "core/byte_writer.h"

namespace srs::ingest {
namespace {

// More ids than these (ISO 14496-10 7.4.2) are no parameter sets.
constexpr std::uint32_t max_sps_id = 31;
constexpr std::uint32_t max_pps_id = 255;
constexpr std::size_t max_set_size = 0xffff;  // the records count in 16 bits
constexpr std::uint32_t no_id = ~0u;

// The Exp-Golomb id behind `skip_bytes` of a NAL unit.
std::uint32_t ue_id(Bytes nal, std::size_t skip_bytes, std::uint32_t max) {
  if (nal.size() <= skip_bytes) return no_id;
  const auto plain =
      codec::unescape_nal(nal.subspan(skip_bytes, std::min<std::size_t>(8, nal.size() - skip_bytes)));
  codec::BitReader bits(plain);
  const std::uint32_t id = bits.ue();
  return bits.failed() || id > max ? no_id : id;
}

// seq_parameter_set_id of HEVC stands behind profile_tier_level (ITU-T H.265 7.3.2.2): 12 bytes and
// 88 + 8 bits for each of the sub-layers, of which few streams have any.
std::uint32_t hevc_sps_id(Bytes nal) {
  const auto plain = codec::unescape_nal(nal.first(std::min<std::size_t>(nal.size(), 256)));
  codec::BitReader bits(plain);
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
  return bits.failed() || id > max_sps_id ? no_id : id;
}

bool avc_record_has_chroma(std::uint8_t profile_idc) {
  return profile_idc == 100 || profile_idc == 110 || profile_idc == 122 || profile_idc == 144;
}

}  // namespace

bool is_annex_b(Bytes extradata) {
  if (extradata.size() < 4) return false;
  const bool long_code = extradata[0] == 0 && extradata[1] == 0 && extradata[2] == 0 && extradata[3] == 1;
  return long_code || (extradata[0] == 0 && extradata[1] == 0 && extradata[2] == 1);
}

std::size_t length_prefixed_size(Bytes annex_b) {
  std::size_t size = 0;
  codec::AnnexBNals nals(annex_b);
  while (const auto nal = nals.next()) size += 4 + nal->size();
  return size;
}

void to_length_prefixed(Bytes annex_b, BoundedWriter& to) {
  codec::AnnexBNals nals(annex_b);
  while (const auto nal = nals.next()) {
    to.u32(nal->size());
    to.bytes(*nal);
  }
}

bool ParameterSets::keep(std::vector<Set>& sets, std::uint32_t id, Bytes nal) {
  if (id == no_id || nal.size() > max_set_size) return false;
  const auto found = std::find_if(sets.begin(), sets.end(), [id](const Set& set) { return set.id == id; });
  if (found == sets.end()) {
    sets.push_back({id, {nal.begin(), nal.end()}});
    return true;
  }
  if (std::equal(found->nal.begin(), found->nal.end(), nal.begin(), nal.end())) return false;
  found->nal.assign(nal.begin(), nal.end());
  return true;
}

bool ParameterSets::scan(Bytes annex_b) {
  bool changed = false;
  codec::AnnexBNals nals(annex_b);
  while (const auto nal = nals.next())
    changed |= codec_ == codec::VideoCodec::avc ? scan_avc(*nal) : scan_hevc(*nal);
  return changed;
}

bool ParameterSets::scan_avc(Bytes nal) {
  switch (codec::avc_nal_type(nal[0])) {
    case codec::AvcNalType::sps:
      return keep(sps_, ue_id(nal, 4, max_sps_id), nal);
    case codec::AvcNalType::pps:
      return keep(pps_, ue_id(nal, 1, max_pps_id), nal);
    default:
      return false;
  }
}

bool ParameterSets::scan_hevc(Bytes nal) {
  if (nal.size() < 3) return false;
  switch (codec::hevc_nal_type(nal[0])) {
    case codec::HevcNalType::vps:
      return keep(vps_, nal[2] >> 4, nal);
    case codec::HevcNalType::sps:
      return keep(sps_, hevc_sps_id(nal), nal);
    case codec::HevcNalType::pps:
      return keep(pps_, ue_id(nal, 2, max_pps_id), nal);
    default:
      return false;
  }
}

bool ParameterSets::complete() const {
  const bool has_vps = codec_ == codec::VideoCodec::avc || !vps_.empty();
  return has_vps && !sps_.empty() && !pps_.empty();
}

Result<std::vector<std::uint8_t>> ParameterSets::record() const {
  if (!complete()) return Error{Errc::invalid_data, "the parameter sets are not complete"};
  return codec_ == codec::VideoCodec::avc ? avc_record() : hevc_record();
}

Result<std::vector<std::uint8_t>> ParameterSets::avc_record() const {
  const Nal& first = sps_.front().nal;
  const auto sps = codec::parse_avc_sps(first);
  if (!sps) return sps.error();
  if (pps_.size() > 255) return Error{Errc::unsupported, "more than 255 picture parameter sets"};
  ByteWriter record;
  record.u8(1);
  record.bytes(Bytes(first).subspan(1, 3));
  record.u8(0xff);  // lengths of 4 bytes
  record.u8(0xe0 | sps_.size());
  for (const Set& set : sps_) record.u16(set.nal.size()), record.bytes(set.nal);
  record.u8(pps_.size());
  for (const Set& set : pps_) record.u16(set.nal.size()), record.bytes(set.nal);
  if (avc_record_has_chroma(sps->profile_idc)) {
    record.u8(0xfc | sps->chroma_format_idc);
    record.u8(0xf8 | (sps->bit_depth - 8));  // of chroma too: streams where they differ are not met
    record.u8(0xf8 | (sps->bit_depth - 8));
    record.u8(0);
  }
  return record.release();
}

Result<std::vector<std::uint8_t>> ParameterSets::hevc_record() const {
  const Nal& first = sps_.front().nal;
  const auto sps = codec::parse_hevc_sps(first);
  if (!sps) return sps.error();
  const codec::HevcProfile& profile = sps->profile;
  ByteWriter record;
  record.u8(1);
  record.u8(profile.space << 6 | (profile.high_tier ? 0x20 : 0) | profile.idc);
  record.u32(profile.compatibility_flags);
  record.bytes(profile.constraint_flags);
  record.u8(profile.level_idc);
  record.u16(0xf000);  // min_spatial_segmentation_idc: not told
  record.u8(0xfc);     // parallelismType: not told
  record.u8(0xfc | sps->chroma_format_idc);
  record.u8(0xf8 | (sps->bit_depth - 8));
  record.u8(0xf8 | (sps->bit_depth - 8));
  record.u16(0);  // avgFrameRate: not told
  // numTemporalLayers and temporalIdNested, from the SPS's third byte; lengths of 4 bytes.
  const unsigned layers = (first[2] >> 1 & 7) + 1u;
  record.u8(layers << 3 | (first[2] & 1) << 2 | 3);
  record.u8(3);
  const std::pair<const std::vector<Set>*, codec::HevcNalType> arrays[] = {
      {&vps_, codec::HevcNalType::vps}, {&sps_, codec::HevcNalType::sps}, {&pps_, codec::HevcNalType::pps}};
  for (const auto& [sets, type] : arrays) {
    record.u8(0x80 | static_cast<unsigned>(type));  // array_completeness
    record.u16(sets->size());
    for (const Set& set : *sets) record.u16(set.nal.size()), record.bytes(set.nal);
  }
  return record.release();
}

}  // namespace srs::ingest

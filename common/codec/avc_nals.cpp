// The NAL units of AVC (ISO 14496-10 7.3.1, 7.4.1), and AVCDecoderConfigurationRecord (ISO 14496-15 5.3.3.1)
// made of parameter sets.
#include "codec/avc.h"
#include "codec/nal_syntax.h"
#include "core/byte_writer.h"

namespace srs::codec {
namespace {

constexpr std::uint8_t sei_header[] = {6};

bool is_slice(std::uint8_t first_byte) {
  const auto type = static_cast<unsigned>(avc_nal_type(first_byte));
  return type >= 1 && type <= 5;
}

bool is_idr(std::uint8_t first_byte) {
  return avc_nal_type(first_byte) == AvcNalType::idr;
}

bool is_delimiter(std::uint8_t first_byte) {
  return avc_nal_type(first_byte) == AvcNalType::aud;
}

SetId set_id(Bytes nal) {
  switch (avc_nal_type(nal[0])) {
    case AvcNalType::sps:
      return {SetKind::sps, read_set_id(nal, 4, max_sps_id)};
    case AvcNalType::pps:
      return {SetKind::pps, read_set_id(nal, 1, max_pps_id)};
    default:
      return {};
  }
}

Result<std::vector<Nal>> sets_in_record(Bytes record) {
  auto config = parse_avc_config(record);
  if (!config) return std::move(config).error();
  std::vector<Nal> sets = std::move(config->sps);
  for (Nal& pps : config->pps) sets.push_back(std::move(pps));
  return sets;
}

bool record_has_chroma(std::uint8_t profile_idc) {
  return profile_idc == 100 || profile_idc == 110 || profile_idc == 122 || profile_idc == 144;
}

Result<std::vector<std::uint8_t>> build_record(const SetLists& sets, unsigned length_size) {
  const Nal& first = sets.sps.front().nal;
  const auto sps = parse_avc_sps(first);
  if (!sps) return sps.error();
  if (sets.pps.size() > 255) return Error{Errc::unsupported, "more than 255 picture parameter sets"};
  ByteWriter record;
  record.u8(1);
  record.bytes(Bytes(first).subspan(1, 3));
  record.u8(0xfc | (length_size - 1));
  record.u8(0xe0 | sets.sps.size());
  for (const ParameterSet& set : sets.sps) record.u16(set.nal.size()), record.bytes(set.nal);
  record.u8(sets.pps.size());
  for (const ParameterSet& set : sets.pps) record.u16(set.nal.size()), record.bytes(set.nal);
  if (record_has_chroma(sps->profile_idc)) {
    record.u8(0xfc | sps->chroma_format_idc);
    record.u8(0xf8 | (sps->bit_depth - 8));  // of chroma too: streams where they differ are not met
    record.u8(0xf8 | (sps->bit_depth - 8));
    record.u8(0);
  }
  return record.release();
}

}  // namespace

constinit const NalSyntax avc_nals = {
    .is_slice = is_slice,
    .is_random_access = is_idr,
    .is_delimiter = is_delimiter,
    .sei_header = sei_header,
    .set_id = set_id,
    .describe_sps = describe_avc_sps,
    .length_size_at = 4,
    .has_vps = false,
    .sets_in_record = sets_in_record,
    .build_record = build_record,
};

}  // namespace srs::codec

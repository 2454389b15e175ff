// NalSyntax: how a codec that is made of NAL units (nal.h) tells them apart, and how its configuration record
// holds its parameter sets.
//
// One constant for each such codec, in a file of its own (avc_nals.cpp, hevc_nals.cpp); the codec's row in
// table.h points to it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/codec.h"
#include "codec/description.h"
#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::codec {

using Nal = std::vector<std::uint8_t>;

struct ParameterSet {
  std::uint32_t id = 0;
  Nal nal;
};

enum class SetKind : std::uint8_t { none, vps, sps, pps };

inline constexpr std::uint32_t no_set_id = ~0u;

struct SetId {
  SetKind kind = SetKind::none;  // none: the unit is no parameter set
  std::uint32_t id = no_set_id;  // no_set_id: it cannot be read
};

struct SetLists {
  std::span<const ParameterSet> vps, sps, pps;
};

struct NalSyntax {
  // By the first byte of a unit.
  bool (*is_slice)(std::uint8_t first_byte);
  bool (*is_random_access)(std::uint8_t first_byte);  // a picture that decoding can start at
  bool (*is_delimiter)(std::uint8_t first_byte);      // an access unit delimiter

  Bytes sei_header;  // of a SEI unit that stands before the slices

  // nal: not empty.
  SetId (*set_id)(Bytes nal);
  Result<Description> (*describe_sps)(Bytes nal);

  // The configuration record.
  std::size_t length_size_at;  // the byte whose two low bits are the size of lengths less 1
  bool has_vps;                // it takes a VPS beside SPS and PPS
  Result<std::vector<Nal>> (*sets_in_record)(Bytes record);
  // sets: at least one of each kind that the codec has.
  Result<std::vector<std::uint8_t>> (*build_record)(const SetLists& sets, unsigned length_size);
};

// For set_id(): the Exp-Golomb id behind `skip_bytes` of a unit; no_set_id above max.
std::uint32_t read_set_id(Bytes nal, std::size_t skip_bytes, std::uint32_t max);
// More ids than these (ISO 14496-10 7.4.2, ITU-T H.265 7.4.3) are no parameter sets.
inline constexpr std::uint32_t max_sps_id = 31, max_pps_id = 255;

// Whether decoding can start at a picture: nothing that follows needs one from before. Codecs without NAL
// units have no other key frames. nal_length_size: 1 to 4.
bool is_random_access(VideoCodec codec, Bytes picture, unsigned nal_length_size);

}  // namespace srs::codec

// From start codes to lengths: H.264 and HEVC as MPEG-TS, RTP and encoders give them, turned into
// what FLV carries: a configuration record and pictures of length-prefixed NAL units.
//
// No NAL unit is left out of a picture: parameter sets that stand in the stream stay there, too.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "core/bounded_writer.h"
#include "core/result.h"
#include "core/slice.h"

namespace srs::ingest {

// The parameter sets of a stream, as last seen.
class ParameterSets {
 public:
  // codec: avc or hevc.
  explicit ParameterSets(codec::VideoCodec codec) : codec_(codec) {}

  // Looks through one access unit or extradata. A set with a known id replaces the older one.
  // True if something changed.
  bool scan(Bytes annex_b);
  // At least one of each kind is there.
  bool complete() const;
  // AVCDecoderConfigurationRecord (ISO 14496-15 5.3.3.1) or HEVCDecoderConfigurationRecord
  // (8.3.3.1), lengths of 4 bytes. An error: a set that cannot be parsed.
  Result<std::vector<std::uint8_t>> record() const;

 private:
  using Nal = std::vector<std::uint8_t>;
  struct Set {
    std::uint32_t id;
    Nal nal;
  };

  bool keep(std::vector<Set>& sets, std::uint32_t id, Bytes nal);
  bool scan_avc(Bytes nal);
  bool scan_hevc(Bytes nal);
  Result<std::vector<std::uint8_t>> avc_record() const;
  Result<std::vector<std::uint8_t>> hevc_record() const;

  codec::VideoCodec codec_;
  std::vector<Set> vps_, sps_, pps_;
};

// The size of to_length_prefixed's output.
std::size_t length_prefixed_size(Bytes annex_b);
// Every NAL unit with its length in 4 bytes in front, as far as there is room.
void to_length_prefixed(Bytes annex_b, BoundedWriter& to);

// Whether extradata is Annex B; otherwise it is a configuration record.
bool is_annex_b(Bytes extradata);

}  // namespace srs::ingest

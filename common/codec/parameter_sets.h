// Parameter sets of codecs with NAL units, found in pictures, and the configuration record made of them; and
// from start codes, as MPEG-TS, RTP and encoders have them, to the lengths that FLV carries.
//
// No NAL unit is left out of a picture: parameter sets that stand in the stream stay there, too.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "codec/nal_syntax.h"
#include "core/bounded_writer.h"
#include "core/result.h"
#include "core/slice.h"

namespace srs::codec {

// The parameter sets of a stream, as last seen.
class ParameterSets {
 public:
  // Of codecs whose row in the table has no NalSyntax nothing is found.
  explicit ParameterSets(VideoCodec codec);

  // Looks through one access unit or extradata. A set with a known id replaces the older one; what would make
  // them more than max_bytes in all is left out. True if something changed.
  static constexpr std::size_t max_bytes = 64u << 10;
  bool scan(Bytes annex_b);
  // The same, units with lengths of 1 to 4 bytes in front.
  bool scan(Bytes length_prefixed, unsigned length_size);
  // Replaces all sets by those of a configuration record. Returns how many it holds, those whose ids cannot
  // be read included. An error: it is malformed.
  Result<std::size_t> parse_record(Bytes record);
  // The sequence parameter set that changed last, and how often one did. Borrowed up to the next call that is
  // not const; empty if there is none.
  Bytes newest_sps() const { return newest_sps_ < sps_.size() ? Bytes(sps_[newest_sps_].nal) : Bytes(); }
  std::uint64_t sps_changes() const { return sps_changes_; }
  // At least one of each kind is there.
  bool complete() const;
  // The codec's configuration record of ISO 14496-15. length_size: of the pictures, 1, 2 or 4 bytes. An
  // error: a set is missing or cannot be parsed.
  Result<std::vector<std::uint8_t>> record(unsigned length_size = 4) const;

 private:
  explicit ParameterSets(const NalSyntax& syntax) : syntax_(&syntax) {}

  bool scan_nal(Bytes nal);
  bool keep(std::vector<ParameterSet>& sets, std::uint32_t id, Bytes nal);

  const NalSyntax* syntax_;  // null: the codec has no NAL units that we know
  std::vector<ParameterSet> vps_, sps_, pps_;
  std::size_t bytes_ = 0;       // of all
  std::size_t newest_sps_ = 0;  // in sps_
  std::uint64_t sps_changes_ = 0;
};

// The size of to_length_prefixed's output.
std::size_t length_prefixed_size(Bytes annex_b);
// Every NAL unit with its length in 4 bytes in front, as far as there is room.
void to_length_prefixed(Bytes annex_b, BoundedWriter& to);

// Whether extradata is Annex B; otherwise it is a configuration record.
bool is_annex_b(Bytes extradata);
// Whether an access unit is: it begins with a start code and makes no sense with lengths of this size.
bool is_annex_b_picture(Bytes picture, unsigned length_size);

}  // namespace srs::codec

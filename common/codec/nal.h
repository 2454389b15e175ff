// NAL units: how AVC, HEVC and VVC cut their bit streams into pieces.
//
// Two framings are in use. FLV, RTMP and MP4 put a length of 1, 2 or 4 bytes in front of each
// unit (ISO 14496-15); MPEG-TS and files put start codes, 00 00 01, between them (ISO 14496-10
// annex B). The readers give out borrowed units, NAL header included, and copy nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/byte_reader.h"

namespace srs::codec {

// The unit without its emulation prevention bytes (00 00 03 becomes 00 00), which stand
// anywhere in a unit as it is carried: what a BitReader wants.
std::vector<std::uint8_t> unescape_nal(Bytes nal);

// while (auto nal = reader.next()) ...; afterwards failed() tells whether the data was cut
// off in the middle of a unit. Empty units are left out.
class LengthPrefixedNals {
 public:
  // length_size: 1 to 4, as the configuration record says.
  LengthPrefixedNals(Bytes data, unsigned length_size) : data_(data), length_size_(length_size) {}

  std::optional<Bytes> next();
  bool failed() const { return failed_; }

 private:
  Bytes data_;
  unsigned length_size_;
  bool failed_ = false;
};

// Bytes before the first start code are left out, and so are zero bytes behind a unit.
class AnnexBNals {
 public:
  explicit AnnexBNals(Bytes data);

  std::optional<Bytes> next();

 private:
  Bytes data_;  // begins behind a start code
};

}  // namespace srs::codec

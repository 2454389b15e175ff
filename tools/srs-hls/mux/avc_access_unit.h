// AvcAccessUnit: turns an H.264 picture from FLV into the form that MPEG-TS requires.
//
// FLV puts lengths before NAL units and the parameter sets into the sequence header; MPEG-TS wants start
// codes (ISO 14496-10 annex B), an access unit delimiter in front (ISO 13818-1 2.14.1) and, for players that
// join there, the parameter sets before each key frame. NAL units pass unchanged and in order; what is
// already there is not added again.
//
// build() returns borrowed pieces and reuses its memory: no allocation per picture once warm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/avc.h"
#include "core/byte_reader.h"

namespace srs::hls {

class AvcAccessUnit {
 public:
  void configure(const codec::AvcConfig& config);

  // Pieces to write one after the other; empty if there is no NAL unit. They are valid as long as body and
  // until the next call. A truncated NAL unit and what follows it are left out; a picture of more than 8192
  // NAL units is left out as a whole.
  std::span<const Bytes> build(Bytes body, bool key_frame);
  // Of all pieces of the last build().
  std::size_t size_bytes() const { return size_bytes_; }

 private:
  void add(Bytes piece);
  void add_nal(Bytes nal);

  unsigned nal_length_size_ = 4;
  std::vector<std::uint8_t> parameter_sets_;  // with start codes
  std::vector<Bytes> nals_;
  std::vector<Bytes> pieces_;
  std::size_t size_bytes_ = 0;
};

}  // namespace srs::hls

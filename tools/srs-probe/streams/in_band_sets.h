// InBandSets: follows the sequence parameter sets within pictures of NAL units (H.264, HEVC): an encoder may
// change its size or profile only there, and without a sequence header states them only there. Owned by a
// track; its memory is bounded (codec::ParameterSets).
#pragma once

#include <optional>

#include "codec/parameter_sets.h"
#include "srs-probe/streams/track.h"

namespace srs::probe {

class InBandSets {
 public:
  // A sequence header: its sets count as known. Codecs without NAL units have none.
  void configure(codec::VideoCodec codec, Bytes record);
  bool empty() const { return !sets_ || sets_->newest_sps().empty(); }

  // A picture at which decoding can start. length_size: of the NAL unit lengths; 0: start codes (Annex B).
  // Returns the description of the last changed set in it; nothing if none changed.
  std::optional<TrackDescription> scan(codec::VideoCodec codec, Bytes picture, unsigned length_size);

 private:
  codec::VideoCodec codec_ = codec::VideoCodec::unknown;
  std::optional<codec::ParameterSets> sets_;  // of codec_
};

}  // namespace srs::probe

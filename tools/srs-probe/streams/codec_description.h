// Describes a codec configuration record (the body of a sequence start) in words and numbers.
#pragma once

#include "codec/codec.h"
#include "core/byte_reader.h"
#include "core/result.h"
#include "srs-probe/streams/track.h"

namespace srs::probe {

// An error: the record cannot be parsed. For codecs without a parser only the name is set.
Result<TrackDescription> describe_video(codec::VideoCodec codec, Bytes record);
Result<TrackDescription> describe_audio(codec::AudioCodec codec, Bytes record);

// Describes a sequence parameter set.
Result<TrackDescription> describe_sps(codec::VideoCodec codec, Bytes nal);

// The size of the lengths before NAL units, from the record; 0: the codec has no NAL units that can be
// parsed, or the record is invalid.
unsigned nal_length_size(codec::VideoCodec codec, Bytes record);

}  // namespace srs::probe

// What a codec configuration record (the body of a sequence start) says, in words and numbers.
#pragma once

#include "codec/codec.h"
#include "core/byte_reader.h"
#include "core/result.h"
#include "track.h"

namespace srs::probe {

// An error: the record cannot be read. Codecs without a parser give their name alone.
Result<TrackDescription> describe_video(codec::VideoCodec codec, Bytes record);
Result<TrackDescription> describe_audio(codec::AudioCodec codec, Bytes record);

// The size of the lengths before NAL units, from the record; 0: the codec has no NAL units, or the record is
// broken.
unsigned nal_length_size(codec::VideoCodec codec, Bytes record);

}  // namespace srs::probe

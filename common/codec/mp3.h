// MP3: the header of a frame, which is all the configuration there is (ISO 11172-3 2.4.1.3).
#pragma once

#include <optional>

#include "codec/audio_frame.h"

namespace srs::codec {

// Nothing: it does not begin with a header.
std::optional<AudioFrame> parse_mp3(Bytes frame);

// Version, layer and rate.
FrameRecord mp3_frame_record(Bytes frame);

}  // namespace srs::codec

// AC-3 and E-AC-3: the headers of their frames, which are all the configuration there is (ETSI TS 102 366 4.3
// and E.1.2), and dac3 and dec3 of MP4 (F.4, F.6) made of them.
#pragma once

#include <optional>

#include "codec/audio_frame.h"

namespace srs::codec {

// Nothing: it does not begin with a header.
std::optional<AudioFrame> parse_ac3(Bytes frame);
// sample: the frames that belong together.
std::optional<AudioFrame> parse_eac3(Bytes sample);

// Rate and channels.
FrameRecord ac3_frame_record(Bytes frame);
FrameRecord eac3_frame_record(Bytes frame);

}  // namespace srs::codec

// FLAC: STREAMINFO (RFC 9639 8.2) as FLV's sequence header and dfLa of MP4 have it, and the sizes of frames
// (9.1).
#pragma once

#include <cstdint>

#include "codec/audio_frame.h"
#include "core/result.h"

namespace srs::codec {

// record: STREAMINFO, with or without "fLaC" and the block's header in front.
Result<AudioEntry> flac_entry(Bytes record);

// stream_info: the content of dfLa, for streams of a fixed block size. 0: unknown.
std::uint32_t samples_in_flac(Bytes frame, Bytes stream_info);

}  // namespace srs::codec

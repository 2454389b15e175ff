// Configuration records for codecs whose container had none to copy.
#pragma once

#include <cstdint>
#include <vector>

#include "ffmpeg/objects.h"

namespace srs::ffmpeg {

// The configuration record of a stream: its extradata, or one of those below for codecs whose extradata is
// something else in some containers.
std::vector<std::uint8_t> build_record(const AVCodecParameters& parameters, AVRational frame_rate,
                                       Bytes extradata);

// VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding"), without the version and
// flags of its box.
std::vector<std::uint8_t> build_vp9_record(const AVCodecParameters& parameters, AVRational frame_rate);

// av1C ("AV1 Codec ISO Media File Format Binding" 2.3.3): the extradata if it is one already, or
// else built around the sequence header OBU that it holds.
std::vector<std::uint8_t> build_av1_record(const AVCodecParameters& parameters);

// The identification header (RFC 7845 5.1): the extradata if it is one, or else a plain one.
std::vector<std::uint8_t> build_opus_head(const AVCodecParameters& parameters);

// "fLaC" and STREAMINFO (RFC 9639 8.2): the extradata if it is that, or else built from STREAMINFO alone.
std::vector<std::uint8_t> build_flac_header(const AVCodecParameters& parameters);

}  // namespace srs::ffmpeg

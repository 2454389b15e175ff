// The initialization section of fragmented MP4: ftyp and moov (ISO 14496-12; CMAF, ISO 23000-19).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mp4/encryption.h"
#include "mp4/track.h"

namespace srs::mp4 {

inline constexpr std::uint32_t video_track_id = 1, audio_track_id = 2;

// One track or both; null: none of this kind. A track that is not fully known yet is left out.
std::vector<std::uint8_t> init_section(const VideoTrack* video, const AudioTrack* audio,
                                       const std::optional<Encryption>& encryption = std::nullopt);

}  // namespace srs::mp4

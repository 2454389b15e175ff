// Ladder: streams that are renditions of one picture, by their names: live/cam_1080p, live/cam_720p and
// live/cam_480p are the ladder live/cam.
//
// The text after the last '_' must name a rendition: a height ("720p", "1080p60"), a bit rate ("2500k"), or
// one of: source, low, medium, high, audio. The tracks of a multitrack stream are a ladder, too: track 0
// keeps the stream's name, track 3 of live/cam is live/cam_track3.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "srs-hls/cut/cut_plan.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/playlist/multivariant.h"

namespace srs::hls {

struct Ladder {
  Ladder(const std::string& path, std::uint64_t first_sequence) : multivariant(path), plan(first_sequence) {}

  Multivariant multivariant;
  CutPlan plan;
};

// "live/cam" for "live/cam_720p"; empty if the path names no rendition.
std::string ladder_of(const std::string& path);
std::string track_path(const std::string& path, std::uint8_t track);

// The sequence number that a ladder continues with: the highest that earlier runs left for its streams.
// directory may be null. name: of the media playlists, "av".
std::uint64_t next_sequence_of_ladder(const std::string& ladder, const std::string& name,
                                      const Directory* directory);

}  // namespace srs::hls

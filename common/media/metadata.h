// What an onMetaData message says about its stream (Adobe FLV 10.1, annex E.5), as far as the tools use it.
#pragma once

#include "core/slice.h"

namespace srs::media {

// Which of sound and picture a stream has.
struct TrackSet {
  bool audio = false;
  bool video = false;
  bool operator==(const TrackSet&) const = default;
};

// The tracks that an onMetaData payload announces; none if it does not say.
TrackSet announced_tracks(Bytes metadata_payload);

// The payload without its members about these tracks: some players wait for what it announces. Empty if the
// payload is malformed.
Slice without_tracks(Bytes metadata_payload, TrackSet tracks);

}  // namespace srs::media

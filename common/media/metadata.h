// What an onMetaData message says of its stream (Adobe FLV 10.1, annex E.5), as far as the tools use it.
#pragma once

#include "core/slice.h"

namespace srs::media {

struct AnnouncedTracks {
  bool audio = false;
  bool video = false;
};

// Which tracks an onMetaData payload announces; neither, if it does not say.
AnnouncedTracks announced_tracks(Bytes metadata_payload);

}  // namespace srs::media

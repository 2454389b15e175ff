// StreamInfo: the name of a stream and where it comes from; EndReason: how it ended.
#pragma once

#include <string>

namespace srs::media {

struct StreamInfo {
  std::string path;    // "live/cam1"
  std::string origin;  // who published it: "rtmp 10.0.0.7:50123", "file a.mp4"; may be empty
  std::string via;     // the relays that it passed, oldest first: see media/via.h; may be empty
  // Names the timeline of its timestamps: streams with the same name, wherever they come from, agree on the
  // time of a frame. Empty: unknown.
  std::string timeline;
};

enum class EndReason {
  ended,  // its source said so, or the input ended properly
  lost,   // its source went away, but the stage before us goes on: it may begin again
  cut,    // the input broke off
};

}  // namespace srs::media

// FoundStream: a stream that can be played, in a format, as the hub gives it to a player's session.
#pragma once

#include <memory>

#include "media/wire_log.h"

namespace srs::relay {

class Stream;

struct FoundStream {
  std::shared_ptr<Stream> stream;  // null: there is none
  std::shared_ptr<media::WireLog> wire;
  bool has_audio = false;
  bool has_video = false;
};

}  // namespace srs::relay

// FoundStream: a stream that can be played, in a format, as the hub gives it to a player's session.
#pragma once

#include <memory>
#include <optional>

#include "media/wire_log.h"
#include "net/url.h"

namespace srs::relay {

class Stream;

struct FoundStream {
  std::shared_ptr<Stream> stream;  // null: there is none
  std::shared_ptr<media::WireLog> wire;
  bool has_audio = false;
  bool has_video = false;
  std::optional<net::Url> elsewhere = {};  // it is none of ours: players are to go there
};

}  // namespace srs::relay

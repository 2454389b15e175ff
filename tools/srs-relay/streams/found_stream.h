// FoundStream: a stream that can be played, in a format, as the hub gives it to a player's session.
#pragma once

#include <memory>
#include <optional>

#include "log/wire_log.h"
#include "media/metadata.h"
#include "net/url.h"

namespace srs::relay {

class Stream;

struct FoundStream {
  std::shared_ptr<Stream> stream;  // null: there is none
  std::shared_ptr<log::WireLog> wire;
  media::TrackSet tracks = {};             // those that bring frames
  std::optional<net::Url> elsewhere = {};  // it is none of ours: players are to go there
};

}  // namespace srs::relay

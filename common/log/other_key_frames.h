// OtherKeyFrames: the key frames that tracks other than the first had at the newest moment of a stream.
//
// Playing starts at a key frame of the first track. Those of the other tracks at the same moment may have
// come just before it, and nothing that follows could be decoded without them.
#pragma once

#include <cstdint>
#include <vector>

#include "log/chain.h"
#include "media/message.h"

namespace srs::log {

class OtherKeyFrames {
 public:
  // Every message of the stream, as it is kept.
  void add(const media::Message& message, Offset offset);
  // Of this moment.
  std::vector<media::Message> at(std::int64_t timestamp_ms) const;
  // What the log has let go of must not be held here.
  void forget_before(Offset offset);

 private:
  struct Held {
    Offset offset;
    media::Message message;
  };

  std::int64_t moment_ms_ = 0;  // of held_
  std::vector<Held> held_;
};

}  // namespace srs::log

// Reference: the expected messages of a stream: the media of a file that is sent in a loop.
//
// Messages are compared by content alone, audio and video separately: timestamps and the order between the
// two do not count, nor does a clock (see clock_sei.h) in the content. A Reference is immutable, so any
// thread may read it; each player has its own ReferenceCursor.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "srs-bench/content/clock_sei.h"
#include "srs-bench/content/media_listener.h"

namespace srs::bench {

class Recording;

using ContentHash = std::uint64_t;

// Hash of the payload without the given clock.
ContentHash content_hash(Bytes payload, const std::optional<FoundClock>& clock);
// Whether the message is compared: a coded picture or audio frame. Sequence ends and the like depend on the
// tools that a file passes through.
bool is_compared(flv::TagType type, Bytes payload);

// One track of the file: its messages in order, as a ring.
class ReferenceTrack {
 public:
  void append(ContentHash hash);

  std::size_t size() const { return order_.size(); }
  ContentHash at(std::size_t position) const { return order_[position]; }
  // The positions of this content; empty: nowhere.
  std::span<const std::uint32_t> positions(ContentHash hash) const;

 private:
  std::vector<ContentHash> order_;
  std::unordered_map<ContentHash, std::vector<std::uint32_t>> positions_;
};

class Reference {
 public:
  Reference() = default;
  explicit Reference(const Recording& recording);

  const ReferenceTrack& track(flv::TagType type) const {
    return type == flv::TagType::video ? video_ : audio_;
  }
  // Whether it is a codec configuration of the file.
  bool has_header(ContentHash hash) const { return headers_.contains(hash); }

 private:
  ReferenceTrack video_;
  ReferenceTrack audio_;
  std::unordered_set<ContentHash> headers_;
};

// A player's position in a track, as far as known: several candidates as long as their content is the same.
class ReferenceCursor {
 public:
  explicit ReferenceCursor(const ReferenceTrack& track) : track_(track) {}

  // The next message. False: it does not follow, or is not in the file at all. Then the cursor continues from
  // where the message is found.
  bool advance(ContentHash hash);

 private:
  bool find(ContentHash hash);

  const ReferenceTrack& track_;
  std::vector<std::uint32_t> positions_;  // of the last message; empty: unknown
};

}  // namespace srs::bench

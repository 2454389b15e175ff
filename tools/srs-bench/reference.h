// Reference: what a stream must hold, message by message: the media of a file that is sent again and again.
//
// Messages are compared by their content alone, audio and video each for itself: timestamps and the order
// between the two are not the file's business. Of the content a clock (see clock_sei.h) is left out. A
// Reference never changes, so any thread may read it; each player has a ReferenceCursor of its own.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "clock_sei.h"
#include "media_listener.h"

namespace srs::bench {

class Recording;

using ContentHash = std::uint64_t;

// Of the payload, without the clock that was found in it.
ContentHash content_hash(Bytes payload, const std::optional<FoundClock>& clock);
// Whether the message is compared at all: a coded picture or sound. The ends of sequences and the like come
// and go with the tools that a file passes through.
bool is_compared(flv::TagType type, Bytes payload);

// One track of the file: its messages in order, as a ring.
class ReferenceTrack {
 public:
  void append(ContentHash hash);

  std::size_t size() const { return order_.size(); }
  ContentHash at(std::size_t position) const { return order_[position]; }
  // Where this content stands. Empty: nowhere.
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
  // A codec configuration of the file.
  bool has_header(ContentHash hash) const { return headers_.contains(hash); }

 private:
  ReferenceTrack video_;
  ReferenceTrack audio_;
  std::unordered_set<ContentHash> headers_;
};

// Where in a track a player is, as far as that is known: several places, as long as they look the same.
class ReferenceCursor {
 public:
  explicit ReferenceCursor(const ReferenceTrack& track) : track_(track) {}

  // The next message. False: it is not the one that follows, or nowhere in the file. After that the
  // cursor goes on from wherever the message does stand.
  bool advance(ContentHash hash);

 private:
  bool find(ContentHash hash);

  const ReferenceTrack& track_;
  std::vector<std::uint32_t> places_;  // of the last message; empty: not known
};

}  // namespace srs::bench

// FlvSkimmer reads the tag headers of an FLV stream and the first bytes of each payload, and passes over
// the rest without looking at it: what it costs does not depend on the bit rate.
//
// Feed it whatever comes; before reading more, ask skippable(): so many of the bytes ahead need not be
// read at all (recv with MSG_TRUNC), and skip() tells that they were not.
#pragma once

#include <array>
#include <cstdint>

#include "core/byte_reader.h"
#include "core/result.h"
#include "media_listener.h"

namespace srs::bench {

class FlvSkimmer {
 public:
  explicit FlvSkimmer(MediaListener& listener) : listener_(listener) {}

  // An error is final.
  Result<void> feed(Bytes bytes);
  std::size_t skippable() const { return rest_; }
  void skip(std::size_t size);

 private:
  // PreviousTagSize stands in front of each tag header here, so that a tag ends with its payload.
  static constexpr std::size_t header_size = 4 + 11;

  Result<void> take_file_header();
  Result<void> take_tag_header();
  void finish_tag();

  MediaListener& listener_;
  std::array<std::uint8_t, header_size + peeked_bytes> head_{};
  std::size_t filled_ = 0;
  std::size_t wanted_ = 9;  // bytes of head_ until something is known
  std::size_t rest_ = 0;    // of the payload
  std::uint64_t offset_ = 0;
  bool in_file_header_ = true;
  bool header_known_ = false;
};

}  // namespace srs::bench

// FlvSkimmer reads the tags of an FLV stream that comes in any pieces, and keeps of each payload only what
// its listener needs.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "media_listener.h"

namespace srs::bench {

class FlvSkimmer {
 public:
  explicit FlvSkimmer(MediaListener& listener, Keep keep = Keep::heads) : listener_(listener), keep_(keep) {}

  // An error is final.
  Result<void> feed(Bytes bytes);

 private:
  // PreviousTagSize stands in front of each tag header here, so that a tag ends with its payload.
  static constexpr std::size_t header_size = 4 + 11;

  Result<void> take_file_header();
  Result<void> take_tag_header();
  void take_payload(Bytes piece);
  void finish_tag();

  MediaListener& listener_;
  const Keep keep_;
  std::array<std::uint8_t, header_size> header_{};
  std::size_t filled_ = 0;
  std::size_t wanted_ = 9;  // bytes of header_
  std::size_t rest_ = 0;    // of the payload
  std::uint64_t offset_ = 0;
  bool in_file_header_ = true;
  MediaMessage message_;
  std::vector<std::uint8_t> payload_;  // grows as bytes come, whatever the header says
};

}  // namespace srs::bench

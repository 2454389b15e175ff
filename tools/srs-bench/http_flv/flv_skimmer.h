// FlvSkimmer: reads the tags of an FLV stream from pieces of any size, and keeps only as much of each payload
// as its listener needs.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "srs-bench/content/media_listener.h"

namespace srs::bench {

class FlvSkimmer {
 public:
  explicit FlvSkimmer(MediaListener& listener, Keep keep = Keep::heads) : listener_(listener), keep_(keep) {}

  // An error is final.
  Result<void> feed(Bytes bytes);

 private:
  // PreviousTagSize counts as the start of each tag header here, so that a tag ends with its payload.
  static constexpr std::size_t header_size = 4 + 11;

  Result<void> consume_file_header();
  Result<void> consume_tag_header();
  void consume_payload(Bytes piece);
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
  std::vector<std::uint8_t> payload_;  // grows with the received bytes, whatever the header says
};

}  // namespace srs::bench

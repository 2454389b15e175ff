// FlvIndex: the onMetaData of an FLV recording, with the duration of the whole file and the positions of its
// key frames (`keyframes`: filepositions and times), so that players can seek.
//
// All that is known only when the file is finished. So the payload has the same size whatever the index
// holds: unused entries are in a third array, `spacer`, which players ignore, and at the end the payload is
// overwritten in place. The index is bounded: when it is full, every other key frame is dropped from it.
// Belongs to one file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "amf/value.h"
#include "core/byte_reader.h"

namespace srs::hls {

class FlvIndex {
 public:
  // 72 KiB in the file: an hour of key frames each second.
  static constexpr std::size_t slots_max = 4'096;

  // metadata: the publisher's. slots: room for so many key frames; at most slots_max, and 0 for a file
  // without video.
  FlvIndex(amf::Object metadata, std::size_t slots);

  // From an existing file: with as many slots, all empty. Nothing: the payload has no such index.
  static std::optional<FlvIndex> parse(Bytes payload);

  // In file order. The first entry points at the sequence headers, as players expect.
  void add_key_frame(std::int64_t time_ms, std::uint64_t position);

  // Key frames from size_bytes on are not in the file.
  std::vector<std::uint8_t> payload(std::uint64_t size_bytes, std::chrono::milliseconds duration) const;

 private:
  struct KeyFrame {
    std::int64_t time_ms;
    std::uint64_t position;
  };

  void thin_out();

  amf::Object metadata_;
  std::size_t slots_;
  std::vector<KeyFrame> key_frames_;
  std::size_t stride_ = 1;  // every stride_-th key frame is in the index
  std::size_t passed_ = 0;  // since the last indexed one
};

}  // namespace srs::hls

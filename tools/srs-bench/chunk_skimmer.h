// ChunkSkimmer reads RTMP chunk headers and the first bytes of each media message, and passes over
// the rest (compare rtmp::ChunkReader, which keeps it). Messages of the protocol and commands are kept
// whole. See FlvSkimmer for skippable() and skip().
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "rtmp/message.h"

namespace srs::bench {

class ChunkListener {
 public:
  virtual ~ChunkListener() = default;
  // A whole message; of media, head is only its first bytes.
  virtual Result<void> on_message(rtmp::MessageType type, std::uint32_t timestamp_ms, Bytes head) = 0;
};

class ChunkSkimmer {
 public:
  explicit ChunkSkimmer(ChunkListener& listener) : listener_(listener) {}

  Result<void> feed(Bytes bytes);
  // Of the chunk at hand. None if its last bytes end a message: they are to be fed.
  std::size_t skippable() const;
  void skip(std::size_t size);

 private:
  struct ChunkStream {
    std::uint32_t id = 0;
    std::uint32_t timestamp_ms = 0;
    std::uint32_t field = 0;  // absolute after type 0, a delta after types 1 and 2
    std::uint32_t length = 0;
    std::uint32_t received = 0;
    rtmp::MessageType type = rtmp::MessageType::command_amf0;
    bool extended = false;
    std::vector<std::uint8_t> head;
  };

  Result<void> take_header();
  Result<ChunkStream*> stream_of(std::uint32_t id);
  void begin_message(ChunkStream& stream, int format, std::uint32_t field);
  Result<void> take_payload(Bytes bytes);
  Result<void> finish_message(ChunkStream& stream);
  std::size_t header_size() const;

  ChunkListener& listener_;
  std::vector<ChunkStream> streams_;
  std::size_t current_ = 0;     // index of the chunk stream at hand
  std::size_t chunk_left_ = 0;  // payload bytes of the chunk at hand; 0: a header comes
  std::size_t chunk_size_ = rtmp::default_chunk_size;
  std::array<std::uint8_t, 18> header_{};  // 3 + 11 + 4
  std::size_t filled_ = 0;
};

}  // namespace srs::bench

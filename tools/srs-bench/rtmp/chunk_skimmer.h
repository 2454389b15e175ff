// ChunkSkimmer: reads RTMP chunks from pieces of any size, and keeps only as much of each media message as
// its listener needs (rtmp::ChunkReader keeps all). Protocol messages and commands are kept whole.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"
#include "rtmp/message.h"
#include "srs-bench/content/media_listener.h"

namespace srs::bench {

class ChunkListener {
 public:
  virtual ~ChunkListener() = default;
  // A complete message; of media perhaps only its first bytes.
  virtual Result<void> on_message(rtmp::MessageType type, std::uint32_t timestamp_ms, Bytes kept) = 0;
};

class ChunkSkimmer {
 public:
  explicit ChunkSkimmer(ChunkListener& listener, Keep keep = Keep::heads)
      : listener_(listener), keep_(keep) {}

  Result<void> feed(Bytes bytes);

 private:
  struct ChunkStream {
    std::uint32_t id = 0;
    std::uint32_t timestamp_ms = 0;
    std::uint32_t field = 0;  // absolute after type 0, a delta after types 1 and 2
    std::uint32_t length = 0;
    std::uint32_t received = 0;
    rtmp::MessageType type = rtmp::MessageType::command_amf0;
    bool extended = false;
    std::vector<std::uint8_t> kept;
  };

  Result<void> consume_header();
  Result<ChunkStream*> stream_of(std::uint32_t id);
  void begin_message(ChunkStream& stream, int format, std::uint32_t field);
  void drop_kept(ChunkStream& stream);
  Result<void> consume_payload(Bytes bytes);
  Result<void> finish_message(ChunkStream& stream);
  std::size_t header_size() const;

  ChunkListener& listener_;
  const Keep keep_;
  std::vector<ChunkStream> streams_;
  std::size_t unfinished_ = 0;  // bytes kept in all unfinished messages
  std::size_t current_ = 0;     // index of the current chunk stream
  std::size_t chunk_left_ = 0;  // payload bytes left of the current chunk; 0: a header follows
  std::size_t chunk_size_ = rtmp::default_chunk_size;
  std::array<std::uint8_t, 18> header_{};  // 3 + 11 + 4
  std::size_t filled_ = 0;
};

}  // namespace srs::bench

// ChunkReader puts RTMP messages together from chunks (Adobe RTMP 1.0, section 5.3), in whatever
// pieces the bytes come, without input or output of its own.
//
// Set Chunk Size and Abort are obeyed here and given out, too. Memory grows as bytes arrive: a length
// that a peer only claims allocates nothing. Limits protect the process: 64 chunk streams, messages
// below 16 MiB, 32 MiB of unfinished messages in all.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.h"
#include "rtmp/message.h"

namespace srs::rtmp {

class ChunkReader {
 public:
  // Hands over bytes to be read by next(). What is not a whole chunk header is kept.
  void feed(Bytes bytes);
  // The next whole message; none when more bytes are needed. An error is final.
  Result<std::optional<Message>> next();

  // Bytes fed since the start (for acknowledgements).
  std::uint64_t received_bytes() const { return received_bytes_; }

 private:
  struct ChunkStream {
    std::uint32_t id = 0;
    std::uint8_t type = 0;
    std::uint32_t message_stream_id = 0;
    std::uint32_t length = 0;
    std::uint32_t timestamp_field = 0;  // absolute after type 0, a delta after types 1 and 2
    bool extended = false;
    bool fresh = true;  // no message has begun on it
    std::uint32_t wire_timestamp = 0;
    std::int64_t timestamp_ms = 0;
    bool in_message = false;
    Block block;
    std::size_t capacity = 0;
    std::size_t filled = 0;
  };
  Result<bool> read_header();
  Result<ChunkStream*> stream_of(std::uint32_t id);
  void begin_message(ChunkStream& stream, bool absolute);
  Result<void> append_payload(ChunkStream& stream, Bytes bytes);
  Result<std::optional<Message>> finish_message(ChunkStream& stream);
  Result<void> obey(const Message& message);

  Bytes input() const { return {buffer_.data() + taken_, buffer_.size() - taken_}; }

  std::vector<std::uint8_t> buffer_;
  std::size_t taken_ = 0;
  std::vector<ChunkStream> streams_;
  std::size_t current_ = SIZE_MAX;  // index of the stream whose chunk payload is being read
  std::size_t chunk_left_ = 0;
  std::size_t chunk_size_ = default_chunk_size;
  std::size_t unfinished_bytes_ = 0;
  std::uint64_t received_bytes_ = 0;
};

}  // namespace srs::rtmp

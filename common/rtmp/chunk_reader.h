// ChunkReader assembles RTMP messages from chunks (Adobe RTMP 1.0, section 5.3), however the bytes are split.
// It does no I/O.
//
// Payload bytes go straight into the message's own block; of the input only an incomplete chunk header is
// kept, 18 bytes at most. So an idle connection holds a few small structs.
//
// Set Chunk Size and Abort take effect here and are also returned. Memory grows as bytes arrive, whatever
// length a peer claims. Limits protect the process: 64 chunk streams, commands and control messages of 64
// KiB, and the memory of unfinished messages, overhead included. Data messages of more than a mebibyte, and
// messages that nobody reads, are returned without their payload, which is never kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.h"
#include "rtmp/message.h"
#include "rtmp/message_budget.h"

namespace srs::rtmp {

inline constexpr std::size_t max_command_size = 64 * 1024;
// Without "@setDataFrame".
inline constexpr std::size_t max_data_size = 1u << 20;

class ChunkReader {
 public:
  // Most bytes of unfinished messages on a connection: without media, and with media. Each message counts 128
  // bytes beside its payload.
  static constexpr std::size_t command_bytes = 68 * 1024;
  static constexpr std::size_t media_bytes = (32u << 20) + 64 * 128;

  // budget: the process's; null: none.
  explicit ChunkReader(std::shared_ptr<MessageBudget> budget = nullptr) : share_(std::move(budget)) {}

  // Whether audio, video, data and aggregates keep their payload from now on; initially true.
  void keep_media(bool keep) { keeps_media_ = keep; }
  // Initially media_bytes.
  void set_limit(std::size_t bytes) { limit_ = bytes; }
  std::size_t held_bytes() const { return held_bytes_; }

  // The next whole message; its bytes are removed from the front of `input`. None, with all of the input
  // consumed, when more bytes are needed. An error is final.
  Result<std::optional<Message>> next(Bytes& input);

 private:
  static constexpr std::size_t max_header_size = 3 + 11 + 4;
  static constexpr std::size_t none = SIZE_MAX;

  struct ChunkStream {
    std::uint32_t id = 0;
    std::uint32_t message_stream_id = 0;
    std::uint32_t length = 0;
    std::uint32_t timestamp_field = 0;  // absolute after type 0, a delta after types 1 and 2
    std::uint32_t timestamp = 0;        // of the message, as on the wire
    std::uint8_t type = 0;
    bool extended = false;
    bool fresh = true;  // no message has begun yet
    bool in_message = false;
    bool discards = false;  // this message's payload
    std::uint32_t capacity = 0;
    std::uint32_t filled = 0;
    Block block;
  };
  struct Header;

  Result<bool> consume_header(Bytes& input);
  void drop_held(std::size_t size);
  static std::size_t parse_header(Bytes bytes, Header& header);
  Result<std::size_t> begin_chunk(Bytes bytes);
  Result<ChunkStream*> stream_of(const Header& header);
  bool has_extended_timestamp(const ChunkStream& stream, const Header& header) const;
  Result<void> begin_message(ChunkStream& stream, const Header& header);
  Result<bool> is_kept(const ChunkStream& stream) const;
  Result<void> make_room(ChunkStream& stream, std::size_t size);
  void drop_message(ChunkStream& stream);
  Result<void> append_payload(ChunkStream& stream, Bytes bytes);
  Result<std::optional<Message>> finish_message(ChunkStream& stream);
  Result<void> on_control(const Message& message);
  std::int64_t unwrap(const ChunkStream& stream);

  std::vector<ChunkStream> streams_;
  std::size_t current_ = none;  // index of the stream whose chunk payload is being read
  std::size_t chunk_left_ = 0;
  std::size_t chunk_size_ = default_chunk_size;
  std::size_t held_bytes_ = 0;  // by unfinished messages
  std::size_t limit_ = media_bytes;
  bool keeps_media_ = true;
  BudgetShare share_;
  std::int64_t media_ms_ = 0;  // of the newest frame
  bool media_seen_ = false;
  std::uint8_t held_size_ = 0;                        // of held_
  std::array<std::uint8_t, max_header_size> held_{};  // an incomplete header
};

}  // namespace srs::rtmp

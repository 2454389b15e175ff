// ChunkReader puts RTMP messages together from chunks (Adobe RTMP 1.0, section 5.3), in whatever
// pieces the bytes come, without input or output of its own.
//
// Payload bytes go straight into the message's own block; what is kept of the input beside them is a chunk
// header that broke off, 18 bytes at most. So an idle connection holds a few small structs.
//
// Set Chunk Size and Abort are obeyed here and given out, too. Memory grows as bytes arrive, whatever length
// a peer claims. Limits protect the process: 64 chunk streams, commands and control messages of 64 KiB, and
// what the unfinished messages hold, with what they cost beside their payload. Data messages of more than a
// mebibyte, and everything that nobody reads, are given out without their payload, which is never kept.
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
// "@setDataFrame" comes on top.
inline constexpr std::size_t max_data_size = 1u << 20;

class ChunkReader {
 public:
  // What a connection may hold of unfinished messages: one that does not publish, and one that does. A
  // message costs 128 bytes beside its payload.
  static constexpr std::size_t quiet_bytes = 68 * 1024;
  static constexpr std::size_t media_bytes = (32u << 20) + 64 * 128;

  // The budget of the process; null: none.
  explicit ChunkReader(std::shared_ptr<MessageBudget> budget = nullptr) : share_(std::move(budget)) {}

  // From now on audio, video, data and aggregates are kept (as they are from the beginning), or nobody
  // reads them.
  void keep_media(bool keep) { keeps_media_ = keep; }
  // media_bytes at the beginning.
  void set_limit(std::size_t bytes) { limit_ = bytes; }
  // What is held now.
  std::size_t held_bytes() const { return held_bytes_; }

  // The next whole message, its bytes taken off the front of `input`; none, and nothing left of the
  // input, when more bytes are needed. An error is final.
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
    bool fresh = true;  // no message has begun on it
    bool in_message = false;
    bool discards = false;  // the payload of this message
    std::uint32_t capacity = 0;
    std::uint32_t filled = 0;
    Block block;
  };
  struct Header;

  Result<bool> take_header(Bytes& input);
  void drop_held(std::size_t size);
  static std::size_t parse(Bytes bytes, Header& header);
  Result<std::size_t> read_header(Bytes bytes);
  Result<ChunkStream*> stream_of(const Header& header);
  bool has_extended_timestamp(const ChunkStream& stream, const Header& header) const;
  Result<void> begin_message(ChunkStream& stream, const Header& header);
  Result<bool> is_kept(const ChunkStream& stream) const;
  Result<void> make_room(ChunkStream& stream, std::size_t size);
  void drop_message(ChunkStream& stream);
  Result<void> append_payload(ChunkStream& stream, Bytes bytes);
  Result<std::optional<Message>> finish_message(ChunkStream& stream);
  Result<void> obey(const Message& message);
  std::int64_t unwrap(const ChunkStream& stream);

  std::vector<ChunkStream> streams_;
  std::size_t current_ = none;  // index of the stream whose chunk payload is being read
  std::size_t chunk_left_ = 0;
  std::size_t chunk_size_ = default_chunk_size;
  std::size_t held_bytes_ = 0;  // by unfinished messages
  std::size_t limit_ = media_bytes;
  bool keeps_media_ = true;
  BudgetShare share_;
  std::int64_t media_ms_ = 0;  // of the newest audio or video message
  bool media_seen_ = false;
  std::uint8_t held_size_ = 0;                        // of held_
  std::array<std::uint8_t, max_header_size> held_{};  // of a header that broke off
};

}  // namespace srs::rtmp

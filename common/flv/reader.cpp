#include "flv/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace srs::flv {
namespace {

// Nothing else points into the block, and nobody is still reading what did. use_count() alone does not order
// us after another thread's release of its last slice; releasing a copy does, since that acquires what was
// released.
bool is_ours_alone(const Block& block) {
  if (block.use_count() != 1) return false;
  Block(block).reset();
  return true;
}

}  // namespace

std::span<std::uint8_t> Reader::prepare() {
  // A block without any slices left is filled again from its start.
  if (block_ && parsed_ == filled_ && is_ours_alone(block_)) parsed_ = filled_ = 0;
  if (capacity_ - filled_ < min_room) start_block(pending() + block_size);
  return {block_.get() + filled_, capacity_ - filled_};
}

void Reader::start_block(std::size_t wanted) {
  // Doubling while a large tag arrives keeps the copying linear in its size.
  const std::size_t capacity = std::max(wanted, std::min(2 * pending(), needed_ + min_room));
  Block block = make_block(capacity);
  const std::size_t kept = pending();
  if (kept > 0) std::memcpy(block.get(), block_.get() + parsed_, kept);
  block_ = std::move(block);
  capacity_ = capacity;
  parsed_ = 0;
  filled_ = kept;
}

void Reader::commit(std::size_t size) {
  filled_ += size;
}

void Reader::append(Bytes bytes) {
  while (!bytes.empty()) {
    const auto room = prepare();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    commit(size);
    bytes = bytes.subspan(size);
  }
}

Result<std::optional<Tag>> Reader::next() {
  if (!file_header_) {
    auto complete = parse_file_header();
    if (!complete) return std::move(complete).error();
    if (!*complete) return std::optional<Tag>{};
  }
  return parse_tag();
}

Result<bool> Reader::parse_file_header() {
  ByteReader reader(Bytes(block_.get() + parsed_, pending()));
  static constexpr std::uint8_t signature[] = {'F', 'L', 'V', 1};
  const std::size_t seen = std::min(pending(), sizeof signature);
  if (!std::equal(signature, signature + seen, block_.get() + parsed_))
    return corrupt("not FLV: the input does not start with the FLV signature");
  if (pending() < file_header_size) return false;
  reader.skip(4);
  const std::uint8_t flags = reader.u8();
  const std::uint32_t data_offset = reader.u32();
  if (data_offset < 9 || data_offset > 1024) return corrupt("not FLV: wrong header size");
  const std::size_t size = data_offset + tag_trailer_size;
  if (pending() < size) return false;
  file_header_ = FileHeader{(flags & 4) != 0, (flags & 1) != 0};
  parsed_ += size;
  offset_ += size;
  return true;
}

Result<std::optional<Tag>> Reader::parse_tag() {
  const std::size_t available = pending();
  if (available < tag_header_size) return std::optional<Tag>{};
  const std::uint8_t* start = block_.get() + parsed_;
  ByteReader reader(Bytes(start, available));
  const std::uint8_t type = reader.u8();
  if (type != 8 && type != 9 && type != 18) return corrupt("corrupt FLV: unknown tag type");
  const std::uint32_t payload_size = reader.u24();
  std::uint32_t timestamp = reader.u24();
  timestamp |= static_cast<std::uint32_t>(reader.u8()) << 24;
  const std::uint32_t stream_id = reader.u24();
  const std::size_t size = tag_header_size + payload_size + tag_trailer_size;
  if (available < size) {
    needed_ = size;
    return std::optional<Tag>{};
  }
  needed_ = 0;
  ByteReader trailer(Bytes(start + tag_header_size + payload_size, tag_trailer_size));
  const bool framed = trailer.u32() == tag_header_size + payload_size;
  Tag tag{static_cast<TagType>(type), stream_id, timestamp,
          Slice(block_, Bytes(start + tag_header_size, payload_size)), framed};
  parsed_ += size;
  offset_ += size;
  return std::optional<Tag>(std::move(tag));
}

Error Reader::corrupt(const char* what) const {
  return {Errc::invalid_data, fmt::format("{} at byte offset {}", what, offset_)};
}

}  // namespace srs::flv

#include "flv_skimmer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace srs::bench {

Result<void> FlvSkimmer::feed(Bytes bytes) {
  while (!bytes.empty()) {
    if (rest_ > 0) {
      const std::size_t size = std::min(rest_, bytes.size());
      skip(size);
      bytes = bytes.subspan(size);
      continue;
    }
    const std::size_t size = std::min(wanted_ - filled_, bytes.size());
    std::memcpy(head_.data() + filled_, bytes.data(), size);
    filled_ += size;
    offset_ += size;
    bytes = bytes.subspan(size);
    if (filled_ < wanted_) return {};
    if (in_file_header_) {
      if (auto taken = take_file_header(); !taken) return taken;
    } else if (auto taken = take_tag_header(); !taken) {
      return taken;
    }
  }
  return {};
}

void FlvSkimmer::skip(std::size_t size) {
  rest_ -= size;
  offset_ += size;
  if (rest_ == 0) finish_tag();
}

Result<void> FlvSkimmer::take_file_header() {
  ByteReader reader(Bytes(head_.data(), filled_));
  const std::uint32_t signature = reader.u32();
  reader.skip(1);
  if (signature != 0x464c5601 || reader.u32() != 9) return Error{Errc::invalid_data, "not FLV"};
  in_file_header_ = false;
  filled_ = 0;
  wanted_ = header_size;
  return {};
}

// Called with the header alone, and again with the first bytes of the payload.
Result<void> FlvSkimmer::take_tag_header() {
  ByteReader reader(Bytes(head_.data() + 4, 4));
  const std::uint8_t type = reader.u8();
  const std::size_t size = reader.u24();
  if (!header_known_) {
    if (type != 8 && type != 9 && type != 18)
      return Error{Errc::invalid_data, fmt::format("corrupt FLV before byte offset {}", offset_)};
    header_known_ = true;
    wanted_ = header_size + std::min(size, peeked_bytes);
    if (filled_ < wanted_) return {};
  }
  rest_ = size - (wanted_ - header_size);
  if (rest_ == 0) finish_tag();
  return {};
}

void FlvSkimmer::finish_tag() {
  ByteReader reader(Bytes(head_.data() + 4, 8));
  const auto type = static_cast<flv::TagType>(reader.u8());
  reader.skip(3);
  const std::uint32_t low = reader.u24();
  const std::uint32_t timestamp_ms = low | static_cast<std::uint32_t>(reader.u8()) << 24;
  listener_.on_media(media::classify(type, Bytes(head_.data() + header_size, wanted_ - header_size)),
                     timestamp_ms);
  header_known_ = false;
  filled_ = 0;
  wanted_ = header_size;
}

}  // namespace srs::bench

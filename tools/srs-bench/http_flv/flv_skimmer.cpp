#include "srs-bench/http_flv/flv_skimmer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace srs::bench {

Result<void> FlvSkimmer::feed(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t wanted = rest_ > 0 ? rest_ : wanted_ - filled_;
    const Bytes piece = bytes.first(std::min(wanted, bytes.size()));
    bytes = bytes.subspan(piece.size());
    offset_ += piece.size();
    if (rest_ > 0) {
      consume_payload(piece);
      continue;
    }
    std::memcpy(header_.data() + filled_, piece.data(), piece.size());
    filled_ += piece.size();
    if (filled_ < wanted_) return {};
    filled_ = 0;
    if (auto taken = in_file_header_ ? consume_file_header() : consume_tag_header(); !taken) return taken;
  }
  return {};
}

Result<void> FlvSkimmer::consume_file_header() {
  ByteReader reader(Bytes(header_.data(), wanted_));
  const std::uint32_t signature = reader.u32();
  reader.skip(1);
  if (signature != 0x464c5601 || reader.u32() != 9) return Error{Errc::invalid_data, "not FLV"};
  in_file_header_ = false;
  wanted_ = header_size;
  return {};
}

Result<void> FlvSkimmer::consume_tag_header() {
  ByteReader reader(header_);
  reader.skip(4);
  const std::uint8_t type = reader.u8();
  if (type != 8 && type != 9 && type != 18)
    return Error{Errc::invalid_data, fmt::format("corrupt FLV before byte offset {}", offset_)};
  message_.type = static_cast<flv::TagType>(type);
  rest_ = reader.u24();
  const std::uint32_t low = reader.u24();
  message_.timestamp_ms = low | static_cast<std::uint32_t>(reader.u8()) << 24;
  payload_.clear();
  if (rest_ == 0) finish_tag();
  return {};
}

void FlvSkimmer::consume_payload(Bytes piece) {
  rest_ -= piece.size();
  if (keep_ == Keep::heads) piece = piece.first(std::min(piece.size(), peeked_bytes - payload_.size()));
  payload_.insert(payload_.end(), piece.begin(), piece.end());
  if (rest_ == 0) finish_tag();
}

void FlvSkimmer::finish_tag() {
  message_.kind = media::classify(message_.type, payload_);
  message_.payload = payload_;
  listener_.on_media(message_);
}

}  // namespace srs::bench

#include "srs-hls/record/flv_headers.h"

#include <algorithm>

#include "flv/payload.h"

namespace srs::hls {

std::optional<FlvHeaders::Key> FlvHeaders::key_of(const media::Message& message) {
  if (!message.is_header() || message.kind == media::MessageKind::metadata) return {};
  const auto holds_many = [](const auto& payload) { return payload && payload->many_tracks; };
  const Bytes payload = message.payload.bytes();
  const bool many_tracks =
      message.is_video() ? holds_many(flv::parse_video(payload)) : holds_many(flv::parse_audio(payload));
  return Key{media::header_key(message), many_tracks};
}

bool FlvHeaders::update(const media::Message& message) {
  if (message.payload.size() > header_bytes_max) return false;
  const auto key = key_of(message);
  if (!key) return false;
  const auto known = std::find(keys_.begin(), keys_.end(), *key);
  if (known != keys_.end()) {
    const auto at = messages_.begin() + (known - keys_.begin());
    if (std::ranges::equal(at->payload.bytes(), message.payload.bytes())) return false;
    bytes_ -= at->payload.size();
    messages_.erase(at);
    keys_.erase(known);
  }
  if (keys_.size() >= headers_max || bytes_ + message.payload.size() > bytes_max) return false;
  bytes_ += message.payload.size();
  keys_.push_back(*key);
  messages_.push_back(message);
  messages_.back().payload =
      Slice::copy_of(message.payload.bytes());  // it outlives the block that it was read in
  return true;
}

std::uint8_t FlvHeaders::first_video_track() const {
  std::optional<std::uint8_t> first;
  for (const Key& key : keys_)
    if (key.header.kind == media::MessageKind::video_header)
      first = std::min(first.value_or(255), key.header.track_id);
  return first.value_or(0);
}

}  // namespace srs::hls

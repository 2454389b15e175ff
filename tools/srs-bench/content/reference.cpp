#include "srs-bench/content/reference.h"

#include <string_view>

#include "flv/payload.h"
#include "srs-bench/content/recording.h"

namespace srs::bench {
namespace {

// Content in more places than this (silence, say) says too little about a player's position.
constexpr std::size_t max_positions = 64;

ContentHash hash_of(Bytes bytes) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

ContentHash content_hash(Bytes payload, const std::optional<FoundClock>& clock) {
  if (!clock) return hash_of(payload);
  // Copied into one piece, so that the hash is that of the contiguous payload.
  std::vector<std::uint8_t> rest(payload.begin(),
                                 payload.begin() + static_cast<std::ptrdiff_t>(clock->offset));
  const Bytes behind = payload.subspan(clock->offset + clock->size);
  rest.insert(rest.end(), behind.begin(), behind.end());
  return hash_of(rest);
}

bool is_compared(flv::TagType type, Bytes payload) {
  if (type == flv::TagType::video) {
    const auto video = flv::parse_video(payload);
    return video && video->kind == flv::PacketKind::coded_frames;
  }
  if (type != flv::TagType::audio) return false;
  const auto audio = flv::parse_audio(payload);
  return audio && audio->kind == flv::PacketKind::coded_frames;
}

void ReferenceTrack::append(ContentHash hash) {
  positions_[hash].push_back(static_cast<std::uint32_t>(order_.size()));
  order_.push_back(hash);
}

std::span<const std::uint32_t> ReferenceTrack::positions(ContentHash hash) const {
  const auto found = positions_.find(hash);
  return found == positions_.end() ? std::span<const std::uint32_t>() : found->second;
}

// A file recorded from srs-bench publish contains clocks itself.
Reference::Reference(const Recording& recording) {
  using enum media::MessageKind;
  for (const media::Message& header : recording.headers())
    headers_.insert(content_hash(header.payload.bytes(), {}));
  for (const media::Message& message : recording.messages()) {
    const Bytes payload = message.payload.bytes();
    if (message.is_header()) headers_.insert(content_hash(payload, {}));
    if (!is_compared(message.type, payload)) continue;
    const auto clock = message.is_video() ? find_clock(payload, recording.nal_framing()) : std::nullopt;
    (message.is_video() ? video_ : audio_).append(content_hash(payload, clock));
  }
}

bool ReferenceCursor::advance(ContentHash hash) {
  if (positions_.empty()) return find(hash);
  std::size_t kept = 0;
  for (const std::uint32_t place : positions_) {
    const auto next = static_cast<std::uint32_t>((place + 1) % track_.size());
    if (track_.at(next) == hash) positions_[kept++] = next;
  }
  positions_.resize(kept);
  if (kept > 0) return true;
  find(hash);
  return false;
}

bool ReferenceCursor::find(ContentHash hash) {
  const auto found = track_.positions(hash);
  if (found.size() <= max_positions) positions_.assign(found.begin(), found.end());
  return !found.empty();
}

}  // namespace srs::bench

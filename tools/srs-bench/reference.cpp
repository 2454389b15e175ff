#include "reference.h"

#include <string_view>

#include "flv/payload.h"
#include "recording.h"

namespace srs::bench {
namespace {

// Content that stands in more places (silence, say) says too little about where a player is.
constexpr std::size_t max_places = 64;

ContentHash hash_of(Bytes bytes) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

ContentHash content_hash(Bytes payload, const std::optional<FoundClock>& clock) {
  if (!clock) return hash_of(payload);
  // The same as of the payload in one piece: so it has to be one.
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

// A file that was recorded from srs-bench publish has clocks of its own.
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
  if (places_.empty()) return find(hash);
  std::size_t kept = 0;
  for (const std::uint32_t place : places_) {
    const auto next = static_cast<std::uint32_t>((place + 1) % track_.size());
    if (track_.at(next) == hash) places_[kept++] = next;
  }
  places_.resize(kept);
  if (kept > 0) return true;
  find(hash);
  return false;
}

bool ReferenceCursor::find(ContentHash hash) {
  const auto found = track_.positions(hash);
  if (found.size() <= max_places) places_.assign(found.begin(), found.end());
  return !found.empty();
}

}  // namespace srs::bench

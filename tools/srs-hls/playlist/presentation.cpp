#include "srs-hls/playlist/presentation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace srs::hls {

Presentation::Presentation(std::string path, const PresentationSettings& settings, const Places& places,
                           const Directory* key_directory, const Clock& clock, const cli::Log& log)
    : path_(std::move(path)), keeps_all_(settings.rendition.type != PlaylistType::live), clock_(clock) {
  const std::string suffix = settings.format == Format::ts ? ".ts" : ".m4s";
  const auto add = [&](const std::string& name, const std::string& prefix) {
    renditions_.push_back(std::make_unique<Rendition>(Rendition::Names{path_, name, prefix, suffix},
                                                      settings.rendition, places, clock, log));
  };
  if (settings.demuxed_audio) {
    add("video", "video-");
    add("audio", "audio-");
  } else {
    add("av", "");
  }
  if (settings.keys.method != Encryption::none) keys_.emplace(path_, settings.keys, key_directory, log);
}

// The configuration's frame rate is exact: it is used if it is close to the measured one.
void Presentation::describe(const TrackInfo* video, const TrackInfo* audio, double frame_rate) {
  video_ = video != nullptr ? std::optional(*video) : std::nullopt;
  audio_ = audio != nullptr ? std::optional(*audio) : std::nullopt;
  if (!video_ || frame_rate <= 0) return;
  if (std::abs(video_->frame_rate - frame_rate) > 0.02 * frame_rate) video_->frame_rate = frame_rate;
}

bool Presentation::ready(Reach reach) const {
  const auto has = [reach](const Rendition& rendition) { return rendition.has_media(reach); };
  if (audio() == nullptr) return has(main());
  return (!video_ || has(main())) && (!audio_ || has(*audio())) && (has(main()) || has(*audio()));
}

void Presentation::sweep() {
  for (const auto& rendition : renditions_) rendition->sweep();
  if (keys_ && !keeps_all_) sweep_keys();
}

// A segment that left the playlist stays for the duration of the playlist and the segment; so does its key.
void Presentation::sweep_keys() {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  for (const auto& rendition : renditions_)
    if (!rendition->playlist().segments.empty())
      first = std::min(first, rendition->playlist().media_sequence);
  if (first == std::numeric_limits<std::uint64_t>::max()) return;
  keys_->keep_from(first, clock_.steady(), longest_list() + std::chrono::minutes(1));
}

// The renditions share the limit.
void Presentation::limit_bytes(std::uint64_t bytes) {
  for (const auto& rendition : renditions_) rendition->limit_bytes(bytes / renditions_.size());
}

std::uint64_t Presentation::memory_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& rendition : renditions_) sum += rendition->memory_bytes();
  return sum;
}

std::chrono::milliseconds Presentation::longest_list() const {
  std::chrono::milliseconds longest{0};
  for (const auto& rendition : renditions_) longest = std::max(longest, rendition->playlist().duration());
  return longest;
}

bool Presentation::idle() const {
  return std::all_of(renditions_.begin(), renditions_.end(),
                     [](const auto& rendition) { return rendition->idle(); });
}

}  // namespace srs::hls

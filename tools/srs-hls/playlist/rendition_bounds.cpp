// The limits of a rendition, and how it removes what exceeds them, or everything.
#include <algorithm>
#include <utility>

#include "srs-hls/playlist/rendition.h"

namespace srs::hls {
namespace {

// A publisher that constantly changes codecs makes very short segments.
constexpr std::size_t listed_beyond_window_max = 64;
// Memory overhead of a segment.
constexpr std::size_t segment_cost = 4'096;

}  // namespace

bool Rendition::keeps_by_option() const {
  return playlist_.type != PlaylistType::live || settings_.time_shift.count() > 0;
}

// Bounds the list by number, too, since segments may be very short.
std::size_t Rendition::listed_max() const {
  const auto step = std::max<std::int64_t>(settings_.target.count() / 4, 1);
  return settings_.window + listed_beyond_window_max +
         static_cast<std::size_t>(settings_.time_shift.count() / step);
}

std::uint64_t Rendition::recent_bytes() const {
  std::uint64_t sum = 0;
  for (std::size_t i = first_in_memory_; i < playlist_.segments.size(); ++i)
    sum += playlist_.segments[i].size_bytes + segment_cost;
  return sum;
}

// Listed segments go last.
void Rendition::drop_retained() {
  const std::uint64_t listed = keeps_by_option() ? recent_bytes() : listed_bytes_;
  while (!retention_.empty() && listed + open_bytes_ + retention_.bytes() > limit_) {
    if (limit_ == settings_.bytes_max && !std::exchange(reported_limit_, true))
      log_.warning_by({"streams above their memory", {}},
                      "{}: segments of more than {} MiB (--stream-memory): the oldest are removed early",
                      names_.folder, limit_ >> 20);
    discard(retention_.pop_oldest());
  }
}

void Rendition::limit_bytes(std::uint64_t bytes) {
  limit_ = bytes == 0 ? settings_.bytes_max : std::min(bytes, settings_.bytes_max);
  drop_retained();
  const std::size_t before = playlist_.segments.size(), kept_before = first_in_memory_;
  trim();
  trim_memory();
  if (playlist_.segments.size() == before && first_in_memory_ == kept_before) return;
  publish();
  drop_retained();
  changed();
}

std::uint64_t Rendition::memory_bytes() const {
  if (settings_.in_memory) return recent_bytes() + open_bytes_ + retention_.bytes();
  // One or two playlists may be pending at any time.
  return figures().waiting > 2 ? recent_bytes() : 0;
}

void Rendition::remove_all() {
  const auto remove_map = [this](const std::string& map) {
    if (!map.empty()) discard(map);
  };
  while (!retention_.empty()) discard(retention_.pop_oldest());
  std::string map;
  for (const Segment& segment : playlist_.segments) {
    if (map != segment.map) remove_map(std::exchange(map, segment.map));
    discard(segment.uri);
  }
  if (map != map_) remove_map(map);
  remove_map(map_);
  for (Outlet* outlet : places_.outlets) outlet->unpublish(names_.folder, path(names_.name + ".m3u8"));
}

}  // namespace srs::hls

// What a rendition may hold, and how it gives up what is beyond it, or everything.
#include <algorithm>
#include <utility>

#include "rendition.h"

namespace srs::hls {
namespace {

// A publisher that changes its codecs all the time makes segments of next to no length.
constexpr std::size_t listed_beyond_window_max = 64;
// What a segment costs besides its bytes.
constexpr std::size_t segment_cost = 4'096;

}  // namespace

bool Rendition::keeps_by_option() const {
  return playlist_.type != PlaylistType::live || settings_.time_shift.count() > 0;
}

// Of a list that drops what is old: segments of next to no length are not listed without end.
std::size_t Rendition::listed_max() const {
  const auto step = std::max<std::int64_t>(settings_.target.count() / 4, 1);
  return settings_.window + listed_beyond_window_max +
         static_cast<std::size_t>(settings_.time_shift.count() / step);
}

std::uint64_t Rendition::recent_bytes() const {
  std::uint64_t sum = 0;
  for (std::size_t i = kept_first_; i < playlist_.segments.size(); ++i)
    sum += playlist_.segments[i].size_bytes + segment_cost;
  return sum;
}

// What the newest playlist names goes last.
void Rendition::drop_retained() {
  const std::uint64_t listed = keeps_by_option() ? recent_bytes() : listed_bytes_;
  while (!retention_.empty() && listed + open_bytes_ + retention_.bytes() > limit_) {
    if (limit_ == settings_.bytes_max && !std::exchange(told_limit_, true))
      log_.warning_by({"streams above their memory", {}},
                      "{}: segments of {} MiB and more: the oldest go before their time (--stream-memory)",
                      names_.folder, limit_ >> 20);
    discard(retention_.take_oldest());
  }
}

void Rendition::limit_bytes(std::uint64_t bytes) {
  limit_ = bytes == 0 ? settings_.bytes_max : std::min(bytes, settings_.bytes_max);
  drop_retained();
  const std::size_t before = playlist_.segments.size(), kept_before = kept_first_;
  trim();
  spare_memory();
  if (playlist_.segments.size() == before && kept_first_ == kept_before) return;
  publish();
  drop_retained();
  changed();
}

std::uint64_t Rendition::memory_bytes() const {
  if (settings_.in_memory) return recent_bytes() + open_bytes_ + retention_.bytes();
  // A playlist or two may wait at any time.
  return figures().waiting > 2 ? recent_bytes() : 0;
}

void Rendition::remove_all() {
  const auto remove_map = [this](const std::string& map) {
    if (!map.empty()) discard(map);
  };
  while (!retention_.empty()) discard(retention_.take_oldest());
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

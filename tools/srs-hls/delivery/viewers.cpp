#include "srs-hls/delivery/viewers.h"

#include <algorithm>
#include <functional>

namespace srs::hls {
namespace {

constexpr int viewer_target_durations = 3;
constexpr std::chrono::seconds least_viewer_time{5};

std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio
  return (hash ^ std::hash<std::string_view>()(text)) * spread + (hash >> 7);
}

}  // namespace

void Viewers::on_request(const std::string& stream, std::string_view address, std::string_view agent,
                         int target_duration_s, Time now) {
  const std::chrono::seconds patience =
      least_viewer_time + std::chrono::seconds(viewer_target_durations * std::max(target_duration_s, 1));
  const std::uint64_t key = mixed(mixed(mixed(1, stream), address), agent);
  const auto known = viewers_.find(key);
  if (known != viewers_.end()) {
    known->second.leaves_at = now + patience;
    return;
  }
  if (viewers_.size() >= viewers_max) return;
  const auto count = counts_.try_emplace(stream).first;
  ++count->second;
  viewers_.emplace(key, Viewer{&count->first, now + patience});
}

void Viewers::forget(Time now) {
  std::erase_if(viewers_, [&](const auto& entry) {
    if (entry.second.leaves_at > now) return false;
    --counts_.at(*entry.second.stream);
    return true;
  });
  std::erase_if(counts_, [](const auto& count) { return count.second == 0; });
}

std::size_t Viewers::watching(const std::string& stream) const {
  const auto found = counts_.find(stream);
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace srs::hls

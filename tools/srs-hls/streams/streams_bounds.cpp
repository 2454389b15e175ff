// How Streams bounds its streams: ended ones are forgotten and their files removed, and all together stay
// within --max-memory.
#include <algorithm>
#include <vector>

#include "srs-hls/streams/streams.h"

namespace srs::hls {
namespace {

// Each stream may use this much memory, however many there are.
constexpr std::uint64_t level_min = 2u << 20;

}  // namespace

void Streams::sweep() {
  for (Outlet* outlet : places_.outlets) outlet->retry();
  for (auto& [path, site] : sites_) site->presentation.sweep();
  forget_ended();
  limit_memory();
}

// With --event and --vod the user wants to keep what is listed.
bool Streams::keeps_files() const {
  return settings_.presentation.rendition.type != PlaylistType::live;
}

void Streams::forget_ended() {
  const auto now = clock_.steady();
  for (auto it = sites_.begin(); it != sites_.end();) {
    const Site& site = *it->second;
    const bool over = site.stream == nullptr && now >= site.forget_at;
    it = over && (!keeps_files() || site.presentation.idle()) ? forget(it) : std::next(it);
  }
}

// At most as many ended streams are remembered as may be live.
void Streams::forget_oldest() {
  if (sites_.size() - open_tracks_ < settings_.limits.streams) return;
  auto oldest = sites_.end();
  for (auto it = sites_.begin(); it != sites_.end(); ++it)
    if (it->second->stream == nullptr &&
        (oldest == sites_.end() || it->second->forget_at < oldest->second->forget_at))
      oldest = it;
  if (oldest != sites_.end()) forget(oldest);
}

Streams::Sites::iterator Streams::forget(Sites::iterator it) {
  Site& site = *it->second;
  Presentation& presentation = site.presentation;
  const std::string path = presentation.path();
  if (!keeps_files()) {
    for (const auto& rendition : presentation.renditions()) {
      const std::string key = number_key(path, rendition->names().name);
      const std::uint64_t next = rendition->playlist().next_sequence();
      ended_numbers_.remember(key, std::max(next, ended_numbers_.first(key)));
      rendition->remove_all();
    }
    if (Keys* keys = presentation.keys()) keys->remove_all();
    if (!ladders_.contains(path))
      for (Outlet* outlet : places_.outlets) outlet->unpublish(path, path + ".m3u8");
  }
  for (auto& [name, ladder] : ladders_) ladder->multivariant.remove(presentation);
  for (Outlet* outlet : places_.outlets) outlet->close(path);
  std::erase_if(ladders_, [this](const auto& ladder) {
    if (!ladder.second->multivariant.empty()) return false;
    for (Outlet* outlet : places_.outlets) {
      if (!keeps_files()) outlet->unpublish(ladder.first, ladder.first + ".m3u8");
      outlet->close(ladder.first);
    }
    return true;
  });
  return sites_.erase(it);
}

// Members of a ladder share their numbers.
std::string Streams::number_key(const std::string& path, const std::string& name) const {
  const std::string ladder = settings_.ladder ? ladder_of(path) : "";
  return (ladder.empty() ? path : ladder) + "/" + name;
}

std::uint64_t Streams::memory_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [path, site] : sites_)
    sum += site->presentation.memory_bytes() + (site->stream != nullptr ? site->stream->held_bytes() : 0);
  for (const auto& [channel, open] : open_)
    if (open.recorder) sum += open.recorder->held_bytes();
  return sum;
}

// Above --max-memory all streams are cut down to a common level, chosen so that the rest fits. So streams
// that hold little lose nothing, whatever others do.
void Streams::limit_memory() {
  unchecked_bytes_ = 0;
  const std::uint64_t most = settings_.limits.memory_bytes, all = memory_bytes();
  if (memory_limited_ && all < most / 2) {
    memory_limited_ = false;
    apply_level(0);
  }
  if (most == 0 || all <= most) return;
  log_.warning_by({"memory of all streams", {}},
                  "streams hold more than {} MiB (--max-memory): the largest give up their oldest segments",
                  most >> 20);
  memory_limited_ = true;
  std::vector<std::uint64_t> loads;
  for (const auto& [path, site] : sites_)
    loads.push_back(site->presentation.memory_bytes() +
                    (site->stream != nullptr ? site->stream->held_bytes() : 0));
  std::sort(loads.begin(), loads.end());
  std::uint64_t left = most / 8 * 7, level = 0;
  for (std::size_t i = 0; i < loads.size() && level == 0; ++i) {
    const std::uint64_t share = left / (loads.size() - i);
    if (loads[i] > share)
      level = share;
    else
      left -= loads[i];
  }
  if (level == 0 && !loads.empty()) level = loads.back();
  apply_level(std::max(level, level_min));
}

// level 0: no limit.
void Streams::apply_level(std::uint64_t level) {
  for (const auto& [path, site] : sites_) {
    site->presentation.limit_bytes(level);
    if (site->stream != nullptr) site->stream->limit_segment(level / 4);
  }
  for (auto& [channel, open] : open_)
    if (open.recorder) open.recorder->limit_bytes(level / 4);
}

}  // namespace srs::hls

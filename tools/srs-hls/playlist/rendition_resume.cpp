// How a rendition continues an earlier playlist.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "srs-hls/playlist/rendition.h"

namespace srs::hls {
namespace {

constexpr std::size_t playlist_size_max = 64u << 20;
constexpr std::uint64_t number_max = std::uint64_t{1} << 62;

// The number of "video-12.m4s".
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view prefix,
                                       std::string_view suffix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  if (name.size() <= prefix.size() + suffix.size()) return {};
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return {};
  return number < number_max ? std::optional(number) : std::nullopt;
}

bool is_leftover(std::string_view name) {
  return name.starts_with('.') && name.ends_with(".tmp");
}

}  // namespace

void Rendition::resume(int target_s) {
  if (!published_) read_playlist();
  // A list that may never change again is not continued, only its numbers are.
  const bool finished = playlist_.ended && playlist_.type != PlaylistType::live;
  const bool stale = published_ && age() > playlist_.duration() && playlist_.type == PlaylistType::live &&
                     settings_.time_shift.count() == 0;
  if (stale || finished || playlist_.target_duration_s < target_s) {
    forget_all_segments();
    playlist_.target_duration_s = 0;
    playlist_.part_target = std::chrono::milliseconds(0);
    playlist_.hint.clear();
  }
  playlist_.ended = false;
  playlist_.type = settings_.type;
  if (playlist_.part_target.count() > 0 && playlist_.hint.empty()) playlist_.hint = next_part_name();
}

void Rendition::read_playlist() {
  if (places_.directory == nullptr) {
    // Discontinuities begin at 0: hls.js counts up to them one by one.
    playlist_.media_sequence = first_sequence(clock_.utc(), settings_.target);
    numbered_by_clock_ = true;
    return;
  }
  retention_ = {};
  const std::string file = path(names_.name + ".m3u8");
  if (const auto text = places_.directory->read(file, playlist_size_max)) {
    auto found = parse_playlist(*text);
    if (found) {
      playlist_ = *std::move(found);
      drop_unplayable();
      if (!playlist_.segments.empty()) map_ = playlist_.segments.back().map;
      listed_bytes_ = 0;
      for (const Segment& segment : playlist_.segments) listed_bytes_ += segment.size_bytes;
      published_ = true;
      const Utc now = clock_.utc();
      published_at_ = clock_.steady();
      age_before_ = std::chrono::duration_cast<std::chrono::milliseconds>(
          now - places_.directory->modified(file).value_or(now));
    } else {
      log_.warning("{}: {}/{} cannot be continued and starts over: {}", names_.folder,
                   places_.directory->path(), file, found.error().message);
    }
  }
  find_unlisted();
}

// Drops segments that are not ours or are missing, and all older ones.
void Rendition::drop_unplayable() {
  const auto fine = [this](std::size_t i) {
    Segment& segment = playlist_.segments[i];
    if (segment.gap) return true;
    if (segment.uri != segment_name(playlist_.media_sequence + i)) return false;
    segment.size_bytes = places_.directory->size_of(path(segment.uri));
    return segment.size_bytes > 0 &&
           (segment.map.empty() || places_.directory->size_of(path(segment.map)) > 0);
  };
  std::size_t bad = playlist_.segments.size();
  while (bad > 0 && fine(bad - 1)) --bad;
  for (; bad > 0; --bad) playlist_.drop_first();
}

// Finds files of earlier runs that no playlist names: older ones were waiting for removal, newer ones were
// never listed. Without a playlist the numbers continue after all of them.
void Rendition::find_unlisted() {
  std::uint64_t next = playlist_.next_sequence();
  const bool unknown = playlist_.target_duration_s == 0;
  const std::string init = names_.prefix + "init-";
  for (const std::string& name : places_.directory->list(names_.folder)) {
    if (is_leftover(name)) places_.directory->remove(path(name));
    const auto used = [&](const Segment& segment) { return segment.map == name; };
    if (name.starts_with(init) && name.ends_with(".mp4") &&
        std::none_of(playlist_.segments.begin(), playlist_.segments.end(), used))
      retention_.add(name, playlist_.duration() + std::chrono::seconds(playlist_.target_duration_s));
    const auto number = number_of(name, names_.prefix, names_.suffix);
    if (!number) continue;
    if (unknown) next = std::max(next, *number + 1);
    if (unknown || *number < playlist_.media_sequence)
      retention_.add(name, playlist_.duration() + std::chrono::seconds(playlist_.target_duration_s));
    else if (*number >= playlist_.next_sequence())
      places_.directory->remove(path(name));
  }
  if (unknown) playlist_.media_sequence = next;
}

void Rendition::forget_all_segments() {
  while (!playlist_.segments.empty()) drop_first();
  if (!map_.empty()) retention_.add(std::exchange(map_, {}), std::chrono::seconds(60));
}

}  // namespace srs::hls

#include "listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace srs::hls {
namespace {

constexpr std::size_t playlist_size_max = 16u << 20;
// A publisher that changes its codecs all the time makes segments of next to no length.
constexpr std::size_t listed_beyond_window_max = 64;

// The number of "12.ts".
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return {};
  name.remove_suffix(suffix.size());
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return {};
  return number;
}

bool is_leftover(std::string_view name) {
  return name.starts_with('.') && name.ends_with(".tmp");
}

}  // namespace

Listing::Listing(std::string stream_path, std::string suffix, std::size_t window, const Directory& directory,
                 const Clock& clock, const cli::Log& log)
    : path_(std::move(stream_path)),
      suffix_(std::move(suffix)),
      stem_(path_.substr(path_.rfind('/') + 1)),
      window_(std::max<std::size_t>(window, 1)),
      directory_(directory),
      clock_(clock),
      log_(log) {}

std::string Listing::segment_name(std::uint64_t number) const {
  return fmt::format("{}/{}{}", path_, number, suffix_);
}

void Listing::restore(int target_s) {
  if (const auto text = directory_.read(path_ + ".m3u8", playlist_size_max)) {
    auto found = parse_playlist(*text);
    if (found) {
      playlist_ = *std::move(found);
      keep_playable();
    } else {
      log_.warning("{}: {}/{}.m3u8 is begun anew: {}", path_, directory_.path(), path_,
                   found.error().message);
    }
  }
  find_unlisted();
  const auto written = directory_.modified(path_ + ".m3u8");
  const bool stale = written && clock_.utc() - *written > playlist_.duration();
  if (stale || playlist_.target_duration_s < target_s) {
    while (!playlist_.segments.empty()) {
      const Segment dropped = playlist_.drop_first();
      unlisted_.push_back({fmt::format("{}{}", path_, dropped.uri.substr(stem_.size())), dropped.duration});
    }
    playlist_.target_duration_s = 0;
  }
  playlist_.ended = false;
  for (Unlisted& file : unlisted_) file.keep += playlist_.duration();
}

// Off the list goes what is not ours, or is not there, and all that is older.
void Listing::keep_playable() {
  const auto fine = [this](std::size_t i) {
    const std::uint64_t number = playlist_.media_sequence + i;
    return playlist_.segments[i].uri == fmt::format("{}/{}{}", stem_, number, suffix_) &&
           directory_.size_of(segment_name(number)) > 0;
  };
  std::size_t bad = playlist_.segments.size();
  while (bad > 0 && fine(bad - 1)) --bad;
  for (; bad > 0; --bad) playlist_.drop_first();
}

// Files of earlier runs that no playlist names: the older ones were on their way out, younger ones were never
// listed. Without a playlist the numbers go on behind all of them.
void Listing::find_unlisted() {
  std::uint64_t next = playlist_.next_sequence();
  const bool unknown = playlist_.target_duration_s == 0;
  for (const std::string& name : directory_.list(path_)) {
    const auto number = number_of(name, suffix_);
    if (is_leftover(name)) directory_.remove(fmt::format("{}/{}", path_, name));
    if (!number || *number >= std::uint64_t{1} << 62) continue;
    if (unknown) next = std::max(next, *number + 1);
    if (unknown || *number < playlist_.media_sequence)
      unlisted_.push_back(
          {fmt::format("{}/{}", path_, name), std::chrono::seconds(playlist_.target_duration_s)});
    else if (*number >= playlist_.next_sequence())
      directory_.remove(fmt::format("{}/{}", path_, name));
  }
  if (unknown) playlist_.media_sequence = next;
}

bool Listing::add(Bytes content, Segment segment, std::string state) {
  const std::uint64_t number = playlist_.next_sequence();
  if (auto written = directory_.write(segment_name(number), content); !written) {
    complain(written.error());
    ++lost_;
    return false;
  }
  segment.uri = fmt::format("{}/{}{}", stem_, number, suffix_);
  ++segments_written_;
  media_written_ += segment.duration;
  playlist_.segments.push_back(std::move(segment));
  playlist_.state = std::move(state);
  trim();
  if (write_playlist() && failing_) {
    failing_ = false;
    log_.info("{}: segments are written again", path_);
  }
  return true;
}

void Listing::end() {
  if (playlist_.segments.empty()) return;
  playlist_.ended = true;
  write_playlist();
}

// A playlist may not become shorter than three target durations (RFC 8216 6.2.2).
void Listing::trim() {
  const std::chrono::seconds shortest(3 * playlist_.target_duration_s);
  const auto may_drop = [&] {
    if (playlist_.segments.size() > window_ + listed_beyond_window_max) return true;
    return playlist_.segments.size() > window_ &&
           playlist_.duration() - playlist_.segments.front().duration >= shortest;
  };
  while (may_drop()) {
    const auto keep = playlist_.duration();
    const std::uint64_t number = playlist_.media_sequence;
    const Segment dropped = playlist_.drop_first();
    unlisted_.push_back({segment_name(number), keep + dropped.duration});
  }
}

bool Listing::write_playlist() {
  const std::string text = format(playlist_);
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  if (auto written = directory_.write(path_ + ".m3u8", bytes); !written) {
    complain(written.error());
    written_ = false;
    return false;
  }
  written_ = true;
  for (Unlisted& file : unlisted_) {
    if (file.counting) continue;
    file.counting = true;
    file.until = clock_.steady() + file.keep;
    file.media_end = media_written_ + 2 * file.keep;
  }
  sweep();
  return true;
}

// Time is wall time, for players. But a file that is read faster than it plays would fill the disk with files
// that nobody waits for: twice as much media is an end, too.
void Listing::sweep() {
  const auto now = clock_.steady();
  while (!unlisted_.empty()) {
    const Unlisted& file = unlisted_.front();
    if (!file.counting || (now < file.until && media_written_ < file.media_end)) return;
    directory_.remove(file.name);
    unlisted_.pop_front();
  }
}

void Listing::complain(const Error& error) {
  ++write_errors_;
  if (!failing_)
    log_.error("{}: {}; what cannot be written is left out, each segment tries again", path_, error.message);
  failing_ = true;
}

}  // namespace srs::hls

#include "srs-hls/playlist/rendition.h"

#include <fmt/format.h>

#include <algorithm>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

// Memory overhead of a part.
constexpr std::size_t part_cost = 1'024;
// Segments in memory per segment of the window: those that left the list stay as long again.
constexpr std::size_t memory_windows = 3;
// Part numbers start from the clock, in steps shorter than any part, so that names are never reused.
constexpr milliseconds part_number_step{20};

// The epoch of these numbers, recent so that they stay short.
constexpr Utc numbers_begin = std::chrono::sys_days(std::chrono::year(2025) / 1 / 1);

std::uint64_t fnv1a(Bytes bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

std::uint64_t bytes_in(const Content& content) {
  std::uint64_t size = 0;
  for (const Slice& piece : content) size += piece.size();
  return size;
}

}  // namespace

std::uint64_t number_of_time(Utc time, milliseconds step) {
  return time > numbers_begin ? static_cast<std::uint64_t>((time - numbers_begin) / step) : 0;
}

std::uint64_t first_sequence(Utc time, milliseconds target) {
  return number_of_time(time, std::max(target / 2, milliseconds(1)));
}

Rendition::Rendition(Names names, const RenditionSettings& settings, const Places& places, const Clock& clock,
                     const cli::Log& log)
    : names_(std::move(names)),
      settings_(settings),
      places_(places),
      clock_(clock),
      log_(log),
      limit_(settings.bytes_max),
      next_part_(number_of_time(clock.utc(), part_number_step)),
      revision_(static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())) {
  playlist_.type = settings.type;
}

Rendition::~Rendition() {
  if (watcher_) watcher_->changed();
}

std::string Rendition::segment_name(std::uint64_t number) const {
  return fmt::format("{}{}{}", names_.prefix, number, names_.suffix);
}

// Numbered independently of the segment, so that the next part's name is known in advance.
std::string Rendition::next_part_name() {
  return fmt::format("{}part-{}{}", names_.prefix, next_part_++, names_.suffix);
}

void Rendition::start_at(std::uint64_t sequence) {
  if (!playlist_.segments.empty()) return;
  const bool free = std::exchange(numbered_by_clock_, false);
  playlist_.media_sequence = free ? sequence : std::max(playlist_.media_sequence, sequence);
}

void Rendition::set_part_target(milliseconds part_target) {
  playlist_.part_target = part_target;
  if (playlist_.hint.empty()) playlist_.hint = next_part_name();
}

void Rendition::set_map(const Slice& section) {
  if (section.empty()) return map_.clear();
  std::string name = fmt::format("{}init-{:016x}.mp4", names_.prefix, fnv1a(section.bytes()));
  if (name == map_) return;
  retention_.cancel(name);
  put(name, {section});
  map_ = std::move(name);
}

void Rendition::begin(Segment segment) {
  segment.uri = segment_name(playlist_.next_sequence());
  segment.map = map_;
  playlist_.open = std::move(segment);
}

void Rendition::add_part(Slice content, milliseconds duration, bool independent) {
  Segment& open = *playlist_.open;
  open.map = map_;  // the map may have been made with the first part
  if (open.parts.empty()) open.independent = independent;
  open_bytes_ += content.size() + part_cost;
  std::string name = std::exchange(playlist_.hint, next_part_name());
  parts_of_[open.uri].push_back(name);
  memory_[name] = {{std::move(content)}, clock_.utc()};
  open.parts.push_back({std::move(name), duration, independent});
  milliseconds so_far{0};
  for (const Part& part : open.parts) so_far += part.duration;
  bit_rate_.guess(open_bytes_ - open.parts.size() * part_cost, so_far);
  changed();
}

void Rendition::abandon() {
  playlist_.open.reset();
  open_bytes_ = 0;
}

void Rendition::complete(Content content, milliseconds duration, bool independent, std::string state) {
  Segment segment = *std::exchange(playlist_.open, std::nullopt);
  segment.map = map_;
  segment.duration = duration;
  segment.independent = independent;
  for (const std::string& part : parts_of_[segment.uri])
    for (const Slice& piece : memory_[part].content) content.push_back(piece);
  segment.size_bytes = bytes_in(content);
  bit_rate_.add(segment.size_bytes, duration, playlist_.target_duration_s);
  open_bytes_ = 0;
  put(segment.uri, std::move(content));
  ++segments_made_;
  append(std::move(segment), std::move(state));
}

void Rendition::add_gap(Segment segment, std::string state) {
  segment.uri = segment_name(playlist_.next_sequence());
  segment.map = map_;
  segment.gap = true;
  if (!playlist_.segments.empty()) segment.key = playlist_.segments.back().key;
  append(std::move(segment), std::move(state));
}

void Rendition::append(Segment segment, std::string state) {
  retention_.on_media(segment.duration);
  listed_bytes_ += segment.size_bytes;
  playlist_.segments.push_back(std::move(segment));
  playlist_.state = std::move(state);
  trim();
  trim_memory();
  publish();
  drop_retained();
  changed();
}

void Rendition::end() {
  if (playlist_.ended || playlist_.segments.empty()) return;
  playlist_.ended = true;
  playlist_.hint.clear();
  mark_lost();
  publish();
  changed();
}

void Rendition::put(const std::string& name, Content content) {
  for (Outlet* outlet : places_.outlets) outlet->put(names_.folder, path(name), content);
  if (settings_.in_memory) memory_[name] = {std::move(content), clock_.utc()};
}

void Rendition::discard(const std::string& name) {
  for (Outlet* outlet : places_.outlets) outlet->remove(names_.folder, path(name));
  memory_.erase(name);
  for (const std::string& part : parts_of_[name]) memory_.erase(part);
  parts_of_.erase(name);
}

// A playlist may not become shorter than three target durations (RFC 8216 6.2.2), unless it is too large.
bool Rendition::may_drop() const {
  const std::size_t count = playlist_.segments.size();
  if (playlist_.type != PlaylistType::live || count <= 1) return false;
  if (!keeps_by_option() && listed_bytes_ > limit_) return true;
  if (count <= settings_.window) return false;
  const milliseconds without = playlist_.duration() - playlist_.segments.front().duration;
  if (count > listed_max()) return true;
  return without >=
         std::max<milliseconds>(std::chrono::seconds(3 * playlist_.target_duration_s), settings_.time_shift);
}

void Rendition::trim() {
  while (may_drop()) drop_first();
}

void Rendition::drop_first() {
  const milliseconds listed = playlist_.duration();
  const Segment dropped = playlist_.drop_first();
  listed_bytes_ -= dropped.size_bytes;
  const bool counts = !keeps_by_option() || first_in_memory_ == 0;
  if (first_in_memory_ > 0) --first_in_memory_;
  const auto uses = [](const std::string& map) { return [&](const Segment& s) { return s.map == map; }; };
  for (Outlet* outlet : places_.outlets) outlet->unlist(names_.folder, path(dropped.uri));
  retention_.add(dropped.uri, listed + dropped.duration, counts ? dropped.size_bytes : 0);
  if (!dropped.map.empty() && dropped.map != map_ &&
      std::none_of(playlist_.segments.begin(), playlist_.segments.end(), uses(dropped.map)))
    retention_.add(dropped.map, listed + dropped.duration);
}

// Memory keeps only the newest end of a long list; the rest has to be out by then.
void Rendition::trim_memory() {
  if (places_.outlets.empty()) return;
  const std::size_t keep = memory_windows * (settings_.window + 1), count = playlist_.segments.size();
  std::uint64_t recent = recent_bytes();
  for (; first_in_memory_ + 1 < count && (first_in_memory_ + keep < count || recent > limit_);
       ++first_in_memory_) {
    Segment& segment = playlist_.segments[first_in_memory_];
    recent -= segment.size_bytes;
    mark_unwritten(segment);
    memory_.erase(segment.uri);
    for (const std::string& part : parts_of_[segment.uri]) memory_.erase(part);
    parts_of_.erase(segment.uri);
    segment.parts.clear();
  }
}

// An ended list drops nothing any more: a file lost by an outlet would hold it up for ever.
bool Rendition::mark_lost() {
  bool any = false;
  for (Segment& segment : playlist_.segments)
    for (Outlet* outlet : places_.outlets) {
      if (!outlet->is_lost(names_.folder, path(segment.uri))) continue;
      outlet->unlist(names_.folder, path(segment.uri));
      segment.gap = any = true;
    }
  return any;
}

// A file that is not out by now never will be: it becomes a gap in the list.
void Rendition::mark_unwritten(Segment& segment) {
  for (Outlet* outlet : places_.outlets) {
    if (!outlet->is_pending(names_.folder, path(segment.uri))) continue;
    outlet->unlist(names_.folder, path(segment.uri));
    segment.gap = true;
  }
}

std::size_t Rendition::live_first() const {
  if (settings_.time_shift.count() == 0) return 0;
  const milliseconds shortest = std::chrono::seconds(3 * playlist_.target_duration_s);
  milliseconds listed{0};
  std::size_t first = playlist_.segments.size();
  while (first > 0 && (playlist_.segments.size() - first < settings_.window || listed < shortest))
    listed += playlist_.segments[--first].duration;
  return first;
}

void Rendition::publish() {
  published_at_ = clock_.steady();
  age_before_ = milliseconds(0);
  retention_.on_published(clock_.steady());
  if (playlist_.type == PlaylistType::vod && !playlist_.ended) return;
  if (!places_.outlets.empty()) {
    const std::string text = format(playlist_, {.state = true});
    for (Outlet* outlet : places_.outlets) outlet->publish(names_.folder, path(names_.name + ".m3u8"), text);
  }
  published_ = true;
  sweep();
}

// The steady clock, since UTC may be set while we run; for an earlier run's list, from the date of its file.
milliseconds Rendition::age() const {
  return age_before_ + std::chrono::duration_cast<milliseconds>(clock_.steady() - published_at_);
}

void Rendition::changed() {
  ++revision_;
  if (watcher_) watcher_->changed();
}

void Rendition::sweep() {
  if (playlist_.ended && mark_lost()) {
    publish();
    changed();
  }
  for (const std::string& name : retention_.pop_expired(clock_.steady())) discard(name);
}

bool Rendition::idle() const {
  return !retention_.is_counting();
}

const StoredFile* Rendition::find(const std::string& name) const {
  const auto found = memory_.find(name);
  return found == memory_.end() ? nullptr : &found->second;
}

OutletFigures Rendition::figures() const {
  OutletFigures sum;
  for (const Outlet* outlet : places_.outlets) {
    const OutletFigures one = outlet->figures(names_.folder);
    sum.written += one.written;
    sum.errors += one.errors;
    sum.lost += one.lost;
    sum.waiting += one.waiting;
  }
  return sum;
}

}  // namespace srs::hls

#include "srs-hls/playlist/playlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Parts are listed for the last three target durations (rfc8216bis 4.4.4.9 requires no fewer, and older ones
// are noise); a delta update may skip what is older than six (4.4.3.8).
constexpr int parts_target_durations = 3;
constexpr int skip_target_durations = 6;
constexpr int hold_back_target_durations = 3;
constexpr int part_hold_back_parts = 3;

template <class... Arguments>
void add(std::string& text, fmt::format_string<Arguments...> form, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(text), form, std::forward<Arguments>(arguments)...);
}

void add_seconds(std::string& text, milliseconds time) {
  add(text, "{}.{:03}", time.count() / 1000, time.count() % 1000);
}

class Writer {
 public:
  Writer(const Playlist& list, const View& view) : list_(list), view_(view) {
    text_.reserve(512 + 160 * (list.segments.size() - view.first));
  }

  std::string write() {
    head();
    const std::size_t skipped = view_.skip ? skippable() : 0;
    if (skipped > 0) add(text_, "#EXT-X-SKIP:SKIPPED-SEGMENTS={}\n", skipped);
    milliseconds left = from_end(view_.first);
    const Segment* before = nullptr;
    for (std::size_t i = view_.first; i < list_.segments.size(); ++i) {
      const Segment& one = list_.segments[i];
      if (i >= view_.first + skipped) segment(one, before, left);
      before = &one;
      left -= one.duration;
    }
    tail(before);
    return std::move(text_);
  }

 private:
  // Distance from the start of a segment to the end of the playlist, parts included.
  milliseconds from_end(std::size_t first) const {
    milliseconds sum{0};
    for (std::size_t i = first; i < list_.segments.size(); ++i) sum += list_.segments[i].duration;
    if (view_.parts && list_.open)
      for (const Part& part : list_.open->parts) sum += part.duration;
    return sum;
  }

  // The number of segments that end before the skip boundary.
  std::size_t skippable() const {
    std::size_t count = 0;
    milliseconds left = from_end(view_.first);
    for (std::size_t i = view_.first; i < list_.segments.size(); ++i, ++count) {
      left -= list_.segments[i].duration;
      if (left < skip_boundary(list_)) break;
    }
    return count;
  }

  int version() const {
    if (view_.parts) return 9;  // EXT-X-SKIP
    const bool maps = std::any_of(list_.segments.begin(), list_.segments.end(),
                                  [](const Segment& s) { return !s.map.empty(); });
    const bool gaps =
        std::any_of(list_.segments.begin(), list_.segments.end(), [](const Segment& s) { return s.gap; });
    return gaps ? 8 : maps ? 6 : 3;
  }

  // EXT-X-INDEPENDENT-SEGMENTS is a promise about all segments: it is left out while a segment that begins
  // elsewhere is listed.
  bool independent() const {
    const auto is = [](const Segment& s) { return s.independent; };
    if (view_.parts && list_.open && !list_.open->parts.empty() && !list_.open->independent) return false;
    return std::all_of(list_.segments.begin() + static_cast<std::ptrdiff_t>(view_.first),
                       list_.segments.end(), is);
  }

  void head() {
    add(text_, "#EXTM3U\n#EXT-X-VERSION:{}\n#EXT-X-TARGETDURATION:{}\n", version(), list_.target_duration_s);
    if (view_.parts) server_control();
    std::uint64_t discontinuities = list_.discontinuity_sequence;
    for (std::size_t i = 0; i < view_.first; ++i) discontinuities += list_.segments[i].discontinuity;
    add(text_, "#EXT-X-MEDIA-SEQUENCE:{}\n", list_.media_sequence + view_.first);
    if (discontinuities > 0) add(text_, "#EXT-X-DISCONTINUITY-SEQUENCE:{}\n", discontinuities);
    if (list_.type == PlaylistType::event) text_ += "#EXT-X-PLAYLIST-TYPE:EVENT\n";
    if (list_.type == PlaylistType::vod) text_ += "#EXT-X-PLAYLIST-TYPE:VOD\n";
    if (independent()) text_ += "#EXT-X-INDEPENDENT-SEGMENTS\n";
    if (view_.from_start) text_ += "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n";
    if (view_.state && !list_.state.empty()) add(text_, "# srs-hls {}\n", list_.state);
  }

  void server_control() {
    text_ += "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=";
    add_seconds(text_, skip_boundary(list_));
    text_ += ",HOLD-BACK=";
    add_seconds(text_, seconds(hold_back_target_durations * list_.target_duration_s));
    text_ += ",PART-HOLD-BACK=";
    add_seconds(text_, part_hold_back_parts * list_.part_target);
    text_ += "\n#EXT-X-PART-INF:PART-TARGET=";
    add_seconds(text_, list_.part_target);
    text_ += '\n';
  }

  // Tags of a segment before its first part or its EXTINF.
  void begin_segment(const Segment& segment, const Segment* before) {
    if (segment.discontinuity) text_ += "#EXT-X-DISCONTINUITY\n";
    // The map comes before the key, since it is not encrypted.
    const bool clear_again = segment.key.empty() && before != nullptr && !before->key.empty();
    const bool new_map = before == nullptr || before->map != segment.map;
    if (clear_again) text_ += "#EXT-X-KEY:METHOD=NONE\n";
    if (!segment.map.empty() && new_map) {
      if (before != nullptr && !before->key.empty() && !clear_again) text_ += "#EXT-X-KEY:METHOD=NONE\n";
      add(text_, "#EXT-X-MAP:URI=\"{}\"\n", segment.map);
    }
    const bool same_key =
        before != nullptr && before->key == segment.key && (segment.map.empty() || !new_map);
    if (!segment.key.empty() && !same_key) add(text_, "#EXT-X-KEY:{}\n", segment.key);
    add(text_, "#EXT-X-PROGRAM-DATE-TIME:{}\n", format_utc(segment.program_date_time));
  }

  void parts(const Segment& segment) {
    for (const Part& part : segment.parts) {
      text_ += "#EXT-X-PART:DURATION=";
      add_seconds(text_, part.duration);
      add(text_, ",URI=\"{}\"{}\n", part.uri, part.independent ? ",INDEPENDENT=YES" : "");
    }
  }

  void segment(const Segment& segment, const Segment* before, milliseconds from_end) {
    begin_segment(segment, before);
    if (view_.parts &&
        from_end - segment.duration < seconds(parts_target_durations * list_.target_duration_s))
      parts(segment);
    if (segment.gap) text_ += "#EXT-X-GAP\n";
    text_ += "#EXTINF:";
    add_seconds(text_, segment.duration);
    add(text_, ",\n{}\n", segment.uri);
  }

  void tail(const Segment* before) {
    if (view_.parts && list_.open && !list_.open->parts.empty()) {
      begin_segment(*list_.open, before);
      parts(*list_.open);
    }
    if (list_.ended) {
      text_ += "#EXT-X-ENDLIST\n";
      return;
    }
    if (!view_.parts) return;
    if (!list_.hint.empty()) add(text_, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}\"\n", list_.hint);
    text_ += view_.reports;
  }

  const Playlist& list_;
  const View& view_;
  std::string text_;
};

}  // namespace

milliseconds skip_boundary(const Playlist& playlist) {
  return seconds(skip_target_durations * playlist.target_duration_s);
}

milliseconds Playlist::duration() const {
  milliseconds sum{0};
  for (const Segment& segment : segments) sum += segment.duration;
  return sum;
}

Segment Playlist::drop_first() {
  Segment segment = std::move(segments.front());
  segments.pop_front();
  ++media_sequence;
  if (segment.discontinuity) ++discontinuity_sequence;
  return segment;
}

std::string format(const Playlist& playlist, const View& view) {
  return Writer(playlist, view).write();
}

}  // namespace srs::hls

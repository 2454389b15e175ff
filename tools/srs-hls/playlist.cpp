#include "playlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view state_tag = "# srs-hls ";

template <class Number>
bool read_number(std::string_view text, Number& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

// The rest of a line that begins with `name`.
bool take(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name)) return false;
  value = line.substr(name.size());
  return true;
}

Error malformed(std::string_view line) {
  return Error{Errc::invalid_data, fmt::format("not a playlist of srs-hls: \"{}\"", line.substr(0, 80))};
}

// One line after another; what a segment's tags say waits in `next` for its URI.
class Parser {
 public:
  Result<void> take_line(std::string_view line) {
    std::string_view value;
    if (line.empty()) return {};
    if (line[0] != '#') return take_uri(line);
    if (take(line, state_tag, value)) return list_.state = value, Result<void>{};
    if (take(line, "#EXT-X-TARGETDURATION:", value))
      return check(read_number(value, list_.target_duration_s), line);
    if (take(line, "#EXT-X-MEDIA-SEQUENCE:", value))
      return check(read_number(value, list_.media_sequence), line);
    if (take(line, "#EXT-X-DISCONTINUITY-SEQUENCE:", value))
      return check(read_number(value, list_.discontinuity_sequence), line);
    if (line == "#EXT-X-INDEPENDENT-SEGMENTS") independent_ = true;
    if (line == "#EXT-X-DISCONTINUITY") next_.discontinuity = true;
    if (line == "#EXT-X-ENDLIST") list_.ended = true;
    if (take(line, "#EXT-X-PROGRAM-DATE-TIME:", value)) return take_time(value);
    if (take(line, "#EXTINF:", value)) return take_duration(value, line);
    return {};
  }

  Result<Playlist> finish() {
    constexpr std::uint64_t sequence_max = std::uint64_t{1} << 62;
    if (list_.target_duration_s <= 0 || list_.target_duration_s > 86'400)
      return malformed("#EXT-X-TARGETDURATION");
    if (list_.media_sequence > sequence_max || list_.discontinuity_sequence > sequence_max)
      return malformed("#EXT-X-MEDIA-SEQUENCE");
    for (Segment& segment : list_.segments) segment.independent = independent_;
    return std::move(list_);
  }

 private:
  static Result<void> check(bool ok, std::string_view line) {
    if (!ok) return malformed(line);
    return {};
  }

  Result<void> take_uri(std::string_view uri) {
    if (!has_duration_) return malformed(uri);
    next_.uri = uri;
    list_.segments.push_back(std::move(next_));
    next_ = {};
    has_duration_ = false;
    return {};
  }

  Result<void> take_time(std::string_view value) {
    const auto time = parse_utc(value);
    if (!time) return time.error();
    next_.program_date_time = *time;
    return {};
  }

  Result<void> take_duration(std::string_view value, std::string_view line) {
    double seconds = 0;
    if (!read_number(value.substr(0, value.find(',')), seconds) || !(seconds >= 0 && seconds < 86'400))
      return malformed(line);
    next_.duration = milliseconds(std::llround(seconds * 1000));
    has_duration_ = true;
    return {};
  }

  Playlist list_;
  Segment next_;
  bool has_duration_ = false;
  bool independent_ = false;
};

}  // namespace

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

std::string format(const Playlist& playlist) {
  std::string text =
      fmt::format("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:{}\n",
                  playlist.target_duration_s, playlist.media_sequence);
  if (playlist.discontinuity_sequence > 0)
    text += fmt::format("#EXT-X-DISCONTINUITY-SEQUENCE:{}\n", playlist.discontinuity_sequence);
  // The tag is a promise about all segments: one that had to be cut elsewhere takes it away while it is
  // listed.
  if (std::all_of(playlist.segments.begin(), playlist.segments.end(),
                  [](const Segment& s) { return s.independent; }))
    text += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  if (!playlist.state.empty()) text += fmt::format("{}{}\n", state_tag, playlist.state);
  for (const Segment& segment : playlist.segments) {
    if (segment.discontinuity) text += "#EXT-X-DISCONTINUITY\n";
    text += fmt::format("#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:{}.{:03},\n{}\n",
                        format_utc(segment.program_date_time), segment.duration.count() / 1000,
                        segment.duration.count() % 1000, segment.uri);
  }
  if (playlist.ended) text += "#EXT-X-ENDLIST\n";
  return text;
}

Result<Playlist> parse_playlist(std::string_view text) {
  if (!text.starts_with("#EXTM3U\n")) return malformed(text.substr(0, text.find('\n')));
  Parser parser;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (auto taken = parser.take_line(text.substr(0, end)); !taken) return std::move(taken).error();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

std::string format_utc(std::chrono::system_clock::time_point time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<milliseconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<std::chrono::system_clock::time_point> parse_utc(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t size, int& value) {
    return text.size() == 24 && read_number(text.substr(at, size), value) && value >= 0;
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  const bool ok = number(0, 4, year) && number(5, 2, month) && number(8, 2, day) && number(11, 2, hour) &&
                  number(14, 2, minute) && number(17, 2, second) && number(20, 3, fraction) &&
                  text[23] == 'Z';
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // Nanoseconds since 1970 fill 64 bits in 2262.
  if (!ok || !date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 60)
    return malformed(text);
  const std::chrono::system_clock::time_point time = std::chrono::sys_days(date);
  return time + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         milliseconds(fraction);
}

}  // namespace srs::hls

#include "srs-hls/delivery/time_shift.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "net/url.h"

namespace srs::hls {
namespace {

constexpr double back_max_s = 10.0 * 366 * 86'400;

}  // namespace

Result<std::optional<Utc>> parse_start(std::string_view query, Utc now) {
  const auto start = net::query_value(query, "start");
  if (!start || start->empty()) return std::optional<Utc>();
  if (const auto utc = parse_utc(*start)) return std::optional<Utc>(*utc);
  double back_s = 0;
  const auto parsed = std::from_chars(start->data(), start->data() + start->size(), back_s);
  if (parsed.ec != std::errc() || parsed.ptr != start->data() + start->size() || !std::isfinite(back_s) ||
      std::abs(back_s) > back_max_s)
    return Error{Errc::invalid_data,
                 fmt::format("start={}: a time like 2026-11-23T08:00:00Z, or seconds back like -3600",
                             start->substr(0, 40))};
  const auto back = std::chrono::milliseconds(std::llround(std::abs(back_s) * 1'000));
  return std::optional<Utc>(std::chrono::floor<std::chrono::milliseconds>(now) - back);
}

std::size_t first_segment_at(const Playlist& playlist, Utc time) {
  const auto& segments = playlist.segments;
  // Times may go back at a discontinuity: take the newest segment that begins early enough.
  for (std::size_t i = segments.size(); i > 0; --i)
    if (segments[i - 1].program_date_time <= time) return i - 1;
  return 0;
}

}  // namespace srs::hls

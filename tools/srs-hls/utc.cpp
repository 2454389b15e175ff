#include "utc.h"

#include <fmt/format.h>

#include <charconv>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

}  // namespace

std::string format_utc(Utc time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<milliseconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<Utc> parse_utc(std::string_view text) {
  const bool has_fraction = text.size() == 24;
  const auto number = [&](std::size_t at, std::size_t size, int& value) {
    const char* const end = text.data() + at + size;
    const auto parsed = std::from_chars(text.data() + at, end, value);
    return parsed.ec == std::errc() && parsed.ptr == end && value >= 0;
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  const bool ok = (has_fraction || text.size() == 20) && number(0, 4, year) && number(5, 2, month) &&
                  number(8, 2, day) && number(11, 2, hour) && number(14, 2, minute) &&
                  number(17, 2, second) && (!has_fraction || number(20, 3, fraction)) && text.back() == 'Z';
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // Nanoseconds since 1970 fill 64 bits in 2262.
  if (!ok || !date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 60)
    return Error{Errc::invalid_data,
                 fmt::format("\"{}\" is no time like 2026-11-23T08:00:00Z", text.substr(0, 40))};
  const Utc time = std::chrono::sys_days(date);
  return time + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         milliseconds(fraction);
}

}  // namespace srs::hls

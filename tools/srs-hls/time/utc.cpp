#include "srs-hls/time/utc.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace srs::hls {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

bool consume_digits(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// Consumes a number of exactly `digits` digits.
bool consume_digits(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits || text.front() < '0') return false;
  const char* const end = text.data() + digits;
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return false;
  text.remove_prefix(digits);
  return true;
}

// ".125", or nothing.
std::optional<milliseconds> consume_fraction(std::string_view& text) {
  int value = 0;
  if (!consume_digits(text, '.')) return milliseconds(0);
  if (!consume_digits(text, 3, value)) return {};
  return milliseconds(value);
}

// "Z", or the offset of local time: "+01:00".
std::optional<minutes> parse_zone(std::string_view text) {
  if (text == "Z") return minutes(0);
  const bool west = consume_digits(text, '-');
  int hour = 0, minute = 0;
  if ((!west && !consume_digits(text, '+')) || !consume_digits(text, 2, hour) || !consume_digits(text, ':') ||
      !consume_digits(text, 2, minute) || !text.empty() || hour > 23 || minute > 59)
    return {};
  return minutes((west ? -1 : 1) * (hour * 60 + minute));
}

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
  const Error malformed{Errc::invalid_data,
                        fmt::format("\"{}\" is no time like 2026-11-23T08:00:00Z", text.substr(0, 40))};
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::string_view rest = text;
  const bool ok =
      consume_digits(rest, 4, year) && consume_digits(rest, '-') && consume_digits(rest, 2, month) &&
      consume_digits(rest, '-') && consume_digits(rest, 2, day) && consume_digits(rest, 'T') &&
      consume_digits(rest, 2, hour) && consume_digits(rest, ':') && consume_digits(rest, 2, minute) &&
      consume_digits(rest, ':') && consume_digits(rest, 2, second);
  const auto fraction = ok ? consume_fraction(rest) : std::nullopt;
  const auto zone = fraction ? parse_zone(rest) : std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // Nanoseconds since 1970 fill 64 bits in 2262.
  if (!zone || !date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 60)
    return malformed;
  const Utc time = std::chrono::sys_days(date);
  return time + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         *fraction - *zone;
}

}  // namespace srs::hls

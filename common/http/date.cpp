#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "http/response.h"

namespace srs::http {
namespace {

// By hand, since strftime writes the names in the locale's language.
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

int number_at(std::string_view text, std::size_t offset, std::size_t digits) {
  int value = 0;
  const char* end = text.data() + offset + digits;
  const auto [stopped, error] = std::from_chars(text.data() + offset, end, value);
  return error == std::errc{} && stopped == end ? value : -1;
}

}  // namespace

std::string http_date(std::time_t time) {
  std::tm utc{};
  gmtime_r(&time, &utc);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(utc.tm_wday)],
                     utc.tm_mday, months[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end()) return std::nullopt;
  std::tm utc{};
  utc.tm_mday = number_at(text, 5, 2);
  utc.tm_mon = static_cast<int>(month - months.begin());
  utc.tm_year = number_at(text, 12, 4) - 1900;
  utc.tm_hour = number_at(text, 17, 2);
  utc.tm_min = number_at(text, 20, 2);
  utc.tm_sec = number_at(text, 23, 2);
  const std::time_t time = timegm(&utc);  // normalises the fields, so a wrong one shows below
  if (time < 0 || http_date(time).substr(5) != text.substr(5)) return std::nullopt;
  return time;
}

}  // namespace srs::http

#include "access/hours.h"

#include <array>
#include <optional>
#include <string>

namespace srs::access {
namespace {

using std::chrono::minutes;

constexpr int minutes_a_day = 24 * 60;
constexpr std::array<std::string_view, 7> day_names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::optional<int> day_named(std::string_view name) {
  for (std::size_t i = 0; i < day_names.size(); ++i)
    if (day_names[i] == name) return static_cast<int>(i);
  return std::nullopt;
}

// "08:30", up to "24:00".
std::optional<int> minute_of_day(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = 10 * digit(0) + digit(1), minute = 10 * digit(3) + digit(4);
  if (hour > 24 || minute > 59 || 60 * hour + minute > minutes_a_day) return std::nullopt;
  return 60 * hour + minute;
}

struct Range {
  int first = 0, last = 0;
};

// "A-B" or "A" alone, each read by `read`.
template <class Read>
std::optional<Range> range(std::string_view text, Read read) {
  const auto dash = text.find('-');
  const auto first = read(text.substr(0, dash));
  const auto last = dash == text.npos ? first : read(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  return Range{*first, *last};
}

std::string_view next_word(std::string_view& text) {
  const auto begin = text.find_first_not_of(' ');
  text.remove_prefix(begin == text.npos ? text.size() : begin);
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

Result<Hours> Hours::parse(std::string_view text) {
  const Error wrong{Errc::usage, "\"" + std::string(text.substr(0, 64)) +
                                     "\": times of a week are wanted, as Mon-Fri 08:00-18:00 (UTC)"};
  Hours hours;
  for (std::size_t comma = 0; comma != text.npos; text.remove_prefix(comma == text.npos ? 0 : comma + 1)) {
    comma = text.find(',');
    std::string_view span = text.substr(0, comma);
    Range days{0, 6}, times{0, minutes_a_day};
    std::string_view word = next_word(span);
    if (word.empty()) return wrong;
    if (const auto named = range(word, day_named)) {
      days = *named;
      word = next_word(span);
    }
    if (!word.empty()) {
      const auto read = range(word, minute_of_day);
      if (!read || word.find('-') == word.npos || read->first == read->last) return wrong;
      times = *read;
    }
    if (!next_word(span).empty()) return wrong;
    if (times.last < times.first) times.last += minutes_a_day;  // beyond midnight
    if (days.last < days.first) days.last += 7;
    for (int day = days.first; day <= days.last; ++day)
      for (int minute = times.first; minute < times.last; ++minute)
        hours.open_[static_cast<std::size_t>((day * minutes_a_day + minute) % minutes_a_week)] = true;
  }
  return hours;
}

namespace {

// 1970-01-01 was a Thursday.
int minute_of_week(UtcTime time) {
  constexpr std::int64_t to_thursday = 3 * minutes_a_day, week = 7 * minutes_a_day;
  const std::int64_t since_epoch = std::chrono::floor<minutes>(time.time_since_epoch()).count();
  return static_cast<int>(((since_epoch + to_thursday) % week + week) % week);
}

}  // namespace

bool Hours::contain(UtcTime time) const {
  return open_[static_cast<std::size_t>(minute_of_week(time))];
}

UtcTime Hours::end_of(UtcTime time) const {
  const int now = minute_of_week(time);
  for (int ahead = 1; ahead < minutes_a_week; ++ahead)
    if (!open_[static_cast<std::size_t>((now + ahead) % minutes_a_week)])
      return std::chrono::floor<minutes>(time) + minutes(ahead);
  return never;
}

}  // namespace srs::access

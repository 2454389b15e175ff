#include "cli/merged_lines.h"

#include <fmt/format.h>

#include <limits>

namespace srs::cli {
namespace {

constexpr std::size_t max_name_bytes = 64;  // of a cause, and of an address
constexpr auto flooded = std::numeric_limits<std::uint32_t>::max();

// "4,211"
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace

MergedLines::Held& MergedLines::held(const Cause& cause) {
  const std::string_view name = cause.name.substr(0, max_name_bytes);
  const auto found = causes_.find(name);
  if (found != causes_.end()) return found->second;
  return causes_.size() < max_causes ? causes_[std::string(name)] : causes_["others"];
}

bool MergedLines::count(const Cause& cause) {
  const std::lock_guard lock(mutex_);
  Held& held = this->held(cause);
  if (held.pending == 0) return true;
  ++held.pending;
  held.last_from = cause.from.substr(0, max_name_bytes);
  return false;
}

// Another thread may have come between count() and add(): then this line is only counted.
std::optional<MergedLines::Line> MergedLines::add(const Cause& cause, Line line) {
  const auto now = now_();
  const std::lock_guard lock(mutex_);
  Held& held = this->held(cause);
  const bool is_first = held.written == 0 || (held.pending == 0 && now >= held.until);
  if (is_first) {
    held.written = 1;
    held.until = now + window;
    return line;
  }
  if (held.pending == 0 && held.written < cause.burst) {
    ++held.written;
    return line;
  }
  if (held.pending++ == 0) {
    held.line = std::move(line);
    if (held.line.text.size() > max_line_bytes) held.line.text.resize(max_line_bytes);
  }
  held.last_from = cause.from.substr(0, max_name_bytes);
  return std::nullopt;
}

MergedLines::Line MergedLines::sum_up(const Held& held) {
  if (held.pending == 1) return held.line;
  const std::string from = held.last_from.empty() ? "" : "; last from " + held.last_from;
  return {held.line.level, fmt::format("{} (and {} more in {} s{})", held.line.text,
                                       grouped(held.pending - 1), window.count(), from)};
}

std::vector<MergedLines::Line> MergedLines::pop_until(Clock::time_point time) {
  std::vector<Line> lines;
  const std::lock_guard lock(mutex_);
  for (auto at = causes_.begin(); at != causes_.end();) {
    Held& held = at->second;
    if (held.until > time) {
      ++at;
    } else if (held.pending == 0) {
      at = causes_.erase(at);
    } else {
      lines.push_back(sum_up(held));
      held.until += window;
      held.pending = 0;
      held.written = flooded;
      held.line = {};
      ++at;
    }
  }
  return lines;
}

std::vector<MergedLines::Line> MergedLines::pop_due() {
  return pop_until(now_());
}

std::vector<MergedLines::Line> MergedLines::pop_all() {
  return pop_until(Clock::time_point::max());
}

std::optional<MergedLines::Clock::time_point> MergedLines::next_due() const {
  const std::lock_guard lock(mutex_);
  std::optional<Clock::time_point> next;
  for (const auto& [name, held] : causes_)
    if (held.pending > 0 && (!next || held.until < *next)) next = held.until;
  return next;
}

}  // namespace srs::cli

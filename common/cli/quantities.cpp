#include "cli/quantities.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <iterator>
#include <optional>

namespace srs::cli {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// A decimal number and one of the units behind it.
template <std::size_t N>
std::optional<double> parse_with_unit(const std::string& text, const Unit (&units)[N]) {
  if (text.empty() || !(std::isdigit(static_cast<unsigned char>(text[0])) || text[0] == '.'))
    return std::nullopt;
  std::size_t end = 0;
  double number = 0;
  try {
    number = std::stod(text, &end);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  for (const Unit& unit : units)
    if (text.substr(end) == unit.name) return number * unit.factor;
  return std::nullopt;
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
  static constexpr Unit units[] = {{"", 1000},      {"ms", 1},        {"s", 1000},      {"m", 60'000},
                                   {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  const auto value = parse_with_unit(text, units);
  if (!value || *value > 1e15)
    return Error{Errc::usage, fmt::format("'{}' is not a duration (examples: 350ms, 5s, 2m)", text)};
  return std::chrono::milliseconds(std::llround(*value));
}

Result<std::uint64_t> parse_size(const std::string& text) {
  static constexpr double k = 1024;
  static constexpr Unit units[] = {{"", 1},        {"B", 1},         {"k", k},          {"K", k},
                                   {"kB", k},      {"KiB", k},       {"M", k * k},      {"MB", k * k},
                                   {"MiB", k * k}, {"G", k * k * k}, {"GB", k * k * k}, {"GiB", k * k * k}};
  const auto value = parse_with_unit(text, units);
  if (!value || *value > 1e18)
    return Error{Errc::usage, fmt::format("'{}' is not a size (examples: 64k, 8M, 1G)", text)};
  return static_cast<std::uint64_t>(std::llround(*value));
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count % 1000 != 0 && count < 1000) return fmt::format("{}ms", count);
  if (count % 1000 != 0) return fmt::format("{}s", static_cast<double>(count) / 1000);
  if (count >= 3'600'000 && count % 3'600'000 == 0) return fmt::format("{}h", count / 3'600'000);
  if (count >= 120'000 && count % 60'000 == 0) return fmt::format("{}m", count / 60'000);
  return fmt::format("{}s", count / 1000);
}

std::string format_size(std::uint64_t bytes) {
  static constexpr std::string_view units[] = {"", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && bytes % 1024 == 0 && unit + 1 < std::size(units); ++unit) bytes /= 1024;
  return fmt::format("{}{}", bytes, units[unit]);
}

}  // namespace srs::cli

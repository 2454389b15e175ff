// The parameters of a "test:" URL.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "cli/did_you_mean.h"
#include "cli/quantities.h"
#include "net/url.h"
#include "srs-ingest/test_source/test_source.h"

namespace srs::ingest {
namespace {

const std::vector<std::string> known_keys{"size",  "rate",  "bitrate", "gop",
                                          "video", "audio", "tone",    "duration"};

Error bad_value(const std::string& key, const std::string& value, const std::string& wanted) {
  return {Errc::usage, fmt::format("test: {}={} is not {}", key, value, wanted)};
}

Result<void> set_number(const std::string& key, const std::string& value, int least, int most, int& to) {
  int number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < least || number > most)
    return bad_value(key, value, fmt::format("a number from {} to {}", least, most));
  to = number;
  return {};
}

Result<void> set_size(const std::string& value, TestSettings& settings) {
  static constexpr const char* wanted = "a picture size like 1280x720 (even numbers, 64x64 to 7680x4320)";
  const auto cross = value.find('x');
  int width = 0, height = 0;
  if (cross == value.npos || !set_number("size", value.substr(0, cross), 64, 7680, width) ||
      !set_number("size", value.substr(cross + 1), 64, 4320, height) || width % 2 || height % 2)
    return bad_value("size", value, wanted);
  settings.width = width;
  settings.height = height;
  return {};
}

// Bit rates count in thousands, unlike sizes: "2500k", "2.5M", "800000".
Result<void> set_bitrate(const std::string& value, std::int64_t& to) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(value.data() + value.size() - end));
  const double factor = unit.empty()                 ? 1
                        : unit == "k" || unit == "K" ? 1e3
                        : unit == "M" || unit == "m" ? 1e6
                                                     : 0;
  const double bits = number * factor;
  if (error != std::errc{} || !(bits >= 10e3 && bits <= 200e6))
    return bad_value("bitrate", value, "a bit rate from 10k to 200M");
  to = static_cast<std::int64_t>(bits);
  return {};
}

Result<void> set_switch(const std::string& key, const std::string& value, bool& to) {
  if (value != "on" && value != "off") return bad_value(key, value, "on or off");
  to = value == "on";
  return {};
}

Result<std::chrono::milliseconds> positive_duration(const std::string& key, const std::string& value,
                                                    std::chrono::milliseconds most) {
  const auto duration = cli::parse_duration(value);
  if (!duration || duration->count() <= 0 || *duration > most)
    return bad_value(key, value, fmt::format("a duration up to {}", cli::format_duration(most)));
  return *duration;
}

Result<void> set(const std::string& key, const std::string& value, TestSettings& settings) {
  if (key == "size") return set_size(value, settings);
  if (key == "rate") return set_number(key, value, 1, 240, settings.rate);
  if (key == "bitrate") return set_bitrate(value, settings.bitrate);
  if (key == "video") return set_switch(key, value, settings.video);
  if (key == "audio") return set_switch(key, value, settings.audio);
  if (key == "tone") return set_number(key, value, 1, 20'000, settings.tone_hz);
  if (key == "gop") {
    auto duration = positive_duration(key, value, std::chrono::minutes(1));
    if (!duration) return std::move(duration).error();
    settings.gop = *duration;
    return {};
  }
  if (key == "duration") {
    auto duration = positive_duration(key, value, std::chrono::hours(24 * 365));
    if (!duration) return std::move(duration).error();
    settings.duration = *duration;
    return {};
  }
  return Error{Errc::usage, fmt::format("test: there is no parameter '{}' (known: {}){}", key,
                                        fmt::join(known_keys, ", "), cli::did_you_mean(key, known_keys))};
}

}  // namespace

Result<TestSettings> parse_test_url(const std::string& url) {
  std::string_view rest = url;
  if (!rest.starts_with("test:")) return Error{Errc::usage, fmt::format("'{}' is no test: URL", url)};
  rest.remove_prefix(5);
  if (rest.starts_with("//")) rest.remove_prefix(2);
  TestSettings settings;
  if (rest.empty()) return settings;
  if (rest[0] != '?')
    return Error{Errc::usage, fmt::format("'{}': behind test: stand only parameters, like "
                                          "test:?size=1280x720&rate=30&bitrate=2500k",
                                          url)};
  for (const auto& [key, value] : net::parse_query(rest.substr(1)))
    if (auto done = set(key, value, settings); !done) return std::move(done).error();
  if (!settings.video && !settings.audio)
    return Error{Errc::usage, "test: video=off and audio=off leave nothing"};
  return settings;
}

}  // namespace srs::ingest

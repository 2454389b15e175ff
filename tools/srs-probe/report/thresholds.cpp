#include "srs-probe/report/thresholds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/did_you_mean.h"
#include "cli/quantities.h"
#include "srs-probe/report/findings.h"

namespace srs::probe {

enum class Unit { milliseconds, number, bits_per_second };

struct Metric {
  std::string_view name;
  Unit unit;
  std::optional<double> (*of)(const Stream&);
};

namespace {

template <class Value>
std::optional<double> largest_of(const Stream& stream, Value value) {
  std::optional<double> largest;
  for (const Track& track : stream.tracks())
    largest = std::max(largest.value_or(0), static_cast<double>(value(track)));
  return largest;
}

std::optional<double> of_video(const Stream& stream, double (*value)(const Track&)) {
  const Track* video = stream.first(TrackKind::video);
  return video ? std::optional(value(*video)) : std::nullopt;
}

std::optional<double> optional_ms(std::optional<WallMs> wall) {
  return wall ? std::optional(static_cast<double>(*wall)) : std::nullopt;
}

std::optional<double> missing_tracks(const Stream& stream) {
  double missing = 0;
  for (const Track& track : stream.tracks()) missing += is_missing(stream, track) ? 1 : 0;
  for (const TrackKind kind : {TrackKind::video, TrackKind::audio})
    missing += is_missing(stream, kind) ? 1 : 0;
  return missing;
}

std::optional<double> findings_of(const Stream& stream, Severity severity) {
  const auto findings = find_faults(stream);
  return static_cast<double>(std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.severity == severity;
  }));
}

const Metric metrics[] = {
    {"gap", Unit::milliseconds,
     [](const Stream& stream) {
       return largest_of(stream, [&](const Track& track) { return stream.gaps(track).largest().length_ms; });
     }},
    {"skew", Unit::milliseconds,
     [](const Stream& stream) {
       return stream.skew().known() ? std::optional(std::abs(stream.skew().worst_ms())) : std::nullopt;
     }},
    {"no-key-frame", Unit::milliseconds,
     [](const Stream& stream) {
       return of_video(stream, [](const Track& video) {
         return static_cast<double>(video.gops().longest_without().length_ms);
       });
     }},
    {"late-start", Unit::milliseconds,
     [](const Stream& stream) {
       return largest_of(stream, [&](const Track& track) { return stream.late_ms(track); });
     }},
    {"silence", Unit::milliseconds,
     [](const Stream& stream) { return std::optional(static_cast<double>(stream.longest_silence())); }},
    {"first-key-frame", Unit::milliseconds,
     [](const Stream& stream) { return optional_ms(stream.first_key_frame()); }},
    {"duration", Unit::milliseconds,
     [](const Stream& stream) { return std::optional(stream.duration_ms()); }},
    {"fps", Unit::number,
     [](const Stream& stream) {
       return of_video(stream, [](const Track& video) { return video.frame_rate(); });
     }},
    {"bitrate", Unit::bits_per_second,
     [](const Stream& stream) { return std::optional(stream.average_bps()); }},
    {"peak-bitrate", Unit::bits_per_second,
     [](const Stream& stream) { return std::optional(stream.peak_bps()); }},
    {"gaps", Unit::number,
     [](const Stream& stream) {
       return largest_of(stream, [&](const Track& track) { return stream.gaps(track).count(); });
     }},
    {"backward-jumps", Unit::number,
     [](const Stream& stream) {
       return largest_of(stream, [](const Track& track) { return track.timing().backward().count(); });
     }},
    {"discontinuities", Unit::number,
     [](const Stream& stream) { return std::optional(static_cast<double>(stream.discontinuities())); }},
    {"missing-tracks", Unit::number, &missing_tracks},
    {"errors", Unit::number, [](const Stream& stream) { return findings_of(stream, Severity::error); }},
    {"warnings", Unit::number, [](const Stream& stream) { return findings_of(stream, Severity::warning); }},
    {"corrupt", Unit::number,
     [](const Stream& stream) {
       return largest_of(stream, [](const Track& track) { return track.corrupt(); });
     }},
};

// "24", "29.97"; with factors of 1000: "6M".
std::optional<double> parse_number(const std::string& text, bool with_factor) {
  try {
    std::size_t end = 0;
    const double number = std::stod(text, &end);
    const std::string unit = text.substr(end);
    if (unit.empty()) return number;
    if (with_factor && (unit == "k" || unit == "K")) return number * 1e3;
    if (with_factor && unit == "M") return number * 1e6;
  } catch (const std::exception&) {
  }
  return std::nullopt;
}

std::optional<double> parse_limit(const std::string& text, Unit unit) {
  if (unit != Unit::milliseconds) return parse_number(text, unit == Unit::bits_per_second);
  const auto duration = cli::parse_duration(text);
  return duration ? std::optional(static_cast<double>(duration->count())) : std::nullopt;
}

std::string display(double value, Unit unit) {
  switch (unit) {
    case Unit::milliseconds:
      return length(value);
    case Unit::bits_per_second:
      return fmt::format("{:.0f} kbit/s", value / 1000);
    case Unit::number:
      break;
  }
  return fmt::format("{:g}", value);
}

}  // namespace

std::string metric_names() {
  std::string names;
  for (const Metric& metric : metrics) names += fmt::format("{}{}", names.empty() ? "" : ", ", metric.name);
  return names;
}

Result<Threshold> Threshold::parse(const std::string& expression) {
  const auto wrong = [&](std::string_view why) {
    return Error{Errc::usage, fmt::format("'{}' is not a threshold (like gap>1s): {}", expression, why)};
  };
  const std::size_t operation = expression.find_first_of("<>");
  if (operation == std::string::npos) return wrong("it has no < or >");
  const std::string name = expression.substr(0, operation);
  const auto metric = std::find_if(std::begin(metrics), std::end(metrics),
                                   [&](const Metric& known) { return known.name == name; });
  if (metric == std::end(metrics)) {
    std::vector<std::string> names;
    for (const Metric& known : metrics) names.emplace_back(known.name);
    return wrong("the metrics are " + metric_names() + cli::did_you_mean(name, names));
  }
  const bool or_equal = expression.substr(operation + 1).starts_with('=');
  const auto limit = parse_limit(expression.substr(operation + (or_equal ? 2 : 1)), metric->unit);
  if (!limit) return wrong("the limit cannot be read");
  Threshold threshold;
  threshold.expression_ = expression;
  threshold.metric_ = metric;
  threshold.limit_ = *limit;
  if (expression[operation] == '<')
    threshold.comparison_ = or_equal ? Comparison::less_or_equal : Comparison::less;
  else
    threshold.comparison_ = or_equal ? Comparison::greater_or_equal : Comparison::greater;
  return threshold;
}

bool Threshold::holds(double value) const {
  switch (comparison_) {
    case Comparison::less:
      return value < limit_;
    case Comparison::less_or_equal:
      return value <= limit_;
    case Comparison::greater:
      return value > limit_;
    case Comparison::greater_or_equal:
      return value >= limit_;
  }
  return false;
}

std::optional<std::string> Threshold::crossed_by(const Stream& stream) const {
  const auto value = metric_->of(stream);
  if (!value || !holds(*value)) return std::nullopt;
  return fmt::format("{} is {}: {}", metric_->name, display(*value, metric_->unit), expression_);
}

}  // namespace srs::probe

#include "admin/prometheus_text.h"

#include <fmt/format.h>

#include <cmath>

namespace srs::admin {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

// Backslash, quote and line feed; in help texts the quote stays.
void append_escaped(std::string& to, std::string_view text, bool is_label) {
  for (const char c : text) {
    if (c == '\\' || (is_label && c == '"')) to += '\\';
    if (c == '\n') {
      to += "\\n";
    } else {
      to += c;
    }
  }
}

}  // namespace

void PrometheusText::family(std::string_view name, Kind kind, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} ", name);
  append_escaped(text_, help, false);
  const std::string_view type = kind == Kind::counter ? "counter"
                                : kind == Kind::gauge ? "gauge"
                                                      : "histogram";
  text_ += fmt::format("\n# TYPE {} {}\n", name, type);
}

void PrometheusText::sample(Labels labels, double value) {
  line("", labels, nullptr, value);
}

void PrometheusText::single(std::string_view name, Kind kind, std::string_view help, double value) {
  family(name, kind, help);
  sample({}, value);
}

void PrometheusText::line(std::string_view suffix, Labels labels, const Label* more, double value) {
  text_ += name_;
  text_ += suffix;
  bool is_first = true;
  const auto add = [&](const Label& label) {
    text_ += is_first ? "{" : ",";
    is_first = false;
    text_ += label.first;
    text_ += "=\"";
    append_escaped(text_, label.second, true);
    text_ += '"';
  };
  for (const Label& label : labels) add(label);
  if (more != nullptr) add(*more);
  if (!is_first) text_ += '}';
  text_ += ' ';
  text_ += number(value);
  text_ += '\n';
}

void PrometheusText::histogram(Labels labels, std::span<const double> bounds,
                               std::span<const std::uint64_t> counts, double sum) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const std::string bound = i < bounds.size() ? number(bounds[i]) : "+Inf";
    const Label le("le", bound);
    line("_bucket", labels, &le, static_cast<double>(total));
  }
  line("_sum", labels, nullptr, sum);
  line("_count", labels, nullptr, static_cast<double>(total));
}

}  // namespace srs::admin

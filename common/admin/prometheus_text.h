// PrometheusText: metrics in Prometheus' text format, version 0.0.4.
//
//   text.family("srs_players", Kind::gauge, "Players that are connected now.");
//   text.sample({{"stream", "live/cam1"}}, 12);
//
// A family is declared once, and its samples follow immediately. A value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace srs::admin {

inline constexpr std::string_view prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

class PrometheusText {
 public:
  enum class Kind { counter, gauge, histogram };
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  void family(std::string_view name, Kind kind, std::string_view help);
  void sample(Labels labels, double value);
  // A family of one sample without labels.
  void single(std::string_view name, Kind kind, std::string_view help, double value);
  // bounds: upper bounds in order, without +Inf; counts: of each bucket alone, and one more for values
  // beyond.
  void histogram(Labels labels, std::span<const double> bounds, std::span<const std::uint64_t> counts,
                 double sum);

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, Labels labels, const Label* more, double value);

  std::string text_;
  std::string name_;
};

}  // namespace srs::admin

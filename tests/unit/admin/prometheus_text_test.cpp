#include "admin/prometheus_text.h"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <string>

using srs::admin::PrometheusText;
using Kind = PrometheusText::Kind;

TEST_CASE("families and samples, with labels that need escaping") {
  PrometheusText text;
  text.family("srs_players", Kind::gauge, "Players, \"now\".\nA \\ line.");
  text.sample({{"stream", "live/\"a\"\\b\nc"}, {"x", ""}}, 12);
  text.sample({}, 0.5);
  text.single("srs_x_total", Kind::counter, "X.", std::numeric_limits<double>::infinity());
  CHECK(text.text() ==
        "# HELP srs_players Players, \"now\".\\nA \\\\ line.\n"
        "# TYPE srs_players gauge\n"
        "srs_players{stream=\"live/\\\"a\\\"\\\\b\\nc\",x=\"\"} 12\n"
        "srs_players 0.5\n"
        "# HELP srs_x_total X.\n"
        "# TYPE srs_x_total counter\n"
        "srs_x_total +Inf\n");
}

TEST_CASE("counters are exact up to 2^53, as far as Prometheus counts") {
  for (const int bits : {31, 32, 53}) {
    const std::uint64_t bound = std::uint64_t{1} << bits;
    for (const std::uint64_t value : {bound - 1, bound}) {
      PrometheusText text;
      text.single("b", Kind::counter, "B.", static_cast<double>(value));
      CHECK(std::stod(text.text().substr(text.text().rfind(' '))) == static_cast<double>(value));
      CHECK(text.text().find(' ' + std::to_string(value)) != std::string::npos);
    }
  }
}

TEST_CASE("a histogram is cumulative, and ends with the total") {
  PrometheusText text;
  text.family("h", Kind::histogram, "H.");
  const std::array<double, 2> bounds{0.1, 1};
  const std::array<std::uint64_t, 3> counts{2, 0, 3};
  text.histogram({{"a", "b"}}, bounds, counts, 30.5);
  CHECK(text.text() ==
        "# HELP h H.\n"
        "# TYPE h histogram\n"
        "h_bucket{a=\"b\",le=\"0.1\"} 2\n"
        "h_bucket{a=\"b\",le=\"1\"} 2\n"
        "h_bucket{a=\"b\",le=\"+Inf\"} 5\n"
        "h_sum{a=\"b\"} 30.5\n"
        "h_count{a=\"b\"} 5\n");
}

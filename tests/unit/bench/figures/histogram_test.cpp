#include "srs-bench/figures/histogram.h"

#include <doctest/doctest.h>

#include <cstdint>

using namespace srs::bench;
using std::chrono::microseconds;

TEST_CASE("an empty histogram is all zeros") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.percentile(0.99).count() == 0);
}

TEST_CASE("small values are exact") {
  Histogram histogram;
  for (int i = 1; i <= 50; ++i) histogram.add(microseconds(i));
  CHECK(histogram.percentile(0.5).count() == 25);
  CHECK(histogram.percentile(1).count() == 50);
  CHECK(histogram.percentile(0).count() == 1);
  histogram.add(microseconds(-5));
  CHECK(histogram.percentile(0).count() == 0);
}

TEST_CASE("large values are right to 1.6 percent, the maximum exactly") {
  for (std::int64_t value = 64; value < 4'000'000'000; value = value * 5 / 3 + 1) {
    Histogram histogram;
    histogram.add(microseconds(value));
    histogram.add(microseconds(4'100'000'000));
    const auto found = histogram.percentile(0.5).count();
    CHECK(found >= value);
    CHECK(static_cast<double>(found) <= static_cast<double>(value) * 1.016);
    CHECK(histogram.max().count() == 4'100'000'000);
  }
}

TEST_CASE("values beyond the last bucket stay in it") {
  Histogram histogram;
  histogram.add(microseconds(INT64_MAX));
  CHECK(histogram.count() == 1);
  CHECK(histogram.percentile(0.5).count() > 4'000'000'000);
}

TEST_CASE("histograms add up") {
  Histogram one, other;
  for (int i = 0; i < 90; ++i) one.add(microseconds(10));
  for (int i = 0; i < 10; ++i) other.add(microseconds(1000));
  one.add(other);
  CHECK(one.count() == 100);
  CHECK(one.percentile(0.9).count() == 10);
  CHECK(one.percentile(0.91).count() >= 1000);
  CHECK(one.max().count() == 1000);
}

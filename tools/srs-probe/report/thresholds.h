// Thresholds: --fail-if EXPR, for monitoring. EXPR is METRIC OP LIMIT: "gap>1s", "fps<24", "bitrate>6M".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "srs-probe/streams/stream.h"

namespace srs::probe {

struct Metric;

class Threshold {
 public:
  static Result<Threshold> parse(const std::string& expression);

  // A sentence if the stream exceeds the limit. A value that the stream does not have (the frame rate of
  // audio) exceeds nothing.
  std::optional<std::string> crossed_by(const Stream& stream) const;

 private:
  enum class Comparison { less, less_or_equal, greater, greater_or_equal };

  bool holds(double value) const;

  std::string expression_;
  const Metric* metric_ = nullptr;
  Comparison comparison_ = Comparison::greater;
  double limit_ = 0;
};

// "gap, skew, ...", for --help and error messages.
std::string metric_names();

}  // namespace srs::probe

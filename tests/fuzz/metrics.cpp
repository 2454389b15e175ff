// An origin's load from its metrics: a sortable number, and the sum of the lines' values.
#include <cmath>

#include "choices.h"
#include "srs-relay/origins/reported_load.h"
#include "target.h"

using namespace srs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  const auto players = relay::players_in_metrics(text);
  std::optional<double> sum;
  for (std::string_view left = text; !left.empty();) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(line.size() + 1, left.size()));
    const auto one = relay::players_in_metrics(line);
    if (!one) continue;
    MUST_HOLD(std::isfinite(*one) && *one >= 0 && *one <= 1e9);
    sum = sum.value_or(0) + *one;
  }
  MUST_HOLD(players == sum);
  return 0;
}

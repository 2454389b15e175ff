// Hours: the times of a week, in UTC: "Mon-Fri 08:00-18:00", "Sat", "22:00-06:00", several with commas
// between them. A value; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "access/question.h"
#include "core/result.h"

namespace srs::access {

class Hours {
 public:
  // Errors say what is wrong.
  static Result<Hours> parse(std::string_view text);

  bool contain(UtcTime time) const;
  // The end of the span that contains the time: `never` if there is no end within a week.
  UtcTime end_of(UtcTime time) const;

 private:
  static constexpr int minutes_a_week = 7 * 24 * 60;

  // Each minute of a week, from Monday 00:00 on.
  std::vector<bool> open_ = std::vector<bool>(minutes_a_week);
};

}  // namespace srs::access

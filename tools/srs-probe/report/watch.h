// Watch: one line per second and stream, while the probe runs.
#pragma once

#include <map>
#include <string>

#include "srs-probe/streams/stream.h"

namespace srs::probe {

class Watch {
 public:
  explicit Watch(bool json) : json_(json) {}

  // The lines for the interval since the last call; empty without streams. now: wall time. interval_ms: the
  // interval's duration.
  std::string lines(const StreamList& streams, WallMs now, double interval_ms);
  // The stream is about to be removed.
  void forget(const Stream& stream) { before_.erase(&stream); }

 private:
  struct Totals {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t gaps = 0;
    std::uint64_t backward = 0;
  };
  struct Second {
    double fps = 0;
    double bps = 0;
    std::uint64_t gaps = 0;
    std::uint64_t backward = 0;
  };

  static Totals totals(const Stream& stream);
  std::string line(const Stream& stream, const Second& second, WallMs now) const;
  std::string json_line(const Stream& stream, const Second& second, WallMs now) const;

  const bool json_;
  std::map<const Stream*, Totals> before_;
};

}  // namespace srs::probe

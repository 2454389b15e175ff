// Watch: a line a second and stream, while the probe runs.
#pragma once

#include <map>
#include <string>

#include "stream.h"

namespace srs::probe {

class Watch {
 public:
  explicit Watch(bool json) : json_(json) {}

  // The lines of the interval since the last call, "" if there is no stream yet. now: wall time;
  // interval_ms: how long the interval was.
  std::string lines(const StreamList& streams, WallMs now, double interval_ms);
  // The stream is no more.
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

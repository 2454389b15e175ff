#include "srs-probe/report/watch.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/log.h"
#include "srs-probe/report/findings.h"

namespace srs::probe {

Watch::Totals Watch::totals(const Stream& stream) {
  Totals totals;
  totals.bytes = stream.bytes();
  const Track* main = stream.first(TrackKind::video);
  if (main == nullptr) main = stream.first(TrackKind::audio);
  if (main != nullptr) totals.frames = main->frames();
  for (const Track& track : stream.tracks()) {
    totals.gaps += track.timing().gaps().count();
    totals.backward += track.timing().backward().count();
  }
  return totals;
}

std::string Watch::lines(const StreamList& streams, WallMs now, double interval_ms) {
  std::string lines;
  for (const Stream& stream : streams) {
    const Totals after = totals(stream);
    const Totals before = std::exchange(before_[&stream], after);
    if (stream.end() != StreamEnd::open && after.bytes == before.bytes) continue;
    const Second second{static_cast<double>(after.frames - before.frames) * 1000 / interval_ms,
                        static_cast<double>(after.bytes - before.bytes) * 8000 / interval_ms,
                        after.gaps - before.gaps, after.backward - before.backward};
    lines += json_ ? json_line(stream, second, now) : line(stream, second, now);
  }
  return lines;
}

std::string Watch::line(const Stream& stream, const Second& second, WallMs now) const {
  std::string text = fmt::format("{}  {}  {:.1f} frames/s  {:.0f} kbit/s", position(now),
                                 cli::printable(stream.info().path), second.fps, second.bps / 1000);
  if (const Track* video = stream.first(TrackKind::video);
      video != nullptr && video->gops().frames().count() > 0)
    text +=
        fmt::format("  GOP {} frames, {} ms", video->gops().last_gop_frames(), video->gops().last_gop_ms());
  if (stream.skew().known()) text += fmt::format("  skew {:+.0f} ms", stream.skew().last_ms());
  text += fmt::format("  gaps {}", second.gaps);
  if (second.backward > 0) text += fmt::format("  backward jumps {}", second.backward);
  if (second.fps == 0) text += "  NO MEDIA";
  return text + "\n";
}

std::string Watch::json_line(const Stream& stream, const Second& second, WallMs now) const {
  nlohmann::ordered_json json = {{"type", "watch"},
                                 {"time_ms", now},
                                 {"path", cli::printable(stream.info().path)},
                                 {"frame_rate", std::round(second.fps * 10) / 10},
                                 {"bit_rate_bps", std::llround(second.bps)},
                                 {"gop_frames", nullptr},
                                 {"gop_ms", nullptr},
                                 {"av_skew_ms", nullptr},
                                 {"gaps", second.gaps},
                                 {"backward_jumps", second.backward}};
  if (const Track* video = stream.first(TrackKind::video);
      video != nullptr && video->gops().frames().count() > 0) {
    json["gop_frames"] = video->gops().last_gop_frames();
    json["gop_ms"] = video->gops().last_gop_ms();
  }
  if (stream.skew().known()) json["av_skew_ms"] = std::round(stream.skew().last_ms() * 10) / 10;
  return json.dump() + "\n";
}

}  // namespace srs::probe

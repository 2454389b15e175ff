#include "srs-probe/report/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace srs::probe {
namespace {

// From these values on viewers notice a fault.
constexpr double skew_warning_ms = 200;
constexpr double skew_error_ms = 1000;
constexpr std::int64_t gap_error_ms = 1000;
constexpr std::int64_t no_key_frame_warning_ms = 10'000;
constexpr std::int64_t late_warning_ms = 1'000;
constexpr std::int64_t late_error_ms = 5'000;
// An announced track may be this late.
constexpr double missing_after_ms = 2'000;

std::string name_of(TrackKind kind) {
  return kind == TrackKind::video ? "video" : "audio";
}

class Faults {
 public:
  explicit Faults(const Stream& stream) : stream_(stream) {}

  std::vector<Finding> find() {
    if (!stream_.has_media()) add("no-media", Severity::error, "no media came");
    if (stream_.end() == StreamEnd::lost)
      add("broken-off", Severity::error, "the input broke off before the stream ended");
    for (const Track& track : stream_.tracks()) judge(track);
    for (const TrackKind kind : {TrackKind::video, TrackKind::audio}) judge_announced(kind);
    judge_skew();
    if (stream_.discontinuities() > 0)
      add("discontinuity", Severity::warning,
          fmt::format("the source was lost and came back {}", times(stream_.discontinuities())));
    return std::move(findings_);
  }

 private:
  static std::string times(std::uint64_t count) {
    return count == 1 ? "once" : fmt::format("{} times", count);
  }

  void add(std::string code, Severity severity, std::string text) {
    findings_.push_back({std::move(code), severity, std::move(text)});
  }
  std::string at(std::int64_t timestamp_ms) const { return position(timestamp_ms - stream_.first_ms()); }

  void judge(const Track& track) {
    const std::string kind = name_of(track.kind());
    const std::string label = track.id() == 0 ? kind : fmt::format("{} track {}", kind, track.id());
    if (is_missing(stream_, track))
      add(kind + "-missing", Severity::error,
          fmt::format("{} is announced and brings no frames: players may wait for it", label));
    judge_start(track, kind, label);
    judge_timing(track, kind, label);
    if (track.corrupt() > 0)
      add("corrupt-" + kind, Severity::error,
          fmt::format("{} corrupt {} {}, the first at {}: {}", track.corrupt(), label,
                      track.corrupt() == 1 ? "message" : "messages", at(track.first_corrupt_ms()),
                      track.first_corrupt()));
    if (track.sequence_header_changes() > 0)
      add(kind + "-configuration-change", Severity::warning,
          fmt::format("the {} configuration changed {}", label, times(track.sequence_header_changes())));
    if (track.in_band_changes() > 0)
      add(kind + "-configuration-change", Severity::warning,
          fmt::format("the {} configuration changed {} within its pictures, without a sequence header", label,
                      times(track.in_band_changes())));
    if (track.is_video() && track.frames() > 0) judge_key_frames(track, label);
  }

  // A track that only the metadata announces.
  void judge_announced(TrackKind kind) {
    if (is_missing(stream_, kind))
      add(name_of(kind) + "-missing", Severity::error,
          fmt::format("the metadata announces {}, and there is none: players may wait for it",
                      name_of(kind)));
  }

  void judge_start(const Track& track, const std::string& kind, const std::string& label) {
    if (track.lacks_header())
      add(kind + "-no-header", Severity::error,
          fmt::format("{} has no sequence header: players cannot decode it", label));
    const std::int64_t late_ms = stream_.late_ms(track);
    if (late_ms >= late_warning_ms)
      add(kind + "-late", late_ms >= late_error_ms ? Severity::error : Severity::warning,
          fmt::format("{} begins {} after {}", label, length(static_cast<double>(late_ms)),
                      track.is_video() ? "audio" : "video"));
  }

  void judge_timing(const Track& track, const std::string& kind, const std::string& label) {
    if (const auto stopped = stream_.stopped(track))
      add(kind + "-gap", Severity::error,
          fmt::format("{} stopped at {}, {} before the end", label, at(stopped->at_ms),
                      length(static_cast<double>(stopped->length_ms))));
    if (const JumpList& gaps = track.timing().gaps(); gaps.count() > 0) {
      const Jump& largest = gaps.largest();
      const auto severity = largest.length_ms >= gap_error_ms ? Severity::error : Severity::warning;
      const std::string what =
          fmt::format("gap of {} at {}", length(static_cast<double>(largest.length_ms)), at(largest.at_ms));
      add(kind + "-gap", severity,
          gaps.count() == 1 ? fmt::format("{} stalls: {}", label, what)
                            : fmt::format("{} stalls {} times: largest {}", label, gaps.count(), what));
    }
    if (const JumpList& back = track.timing().backward(); back.count() > 0)
      add(kind + "-backward-jump", Severity::error,
          fmt::format("{} timestamps go back {}: largest by {} at {}", label, times(back.count()),
                      length(static_cast<double>(back.largest().length_ms)), at(back.largest().at_ms)));
  }

  void judge_key_frames(const Track& track, const std::string& label) {
    const GopMeter& gops = track.gops();
    if (gops.key_frames() == 0) {
      add("no-key-frame", Severity::error,
          fmt::format("{} has no key frame: nobody can start to watch", label));
    } else if (gops.frames_before_first() > 0) {
      add("starts-without-key-frame", Severity::warning,
          fmt::format("{} starts with {} frames that no key frame precedes", label,
                      gops.frames_before_first()));
    }
    if (const Jump longest = gops.longest_without(); longest.length_ms >= no_key_frame_warning_ms)
      add("long-gop", Severity::warning,
          fmt::format("no key frame for {:.0f} s from {} on", static_cast<double>(longest.length_ms) / 1000,
                      at(longest.at_ms)));
    if (track.sequence_headers() > 0 && track.frames_before_header() > 0)
      add("late-configuration", Severity::warning,
          fmt::format("{} frames of {} come before its configuration", track.frames_before_header(), label));
  }

  void judge_skew() {
    const double worst = stream_.skew().worst_ms();
    if (std::abs(worst) < skew_warning_ms) return;
    add("av-skew", std::abs(worst) >= skew_error_ms ? Severity::error : Severity::warning,
        fmt::format("audio and video are {} apart: {} is behind", length(std::abs(worst)),
                    worst > 0 ? "audio" : "video"));
  }

  const Stream& stream_;
  std::vector<Finding> findings_;
};

}  // namespace

bool is_missing(const Stream& stream, const Track& track) {
  return track.frames() == 0 && stream.duration_ms() >= missing_after_ms;
}

bool is_missing(const Stream& stream, TrackKind kind) {
  const bool has_track = std::any_of(stream.tracks().begin(), stream.tracks().end(),
                                     [&](const Track& track) { return track.kind() == kind; });
  return stream.announced(kind) && !has_track && stream.duration_ms() >= missing_after_ms;
}

std::vector<Finding> find_faults(const Stream& stream) {
  return Faults(stream).find();
}

Verdict verdict(const std::vector<Finding>& findings) {
  const bool broken = std::any_of(findings.begin(), findings.end(),
                                  [](const Finding& finding) { return finding.severity == Severity::error; });
  return broken ? Verdict::broken : findings.empty() ? Verdict::healthy : Verdict::degraded;
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return "healthy";
    case Verdict::degraded:
      return "degraded";
    case Verdict::broken:
      return "broken";
  }
  return "?";
}

std::string_view name(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

std::string position(std::int64_t ms) {
  const char* sign = ms < 0 ? "-" : "";
  ms = std::abs(ms);
  return fmt::format("{}{:02}:{:02}:{:02}.{}", sign, ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60,
                     ms / 100 % 10);
}

std::string length(double ms) {
  return ms >= 1000 ? fmt::format("{:.1f} s", ms / 1000) : fmt::format("{:.0f} ms", ms);
}

}  // namespace srs::probe

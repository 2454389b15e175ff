#include <fmt/format.h>

#include <cmath>

#include "cli/log.h"
#include "srs-probe/report/report.h"

namespace srs::probe {
namespace {

// Appends "label      text" below a stream's headline.
void row(std::string& to, std::string_view label, const std::string& text) {
  to += fmt::format("  {:<12} {}\n", label, text);
}

void append(std::string& to, const std::string& text) {
  if (text.empty()) return;
  if (!to.empty()) to += ", ";
  to += text;
}

std::string kbits(double bps) {
  return fmt::format("{:.0f} kbit/s", bps / 1000);
}

std::string jumps_text(const JumpList& list, const Stream& stream) {
  if (list.count() == 0) return "none";
  return fmt::format("{}, largest {} at {}", list.count(),
                     length(static_cast<double>(list.largest().length_ms)),
                     position(list.largest().at_ms - stream.first_ms()));
}

std::string codec_text(const Track& track) {
  const TrackDescription& description = track.description();
  std::string text = description.codec.empty() ? "unknown codec" : description.codec;
  if (!description.profile.empty()) text += " " + description.profile;
  if (!description.level.empty()) text += " level " + description.level;
  if (description.width > 0) append(text, fmt::format("{}x{}", description.width, description.height));
  if (description.bit_depth > 8) append(text, fmt::format("{} bits", description.bit_depth));
  if (description.sample_rate > 0) append(text, fmt::format("{} Hz", description.sample_rate));
  if (description.channels > 0)
    append(text,
           fmt::format("{} {}", description.channels, description.channels == 1 ? "channel" : "channels"));
  if (!description.codec_string.empty()) text += fmt::format(" ({})", description.codec_string);
  return text;
}

std::string rate_text(const Track& track, const Stream& stream) {
  std::string text;
  if (track.is_video()) {
    text = fmt::format("{:.2f} frames/s", track.frame_rate());
    const double declared = stream.declared_frame_rate(track);
    text += declared > 0 ? fmt::format(" (declared {:g})", std::round(declared * 1000) / 1000)
                         : " (none declared)";
  }
  append(text, fmt::format("{}, peak second {}", kbits(track.rate().average_bps(track.duration_ms())),
                           kbits(track.rate().peak_bps())));
  append(text, fmt::format("{} frames", track.frames()));
  return text;
}

std::string gop_text(const GopMeter& gops) {
  if (gops.key_frames() == 0) return "no key frame";
  if (gops.frames().count() == 0)
    return fmt::format("{} key {}, no complete GOP", gops.key_frames(),
                       gops.key_frames() == 1 ? "frame" : "frames");
  return fmt::format("{:.1f} frames ({:.0f} to {:.0f}), {:.0f} ms ({:.0f} to {:.0f}), {} key frames",
                     gops.frames().average(), gops.frames().min(), gops.frames().max(),
                     gops.duration_ms().average(), gops.duration_ms().min(), gops.duration_ms().max(),
                     gops.key_frames());
}

std::string reorder_text(const ReorderMeter& reorder) {
  const std::string frames =
      reorder.reordered() == 0 ? "none" : fmt::format("{} frames", reorder.reordered());
  return fmt::format("{}, composition offset {} to {} ms", frames, reorder.min_offset_ms(),
                     reorder.max_offset_ms());
}

void add_track(std::string& to, const Track& track, const Stream& stream) {
  const std::string kind = track.is_video() ? "video" : "audio";
  row(to, track.id() == 0 ? kind : fmt::format("{} {}", kind, track.id()), codec_text(track));
  if (track.frames() == 0) return row(to, "", "no frames");
  row(to, "", rate_text(track, stream));
  if (track.is_video()) {
    row(to, "  GOP", gop_text(track.gops()));
    row(to, "  B-frames", reorder_text(track.reorder()));
  }
  row(to, "  gaps", jumps_text(stream.gaps(track), stream));
  row(to, "  backward", jumps_text(track.timing().backward(), stream));
  if (track.sequence_headers() > 0)
    row(to, "  headers",
        fmt::format("{} sequence {}, {} {}", track.sequence_headers(),
                    track.sequence_headers() == 1 ? "header" : "headers", track.sequence_header_changes(),
                    track.sequence_header_changes() == 1 ? "change" : "changes"));
  if (track.corrupt() > 0) row(to, "  corrupt", fmt::format("{} messages", track.corrupt()));
}

void add_start(std::string& to, const Report& report, const Stream& stream) {
  if (!report.live) return;
  std::string text;
  if (report.first_byte) append(text, fmt::format("first byte after {} ms", *report.first_byte));
  if (stream.first_media()) append(text, fmt::format("media {} ms", *stream.first_media()));
  if (stream.first_key_frame()) append(text, fmt::format("key frame {} ms", *stream.first_key_frame()));
  if (!text.empty()) row(to, "start", text);
  row(to, "arrival", fmt::format("longest silence {} ms", stream.longest_silence()));
}

void add_stream(std::string& to, const Report& report, const Stream& stream) {
  const auto findings = find_faults(stream);
  const std::string path = stream.info().path.empty() ? report.source : stream.info().path;
  to += fmt::format("{}: {}\n", cli::printable(path), name(verdict(findings)));
  if (!stream.info().origin.empty()) row(to, "origin", cli::printable(stream.info().origin));
  row(to, "media",
      fmt::format("{} from timestamp {} ms on, {}, peak second {}", length(stream.duration_ms()),
                  stream.first_ms(), kbits(stream.average_bps()), kbits(stream.peak_bps())));
  add_start(to, report, stream);
  for (const Track& track : stream.tracks()) add_track(to, track, stream);
  if (stream.skew().known())
    row(to, "A/V skew",
        fmt::format("{:+.0f} ms on average, worst second {:+.0f} ms (+: video ahead)",
                    stream.skew().average_ms(), stream.skew().worst_ms()));
  if (stream.discontinuities() > 0)
    row(to, "seams", fmt::format("{} onDiscontinuity", stream.discontinuities()));
  for (const Finding& finding : findings) row(to, name(finding.severity), finding.text);
}

}  // namespace

std::string as_table(const Report& report) {
  std::string table;
  for (const Stream& stream : *report.streams) {
    if (!table.empty()) table += "\n";
    add_stream(table, report, stream);
  }
  const Forgotten& others = report.forgotten;
  if (others.ended > 0)
    table +=
        fmt::format("\n{} more streams ended before; the worst was {}\n", others.ended, name(others.worst));
  if (others.not_seen > 0)
    table += fmt::format("\n{} more streams were not looked at: too many were on\n", others.not_seen);
  return table;
}

}  // namespace srs::probe

#include "srs-hls/options.h"

#include <fmt/format.h>

#include "media/stream_path.h"
#include "net/url_display.h"
#include "srs-hls/record/record_options.h"

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

// Rejects options that exclude each other, each with what to do instead; empty if all is fine.
std::string combination_error(const Options& options, bool low_latency) {
  const auto& presentation = options.settings.presentation;
  const bool ts = presentation.format == Format::ts;
  const bool has_files = !options.directory.empty() || !options.upload.url.empty();
  const Encryption method = presentation.keys.method;
  if (low_latency && ts) return "--low-latency needs --format fmp4: its parts are fragments of MP4";
  if (low_latency && options.listen.empty())
    return "--low-latency needs --listen: players wait at the server for each part";
  if (low_latency && presentation.rendition.type == PlaylistType::vod)
    return "--low-latency is for live streams, not for --vod";
  if (presentation.demuxed_audio && ts) return "--audio demuxed needs --format fmp4";
  if (method == Encryption::aes_128 && low_latency)
    return "--encrypt aes-128 is for whole segments; with --low-latency use --encrypt sample-aes";
  if (method == Encryption::sample_aes && ts) return "--encrypt sample-aes needs --format fmp4";
  if (method != Encryption::none && presentation.keys.directory.empty() && has_files)
    return "--encrypt with files needs --key-dir: without the keys they could not be played after a restart";
  if (method == Encryption::none && !presentation.keys.directory.empty())
    return "--key-dir is of no use without --encrypt";
  if (presentation.rendition.time_shift.count() > 0 && options.directory.empty())
    return "--time-shift needs DIR: what it keeps does not fit into memory";
  if (presentation.rendition.type != PlaylistType::live && !has_files)
    return "--event and --vod need DIR: what they keep does not fit into memory";
  return {};
}

}  // namespace

OptionReader::OptionReader(cli::CommandLine& command) {
  CLI::App& app = command.app();
  cli::add_argument(app, "DIR", options_.directory,
                    "Where playlists and segments go; made if missing. Without it they stay in memory");
  declare_format(app);
  declare_playlists(app);
  declare_delivery(app);
  declare_encryption(app);
  declare_limits(app);
  add_upload_options(app, options_.upload);
  add_record_options(app, options_.settings.record);
  cli::add_value(app, "--stream", options_.stream, "PATH",
                 "Name of the stream when stdin is plain FLV; of many streams, take this one");
  admin::add_admin_options(app, options_.admin);
  net::add_connection_options(app, options_.connections);
  gate::add_gate_options(app, options_.access, gate::Serves::files);
}

void OptionReader::declare_format(CLI::App& app) {
  auto& presentation = options_.settings.presentation;
  format_ =
      cli::add_choice(app, "--format", presentation.format, {{"ts", Format::ts}, {"fmp4", Format::fmp4}},
                      "Segments as MPEG-TS or fragmented MP4 [default: ts; fmp4 with --low-latency]");
  cli::hide_default(*format_);
  cli::add_flag(app, "--low-latency", low_latency_, "Low-Latency HLS: parts of segments, as fMP4");
  cli::add_duration(app, "--part", part_, "With --low-latency: how long parts are");
  cli::add_choice(app, "--audio", presentation.demuxed_audio, {{"muxed", false}, {"demuxed", true}},
                  "Sound with the picture (muxed) or apart (demuxed)");
  cli::add_duration(app, "--target", options_.settings.cut.target,
                    "Cut at the first key frame after this much");
}

void OptionReader::declare_playlists(CLI::App& app) {
  auto& rendition = options_.settings.presentation.rendition;
  cli::add_number(app, "--window", rendition.window, 1, 100'000, "Segments in a live playlist");
  cli::add_duration(app, "--time-shift", rendition.time_shift,
                    "Keep this much, and serve PATH.m3u8?start=TIME from it");
  CLI::Option* const event =
      cli::add_flag(app, "--event", event_, "Keep everything: a playlist that only grows");
  CLI::Option* const vod =
      cli::add_flag(app, "--vod", vod_, "Keep everything, and write the playlist at the end");
  cli::exclude(*vod, *event);
  cli::add_flag(app, "--ladder", options_.settings.ladder,
                "Streams like cam_1080p and cam_720p are renditions of cam: one multivariant playlist");
}

void OptionReader::declare_delivery(CLI::App& app) {
  cli::add_values(app, "--listen", listen_, "URL", "Serve at http://[ADDR]:PORT (repeatable)");
  cli::add_flag(app, "--share-ports", options_.share_ports,
                "Listen also on ports that another process of these tools has, to take over from it");
  cli::add_value(app, "--state", options_.state, "DIR",
                 "Without DIR: keep the numbers of playlists here, to go on with them after a restart");
  cli::add_duration(app, "--linger", options_.linger,
                    "With --listen: serve on for this long after the input has ended");
}

void OptionReader::declare_encryption(CLI::App& app) {
  auto& keys = options_.settings.presentation.keys;
  cli::add_choice(app, "--encrypt", keys.method,
                  {{"aes-128", Encryption::aes_128}, {"sample-aes", Encryption::sample_aes}},
                  "Encrypt segments; sample-aes is for fmp4 only");
  cli::add_number(app, "--key-every", keys.every, 1, 1'000'000'000, "A new key after this many segments");
  cli::add_value(app, "--key-dir", keys.directory, "KEYS",
                 "Keys are files here, PATH/K.key; those that are missing are made");
  cli::add_value(app, "--key-uri", keys.uri, "URI",
                 "Where players get keys, with {path} and {key} filled in; otherwise from --listen");
}

void OptionReader::declare_limits(CLI::App& app) {
  Limits& limits = options_.settings.limits;
  cli::add_size(app, "--max-segment", limits.segment_bytes, "End a segment at this size, wherever it is");
  stream_memory_ = cli::add_value(app, "--stream-memory", stream_memory_text_, "SIZE",
                                  "What a stream's segments may be together; the oldest go beyond it "
                                  "[default: as --window and --target need]");
  max_memory_ = cli::add_value(app, "--max-memory", max_memory_text_, "SIZE",
                               "What all streams may hold in memory; the largest give up beyond it "
                               "[default: half of this machine's or container's]");
  cli::add_number(app, "--max-streams", limits.streams, 1, 1'000'000,
                  "Package so many streams at a time; others are left out");
  cli::add_duration(
      app, "--keep-ended", limits.keep_ended,
      "Keep what a stream that ended has written for this long, and the length of its playlist");
}

Result<void> OptionReader::read_limits(Options& options) const {
  Limits& limits = options.settings.limits;
  auto& rendition = options.settings.presentation.rendition;
  const auto read = [](const CLI::Option* option, const std::string& text, std::string_view name,
                       std::uint64_t& bytes) -> Result<void> {
    if (!cli::is_given(*option)) return {};
    const auto size = cli::parse_size(text);
    if (!size || *size < (16u << 20))
      return usage_error(fmt::format("{} {}: a size of 16M or more", name, text));
    bytes = *size;
    return {};
  };
  limits.stream_bytes = usual_stream_bytes(rendition.window, options.settings.cut.target);
  limits.memory_bytes = usual_memory_bytes();
  if (auto done = read(stream_memory_, stream_memory_text_, "--stream-memory", limits.stream_bytes); !done)
    return done;
  if (auto done = read(max_memory_, max_memory_text_, "--max-memory", limits.memory_bytes); !done)
    return done;
  if (limits.segment_bytes < (1u << 20) || limits.segment_bytes > (512u << 20))
    return usage_error("--max-segment: from 1M to 512M");
  rendition.bytes_max = limits.stream_bytes;
  options.settings.cut.segment_bytes = limits.segment_bytes;
  return {};
}

Result<void> OptionReader::read_listen(Options& options) const {
  for (const std::string& text : listen_) {
    auto url = net::parse_url(text);
    if (!url) return std::move(url).error().in("--listen");
    if (url->scheme != "http")
      return usage_error(fmt::format("--listen {}: srs-hls serves http://", net::display_url(*url)));
    options.listen.push_back(*std::move(url));
  }
  return options.admin.check();
}

Result<void> OptionReader::read_stream(Options& options) const {
  if (options.stream.empty()) return {};
  auto path = media::parse_stream_path(options.stream);
  if (!path) return usage_error(fmt::format("--stream {}: {}", options.stream, path.error().message));
  options.stream = *std::move(path);
  if (const std::string why = file_name_error(options.stream); !why.empty())
    return usage_error(fmt::format("--stream {}: {}", options.stream, why));
  return {};
}

Result<Options> OptionReader::read() const {
  Options options = options_;
  if (auto read = read_listen(options); !read) return std::move(read).error();
  if (auto read = read_stream(options); !read) return std::move(read).error();
  auto& presentation = options.settings.presentation;
  auto& cut = options.settings.cut;
  if (low_latency_ && !cli::is_given(*format_)) presentation.format = Format::fmp4;
  if (low_latency_) cut.part = part_;
  presentation.rendition.target = cut.target;
  presentation.rendition.in_memory = !options.listen.empty();
  if (event_) presentation.rendition.type = PlaylistType::event;
  if (vod_) presentation.rendition.type = PlaylistType::vod;
  if (cut.target < milliseconds(100) || cut.target > std::chrono::hours(1))
    return usage_error("--target: from 100ms to 1h");
  if (low_latency_ && (part_ < milliseconds(50) || part_ > cut.target))
    return usage_error("--part: from 50ms to --target");
  if (auto read = read_limits(options); !read) return std::move(read).error();
  if (auto finished = finish_upload_options(options.upload); !finished) return std::move(finished).error();
  if (auto finished = finish_record_options(options.settings.record); !finished)
    return std::move(finished).error();
  if (options.directory.empty() && options.listen.empty() && options.upload.url.empty() &&
      options.settings.record.directory.empty())
    return usage_error("where to: name a directory, or serve players by --listen http://:8080");
  if (!options.state.empty() && !options.directory.empty())
    return usage_error("--state is for memory only: what is in DIR is enough to go on");
  if (options.linger > milliseconds(0) && options.listen.empty())
    return usage_error("--linger serves nobody without --listen");
  if (const std::string why = combination_error(options, low_latency_); !why.empty()) return usage_error(why);
  return options;
}

}  // namespace srs::hls

#include "srs-hls/streams/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "flv/payload.h"
#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/mux/ts_muxer.h"

namespace srs::hls {
namespace {

// File names have 255 bytes at most, and may be longer than the stream's: ".NAME_track1.m3u8.tmp".
constexpr std::size_t component_size_max = 230;
constexpr std::uint8_t tracks_max = 8;
// Of a ladder's stream, kept for tracks that appear later.
constexpr std::size_t header_size_max = 1u << 20;
// limit_memory() runs after so many bytes of input, besides once a second.
constexpr std::uint64_t check_after_bytes = 16u << 20;

}  // namespace

// live/x.m3u8/y would need a directory in the place of live/x's playlist.
std::string file_name_error(const std::string& path) {
  for (std::string_view rest = path; !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    const std::string_view component = rest.substr(0, end);
    if (component.size() > component_size_max) return "its name is too long for a file";
    for (const std::string_view suffix : {".m3u8", ".ts", ".m4s", ".mp4", ".key"})
      if (component.ends_with(suffix))
        return fmt::format("a name that ends in {} is that of another stream's file", suffix);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

Streams::Streams(const StreamSettings& settings, std::string only, Places places, Directories directories,
                 const Clock& clock, const cli::Log& log)
    : settings_(settings),
      only_(std::move(only)),
      places_(std::move(places)),
      directories_(directories),
      clock_(clock),
      log_(log) {}

bool Streams::in_use(const std::string& path) const {
  const auto site = sites_.find(path);
  return site != sites_.end() && site->second->stream != nullptr;
}

// live/x/av would have its multivariant playlist in the place of live/x's media playlist.
bool Streams::collides(const std::string& path) const {
  for (const std::string_view name : {"av", "video", "audio"}) {
    if (sites_.contains(fmt::format("{}/{}", path, name))) return true;
    if (path.size() > name.size() && path.ends_with(name) && path[path.size() - name.size() - 1] == '/' &&
        sites_.contains(path.substr(0, path.size() - name.size() - 1)))
      return true;
  }
  return false;
}

bool Streams::refuse(const media::StreamInfo& info) {
  if (const std::string why = file_name_error(info.path); !why.empty()) {
    log_.error_by({"a name that files cannot have", info.origin}, "{}: left out: {}", info.path, why);
  } else if (in_use(info.path)) {
    log_.error_by({"a name that is on", info.origin}, "{}: left out: a stream of this name is on already",
                  info.path);
  } else if (collides(info.path)) {
    log_.error_by({"a name of a playlist", info.origin},
                  "{}: left out: another stream's playlist has this name", info.path);
  } else if (open_tracks_ >= settings_.limits.streams) {
    ++refused_;
    log_.error_by({"too many streams", info.origin}, "{}: not packaged: {} streams are on (--max-streams)",
                  info.path, open_tracks_);
  } else {
    return false;
  }
  return true;
}

void Streams::log_change(std::string_view path, std::string_view what) {
  log_.info_by({"streams that come and go", {}, cli::log_burst}, "{}: {}", path, what);
}

void Streams::on_begin(pipe::ChannelId channel, const media::StreamInfo& info) {
  if (closed_) return;
  if (channel != 0 && !only_.empty() && info.path != only_) return;
  any_begun_ = true;
  if (refuse(info)) return;
  const std::string where = places_.directory != nullptr ? places_.directory->path() + "/" : "";
  log_change(info.path, fmt::format("begins: {}{}.m3u8", where, info.path));
  if (!sites_.contains(info.path)) forget_oldest();
  Open& open = open_[channel];
  open.info = info;
  open.since = clock_.steady();
  open.tracks[0] = make_track(info, 0);
  if (directories_.recordings != nullptr)
    open.recorder =
        std::make_unique<Recorder>(*directories_.recordings, info.path, settings_.record, clock_, log_);
}

Stream::Muxing Streams::make_muxing() const {
  const PresentationSettings& settings = settings_.presentation;
  const auto make = [&]() -> std::unique_ptr<SegmentMuxer> {
    if (settings.format == Format::ts) return std::make_unique<TsMuxer>();
    return std::make_unique<Fmp4Muxer>(settings.keys.method == Encryption::sample_aes);
  };
  Stream::Muxing muxing;
  muxing.main = make();
  if (settings.demuxed_audio) muxing.audio = make();
  return muxing;
}

std::unique_ptr<Streams::Site> Streams::make_site(const std::string& name) const {
  return std::make_unique<Site>(name, settings_.presentation, places_, directories_.keys, clock_, log_);
}

Streams::OpenTrack Streams::make_track(const media::StreamInfo& info, std::uint8_t track) {
  const std::string name = track_path(info.path, track);
  auto& site = sites_[name];
  const bool is_new = !site;
  if (is_new) site = make_site(name);
  Ladder* const ladder = settings_.ladder ? join_ladder(name, site->presentation) : nullptr;
  auto stream = std::make_unique<Stream>(site->presentation, settings_.cut, make_muxing(),
                                         ladder != nullptr ? &ladder->plan : nullptr, track, clock_, log_);
  // In memory, numbers start from the clock, which was lower before; a ladder has numbers of its own.
  if (is_new && places_.directory != nullptr && ladder == nullptr)
    for (const auto& rendition : site->presentation.renditions())
      rendition->start_at(ended_numbers_.first(number_key(name, rendition->names().name)));
  const auto lost = std::exchange(site->lost_timeline, std::nullopt);
  if (lost && (info.timeline.empty() || info.timeline != *lost)) stream->start_new_timeline();
  site->stream = stream.get();
  ++open_tracks_;
  return {std::move(stream), site.get()};
}

// The stream with the ladder's own name is part of it, as track 0 is of the other tracks.
Ladder* Streams::join_ladder(const std::string& path, Presentation& presentation) {
  std::string name = ladder_of(path);
  if (name.empty()) name = path;
  auto& ladder = ladders_[name];
  if (!ladder) {
    // In memory, numbers start from the clock, at the first stream's time for all of them.
    const std::string& list = presentation.main().names().name;
    const std::uint64_t first = places_.directory != nullptr
                                    ? std::max(next_sequence_of_ladder(name, list, places_.directory),
                                               ended_numbers_.first(number_key(name, list)))
                                    : first_sequence(clock_.utc(), settings_.presentation.rendition.target);
    ladder = std::make_unique<Ladder>(name, first);
  }
  ladder->multivariant.add(presentation);
  return ladder.get();
}

// New tracks of a multitrack stream become streams of their own.
void Streams::find_tracks(Open& open, const media::Message& message) {
  const auto video = flv::parse_video(message.payload.bytes());
  if (!video || !video->multitrack) return;
  for (std::uint8_t track = 1; track < tracks_max; ++track) {
    if (open.tracks.contains(track)) continue;
    const auto other = flv::parse_video(message.payload.bytes(), track);
    if (!other || other->track_id != track || open.left_out.contains(track)) continue;
    if (open_tracks_ >= settings_.limits.streams) {
      ++refused_;
      log_.error_by({"too many streams", open.info.origin},
                    "{}: track {} is not packaged: {} streams are on (--max-streams)", open.info.path, track,
                    open_tracks_);
      open.left_out.insert(track);
      continue;
    }
    if (const std::string name = track_path(open.info.path, track); in_use(name) || collides(name)) {
      log_.error_by({"a track's name", open.info.origin},
                    "{}: track {} is left out: another stream has the name {}", open.info.path, track, name);
      open.left_out.insert(track);
      continue;
    }
    auto made = make_track(open.info, track);
    if (open.metadata) made.stream->on_message(*open.metadata);
    if (open.audio_header) made.stream->on_message(*open.audio_header);
    open.tracks[track] = std::move(made);
  }
}

void Streams::on_message(pipe::ChannelId channel, media::Message message) {
  const auto found = open_.find(channel);
  if (found == open_.end()) return;
  Open& open = found->second;
  open.meter.add(message, clock_.steady_coarse());
  unchecked_bytes_ += message.payload.size() + 256;
  if (unchecked_bytes_ > check_after_bytes) limit_memory();
  open.repair.pass(std::move(message), open.info.path, &log_,
                   [&](const media::Message& each) { forward(open, each); });
}

void Streams::forward(Open& open, const media::Message& message) {
  if (settings_.ladder) {
    const bool metadata = message.kind == media::MessageKind::metadata;
    const bool header = metadata || message.kind == media::MessageKind::audio_header;
    if (header && message.payload.size() <= header_size_max) {
      auto& kept = metadata ? open.metadata : open.audio_header;
      kept = message;
      kept->payload = Slice::copy_of(message.payload.bytes());
    }
    if (message.is_video()) find_tracks(open, message);
  }
  if (open.recorder) open.recorder->on_message(message);
  for (auto& [number, track] : open.tracks) {
    track.stream->on_message(message);
    publish(*track.site);
  }
}

// Publishes the multivariant playlists after a new segment.
void Streams::publish(Site& site) {
  const std::uint64_t made = site.presentation.main().segments_made() +
                             (site.presentation.audio() ? site.presentation.audio()->segments_made() : 0);
  if (made == site.published_segments || places_.outlets.empty()) return;
  site.published_segments = made;
  const std::string& path = site.presentation.path();
  const std::string ladder = ladder_of(path);
  const auto found = ladders_.find(ladder.empty() ? path : ladder);
  if (found != ladders_.end()) found->second->multivariant.publish(places_.outlets);
  if (found == ladders_.end() || found->first != path) site.multivariant.publish(places_.outlets);
}

void Streams::on_end(pipe::ChannelId channel, media::EndReason reason) {
  const auto found = open_.find(channel);
  if (found == open_.end()) return;
  const bool ended = reason == media::EndReason::ended;
  const bool lost = reason == media::EndReason::lost;
  log_change(found->second.info.path, ended  ? "ended"
                                      : lost ? "its source was lost; the playlist stays open"
                                             : "broke off; the playlist stays open");
  finish(found->second, ended ? Stream::End::ended : Stream::End::cut_off);
  open_.erase(found);
}

void Streams::cut_off() {
  for (auto& [channel, open] : open_) {
    log_.info("{}: stopped; the playlist stays open", open.info.path);
    finish(open, Stream::End::cut_off);
  }
  open_.clear();
  closed_ = true;
}

void Streams::finish(Open& open, Stream::End how) {
  if (open.recorder) open.recorder->end();
  for (auto& [number, track] : open.tracks) {
    track.stream->end(how);
    publish(*track.site);
    Site& site = *track.site;
    site.stream = nullptr;
    site.forget_at = clock_.steady() + site.presentation.longest_list() + settings_.limits.keep_ended;
    if (how == Stream::End::cut_off) site.lost_timeline = open.info.timeline;
  }
  open_tracks_ -= open.tracks.size();
}

bool Streams::any_failed() const {
  return std::any_of(sites_.begin(), sites_.end(), [](const auto& site) {
    const OutletFigures figures = site.second->presentation.main().figures();
    return figures.lost > 0 || figures.waiting > 0;
  });
}

const Multivariant* Streams::multivariant(const std::string& path) const {
  if (const auto ladder = ladders_.find(path); ladder != ladders_.end()) return &ladder->second->multivariant;
  const auto site = sites_.find(path);
  return site == sites_.end() ? nullptr : &site->second->multivariant;
}

Presentation* Streams::presentation(const std::string& path) const {
  const auto site = sites_.find(path);
  return site == sites_.end() ? nullptr : &site->second->presentation;
}

const Multivariant& Streams::group_of(const Presentation& presentation) const {
  for (const auto& [name, ladder] : ladders_) {
    const auto& members = ladder->multivariant.members();
    if (std::find(members.begin(), members.end(), &presentation) != members.end())
      return ladder->multivariant;
  }
  return sites_.at(presentation.path())->multivariant;
}

void Streams::each_rendition(const std::function<void(Rendition&)>& visit) const {
  for (const auto& [path, site] : sites_)
    for (const auto& rendition : site->presentation.renditions()) visit(*rendition);
}

std::vector<Streams::State> Streams::states() const {
  std::vector<State> states;
  for (const auto& [channel, open] : open_) {
    const Stream& first = *open.tracks.begin()->second.stream;
    states.push_back({open.info, open.meter, first.presentation(), open.recorder.get(),
                      first.missing_key_frames(), first.forced_cuts(), open.since});
  }
  return states;
}

}  // namespace srs::hls

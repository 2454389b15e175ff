#include "streams.h"

#include <fmt/format.h>

#include <algorithm>

#include "flv/payload.h"
#include "mux/fmp4_muxer.h"
#include "mux/ts_muxer.h"

namespace srs::hls {
namespace {

// A file name has 255 bytes at most, and is at times longer than the stream's: ".NAME_track1.m3u8.tmp".
constexpr std::size_t component_size_max = 230;
constexpr std::uint8_t tracks_max = 8;

}  // namespace

// live/x.m3u8/y would need a directory where live/x has its playlist.
std::string refuse_file_name(const std::string& path) {
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
  for (const auto& [channel, open] : open_)
    for (const auto& [number, track] : open.tracks)
      if (track.site->presentation.path() == path) return true;
  return false;
}

// live/x/av would have its multivariant playlist where live/x has a media playlist.
bool Streams::collides(const std::string& path) const {
  for (const auto& [other, site] : sites_)
    for (const auto& rendition : site->presentation.renditions()) {
      const std::string& name = rendition->names().name;
      if (path == other + "/" + name || other == path + "/" + name) return true;
    }
  return false;
}

void Streams::on_begin(media::ChannelId channel, const media::StreamInfo& info) {
  if (closed_) return;
  if (channel != 0 && !only_.empty() && info.path != only_) return;
  any_begun_ = true;
  if (const std::string why = refuse_file_name(info.path); !why.empty())
    return log_.error("{}: left out: {}", info.path, why);
  if (in_use(info.path)) return log_.error("{}: left out: a stream of this name is on already", info.path);
  if (collides(info.path))
    return log_.error("{}: left out: another stream's playlist has this name", info.path);
  log_.info("{}: begins: {}{}.m3u8", info.path,
            places_.directory != nullptr ? places_.directory->path() + "/" : "", info.path);
  Open& open = open_[channel];
  open.info = info;
  open.since = clock_.steady();
  open.tracks[0] = make_track(info.path, 0);
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

Streams::OpenTrack Streams::make_track(const std::string& path, std::uint8_t track) {
  const std::string name = track_path(path, track);
  auto& site = sites_[name];
  if (!site)
    site = std::make_unique<Site>(name, settings_.presentation, places_, directories_.keys, clock_, log_);
  Ladder* const ladder = settings_.ladder ? join_ladder(name, site->presentation) : nullptr;
  auto stream = std::make_unique<Stream>(site->presentation, settings_.cut, make_muxing(),
                                         ladder != nullptr ? &ladder->plan : nullptr, track, clock_, log_);
  return {std::move(stream), site.get()};
}

// The stream with the ladder's own name is part of it, as track 0 is of the other tracks.
Ladder* Streams::join_ladder(const std::string& path, Presentation& presentation) {
  std::string name = ladder_of(path);
  if (name.empty()) name = path;
  auto& ladder = ladders_[name];
  if (!ladder) {
    // From memory it is the time that numbers begin with, and that of the first stream for all of them.
    const std::uint64_t first =
        places_.directory != nullptr
            ? next_sequence_of_ladder(name, presentation.main().names().name, places_.directory)
            : first_sequence(clock_.utc(), settings_.presentation.rendition.target);
    ladder = std::make_unique<Ladder>(name, first);
  }
  ladder->multivariant.add(presentation);
  return ladder.get();
}

// The tracks of a multitrack stream that were not seen before become streams of their own.
void Streams::find_tracks(Open& open, const media::Message& message) {
  const auto video = flv::parse_video(message.payload.bytes());
  if (!video || !video->multitrack) return;
  for (std::uint8_t track = 1; track < tracks_max; ++track) {
    if (open.tracks.contains(track)) continue;
    const auto other = flv::parse_video(message.payload.bytes(), track);
    if (!other || other->track_id != track || open.left_out.contains(track)) continue;
    if (const std::string name = track_path(open.info.path, track); in_use(name) || collides(name)) {
      log_.error("{}: track {} is left out: another stream has the name {}", open.info.path, track, name);
      open.left_out.insert(track);
      continue;
    }
    auto made = make_track(open.info.path, track);
    if (open.metadata) made.stream->take(*open.metadata);
    if (open.audio_header) made.stream->take(*open.audio_header);
    open.tracks[track] = std::move(made);
  }
}

void Streams::on_message(media::ChannelId channel, media::Message message) {
  const auto found = open_.find(channel);
  if (found == open_.end()) return;
  Open& open = found->second;
  open.meter.add(message, clock_.steady_coarse());
  if (settings_.ladder) {
    const bool metadata = message.kind == media::MessageKind::metadata;
    if (metadata || message.kind == media::MessageKind::audio_header) {
      auto& kept = metadata ? open.metadata : open.audio_header;
      kept = message;
      kept->payload = Slice::copy_of(message.payload.bytes());
    }
    if (message.is_video()) find_tracks(open, message);
  }
  if (open.recorder) open.recorder->take(message);
  for (auto& [number, track] : open.tracks) {
    track.stream->take(message);
    publish(*track.site);
  }
}

// The multivariant playlists, after a new segment.
void Streams::publish(Site& site) {
  const std::uint64_t made = site.presentation.main().segments_made() +
                             (site.presentation.audio() ? site.presentation.audio()->segments_made() : 0);
  if (made == site.told || places_.outlets.empty()) return;
  site.told = made;
  const std::string& path = site.presentation.path();
  const std::string ladder = ladder_of(path);
  const auto found = ladders_.find(ladder.empty() ? path : ladder);
  if (found != ladders_.end()) found->second->multivariant.publish(places_.outlets);
  if (found == ladders_.end() || found->first != path) site.multivariant.publish(places_.outlets);
}

void Streams::on_end(media::ChannelId channel, media::EndReason reason) {
  const auto found = open_.find(channel);
  if (found == open_.end()) return;
  const bool ended = reason == media::EndReason::ended;
  log_.info("{}: {}", found->second.info.path, ended ? "ended" : "broke off; the playlist stays open");
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
  }
}

void Streams::sweep() {
  for (Outlet* outlet : places_.outlets) outlet->retry();
  for (auto& [path, site] : sites_) site->presentation.sweep();
  forget_idle();
}

void Streams::forget_idle() {
  for (auto it = sites_.begin(); it != sites_.end();) {
    Presentation& presentation = it->second->presentation;
    if (!presentation.idle() || in_use(presentation.path())) {
      ++it;
      continue;
    }
    for (auto& [name, ladder] : ladders_) ladder->multivariant.remove(presentation);
    for (Outlet* outlet : places_.outlets) outlet->close(presentation.path());
    it = sites_.erase(it);
  }
  std::erase_if(ladders_, [this](const auto& ladder) {
    if (!ladder.second->multivariant.empty()) return false;
    for (Outlet* outlet : places_.outlets) outlet->close(ladder.first);
    return true;
  });
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
                      first.missing_key_frames(), open.since});
  }
  return states;
}

}  // namespace srs::hls

#include "srs-bench/hls/hls_player.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/quantities.h"

namespace srs::bench {

HlsPlayer::HlsPlayer(EventLoop& loop, std::vector<std::uint8_t>& buffer, PlaylistCache& cache,
                     ThreadFigures& thread, Progress& progress, const net::Url& url,
                     const HlsSettings& settings, bool verified)
    : Client(thread, progress),
      server_(settings.server),
      context_{
          loop, buffer, cache, thread, *settings.deliveries, server_, settings.low_latency, settings.timeout},
      settings_(settings),
      target_(url.path + (url.query.empty() ? "" : "?" + url.query)),
      verified_(verified) {
  if (verified) ++thread.verified.players;
}

void HlsPlayer::on_timer(Clock::time_point now) {
  begin(now);
  ++thread().hls.players;
  begin_track(0, target_);
}

void HlsPlayer::begin_track(std::size_t lane, const std::string& target) {
  if (!tracks_[lane]) {
    HlsTrackListener& listener = *this;
    tracks_[lane] = std::make_unique<HlsTrack>(context_, lane, verified_, listener);
    tracks_[lane]->bind_to(local_);
  }
  tracks_[lane]->begin(target);
}

void HlsPlayer::on_received(std::size_t size) {
  if (!figures().first_byte) mutable_figures().first_byte = since_start();
  mutable_figures().bytes += size;
  progress().bytes += size;
}

const HlsVariant& HlsPlayer::choose(const MultivariantPlaylist& playlist) const {
  const auto less = [](const HlsVariant& a, const HlsVariant& b) { return a.bandwidth < b.bandwidth; };
  const auto& all = playlist.variants;
  return settings_.variant == VariantChoice::highest ? *std::max_element(all.begin(), all.end(), less)
                                                     : *std::min_element(all.begin(), all.end(), less);
}

void HlsPlayer::on_multivariant(const MultivariantPlaylist& playlist) {
  const HlsVariant& variant = choose(playlist);
  const HlsAudio* audio = nullptr;
  for (const HlsAudio& one : playlist.audio) {
    if (variant.audio.empty() || one.group != variant.audio) continue;
    if (audio == nullptr || (one.is_default && !audio->is_default)) audio = &one;
  }
  const std::string& authority = server_.authority;
  const auto video = resolve_reference(target_, variant.uri, authority);
  if (!video) return on_track_failed(video.error().message, {});
  if (audio == nullptr || audio->uri.empty()) return begin_track(0, *video);
  const auto sound = resolve_reference(target_, audio->uri, authority);
  if (!sound) return on_track_failed(sound.error().message, {});
  // Play does not begin before the audio playlist has arrived, too.
  playout_.add_lane(1, MediaTime(0), std::chrono::hours(1));
  begin_track(0, *video);
  begin_track(1, *sound);
}

void HlsPlayer::on_position(std::size_t lane, MediaTime skipped, MediaTime hold_back, bool low_latency) {
  playout_.add_lane(lane, skipped, hold_back);
  if (lane == 0 && low_latency) ++thread().hls.low_latency;
}

void HlsPlayer::on_first_media_byte() {
  if (figures().state != ClientState::starting) return;
  thread().hls.startup.add(since_start());
  enter(ClientState::running);
}

void HlsPlayer::on_media(std::size_t lane, MediaTime duration) {
  const bool played = playout_.started().has_value();
  playout_.on_media(lane, duration, Clock::now());
  if (!played && playout_.started()) thread().hls.playing.add(since_start());
}

void HlsPlayer::on_ended(std::size_t lane) {
  ended_[lane] = true;
  if (!ended_[0] || (tracks_[1] && !ended_[1])) return;
  playout_.end(Clock::now());
  close();
  enter(ClientState::ended);
}

// After a redirect, everything is fetched from the server that the first playlist came from.
void HlsPlayer::on_redirected(std::size_t lane, const std::string& location) {
  if (redirects_++ == max_redirects)
    return on_track_failed("sent from server to server: more than five redirects", {});
  const auto from = net::parse_url(
      fmt::format("{}://{}{}", server_.tls.context ? "https" : "http", server_.authority, target_));
  if (!from) return on_track_failed(from.error().message, {});
  const auto next = redirected(*from, location);
  if (!next) return on_track_failed(next.error().message, {});
  if (next->authority() != server_.authority) {
    if (tracks_[1]) return on_track_failed("a playlist leads to another server", {});
    const auto address = settings_.addresses->of(*next);
    if (!address) return on_track_failed(address.error().message, {});
    server_ = {*address, next->authority(), tls_target(*next, settings_.trust)};
  }
  target_ = next->path + (next->query.empty() ? "" : "?" + next->query);
  tracks_[lane]->begin_elsewhere(target_);
}

void HlsPlayer::on_track_failed(const std::string& reason, const std::string& detail) {
  const ClientState state = figures().state;
  if (state == ClientState::failed || state == ClientState::ended) return;
  playout_.end(Clock::now());
  close();
  give_up(reason, detail);
}

void HlsPlayer::close() {
  for (auto& track : tracks_)
    if (track) track->close();
}

void HlsPlayer::tick(Clock::time_point now) {
  const ClientState state = figures().state;
  if (state != ClientState::starting && state != ClientState::running) return;
  if (state == ClientState::starting && now - started() > settings_.timeout)
    return on_track_failed(fmt::format("no media within {}", cli::format_duration(settings_.timeout)), {});
  for (auto& track : tracks_)
    if (track) track->tick(now);
}

void HlsPlayer::finish(Clock::time_point now) {
  if (figures().state == ClientState::starting) mutable_figures().failure = "still waits for media";
  playout_.settle(now);
  close();
  mutable_figures().stalls = playout_.stalls();
  if (playout_.stalls() == 0) return;
  ++thread().hls.stalled_players;
  thread().hls.stalled.add(playout_.stalled());
}

}  // namespace srs::bench

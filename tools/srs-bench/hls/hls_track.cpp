#include "srs-bench/hls/hls_track.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/log.h"

namespace srs::bench {
namespace {

constexpr std::size_t playlist_size_max = 16u << 20;
constexpr std::size_t error_text_max = 512;
// Time from an error to the next try.
constexpr std::chrono::milliseconds pause{500};

}  // namespace

HlsTrack::HlsTrack(const HlsContext& context, std::size_t lane, bool verified, HlsTrackListener& listener)
    : context_(context),
      lane_(lane),
      listener_(listener),
      playlists_(context.loop, context.buffer, context.server, *this),
      media_(context.loop, context.buffer, context.server, *this) {
  if (verified) clocks_ = std::make_unique<SegmentClocks>();
  joined_ = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void HlsTrack::bind_to(const Address* local) {
  playlists_.bind_to(local);
  media_.bind_to(local);
}

void HlsTrack::begin(const std::string& target) {
  target_ = target;
  reload();
}

void HlsTrack::begin_elsewhere(const std::string& target) {
  playlists_.close();
  media_.close();
  begin(target);
}

void HlsTrack::close() {
  closed_ = true;
  playlists_.close();
  media_.close();
  context_.loop.clear_timer(*this);
  media_waits_ = false;
}

void HlsTrack::on_timer(Clock::time_point) {
  reload();
}

void HlsTrack::tick(Clock::time_point now) {
  // The server may hold an answer for three target durations.
  const auto patience = playlist_
                            ? std::max<Clock::duration>(context_.timeout, 4 * playlist_->target_duration)
                            : Clock::duration(context_.timeout);
  const auto overdue = [&](const HttpConnection& one) {
    return one.is_busy() && now - one.asked() > patience;
  };
  if (overdue(playlists_)) {
    playlists_.close();
    playlist_failed("no answer in time");
  }
  if (overdue(media_)) {
    media_.close();
    media_failed("no answer in time");
  }
  if (media_waits_) {
    media_waits_ = false;
    fetch_next();
  }
}

void HlsTrack::reload() {
  if (closed_ || playlists_.is_busy()) return;
  blocks_ = playlist_ && context_.low_latency && playlist_->can_block && !asks_plainly_;
  asks_plainly_ = false;
  std::string target = target_;
  if (blocks_) {
    target +=
        fmt::format("{}_HLS_msn={}", target.find('?') == target.npos ? '?' : '&', playlist_->next_msn());
    if (playlist_->is_low_latency()) target += fmt::format("&_HLS_part={}", playlist_->new_part_count());
  }
  playlists_.get(target, HttpConnection::Body::read);
}

void HlsTrack::on_head(HttpConnection& from, int status) {
  if (&from == &playlists_) {
    playlist_status_ = status;
    text_.clear();
    return;
  }
  media_status_ = status;
  if (clocks_) clocks_->begin();
  if (status != 200 || fetching_ == Fetching::map || has_begun_) return;
  has_begun_ = true;
  listener_.on_first_media_byte();
}

void HlsTrack::on_body(HttpConnection& from, Bytes piece) {
  if (&from != &playlists_) {
    if (clocks_ && media_status_ == 200 && fetching_ != Fetching::map) clocks_->feed(piece);
    return;
  }
  if (playlist_status_ != 200)
    piece = piece.first(std::min(piece.size(), error_text_max - std::min(text_.size(), error_text_max)));
  text_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  if (text_.size() <= playlist_size_max) return;
  playlists_.close();
  playlist_failed("a playlist beyond all measure");
}

void HlsTrack::on_answered(HttpConnection& from) {
  if (&from == &media_) {
    if (media_status_ == 200) return media_answered();
    return media_failed(fmt::format("HTTP {}", media_status_));
  }
  if (playlist_status_ >= 300 && playlist_status_ < 400 && !playlist_ && !from.location().empty())
    return listener_.on_redirected(lane_, from.location());
  if (playlist_status_ != 200)
    return playlist_failed(fmt::format("HTTP {}", playlist_status_),
                           text_.substr(0, text_.find_first_of("\r\n")));
  const auto taken = std::chrono::duration_cast<Microseconds>(from.now() - from.asked());
  HlsFigures& figures = context_.thread.hls;
  if (context_.thread.measuring) (blocks_ ? figures.blocked : figures.playlist).add(taken);
  ++figures.playlists;
  on_playlist();
}

void HlsTrack::on_broken(HttpConnection& from, const std::string& reason) {
  if (&from == &media_) return media_failed(reason);
  playlist_failed(reason);
}

void HlsTrack::on_playlist() {
  if (!playlist_ && is_multivariant(text_)) {
    const auto multivariant = parse_multivariant(text_);
    if (!multivariant) return playlist_failed(multivariant.error().message);
    return listener_.on_multivariant(*multivariant);
  }
  const auto newest = context_.cache.read(text_);
  if (!newest) return playlist_failed("not a media playlist that can be played");
  last_good_ = playlists_.now();
  const auto before = std::exchange(playlist_, newest);
  if (before) {
    check_order(*before, *newest);
    find_hinted(*newest);
  } else {
    choose_start(*newest);
  }
  fetch_next();
  if (!newest->ended) reload_later(before != newest);
}

// Sequence numbers must never go down, even if the server restarts.
void HlsTrack::check_order(const MediaPlaylist& before, const MediaPlaylist& after) {
  const Position end_before{before.next_msn(), before.new_part_count()};
  const Position end_after{after.next_msn(), after.new_part_count()};
  if (after.media_sequence < before.media_sequence || end_after < end_before)
    ++context_.thread.hls.back_steps;
}

// With blocking reloads the next request goes out at once.
void HlsTrack::reload_later(bool changed) {
  const bool blocks = context_.low_latency && playlist_->can_block;
  if (blocks && changed) return reload();
  const MediaTime wait = blocks && playlist_->is_low_latency() ? playlist_->part_target
                         : changed                             ? playlist_->target_duration
                                                               : playlist_->target_duration / 2;
  reload_at(std::max(playlists_.asked() + wait, Clock::now()));
}

void HlsTrack::playlist_failed(const std::string& what, const std::string& detail) {
  ++context_.thread.hls.errors[what];
  if (!playlist_)
    return listener_.on_track_failed(what, detail.starts_with('<') ? "" : cli::peer_text(detail));
  const auto now = Clock::now();
  if (now - last_good_ > std::max<Clock::duration>(context_.timeout, 4 * playlist_->target_duration))
    return listener_.on_track_failed("no playlist any more: " + what, {});
  asks_plainly_ = blocks_;
  reload_at(now + pause);
}

}  // namespace srs::bench

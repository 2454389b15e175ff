#include <algorithm>

#include "srs-bench/hls/hls_track.h"

namespace srs::bench {

void HlsTrack::choose_start(const MediaPlaylist& playlist) {
  by_parts_ = context_.low_latency && playlist.is_low_latency();
  const MediaTime end = by_parts_ ? playlist.end
                        : playlist.segments.empty()
                            ? MediaTime(0)
                            : playlist.segments.back().start + playlist.segments.back().duration;
  const MediaTime wanted = end - (by_parts_ ? playlist.part_hold_back : playlist.hold_back);
  next_ = {playlist.media_sequence, 0};
  MediaTime start{0};
  for (std::size_t i = 0; i < playlist.segments.size() && playlist.segments[i].start <= wanted; ++i) {
    next_.msn = playlist.media_sequence + i;
    start = playlist.segments[i].start;
  }
  for (const HlsPart& part : playlist.parts) {
    if (!by_parts_ || !part.independent || part.start > wanted || part.start < start) continue;
    next_ = {part.msn, part.index};
    start = part.start;
  }
  fresh_ = {playlist.next_msn(), by_parts_ ? playlist.new_part_count() : 0};
  // With parts, play may begin between independent parts.
  const MediaTime from = by_parts_ ? std::max(wanted, start) : start;
  listener_.on_position(lane_, from - start, end - from, by_parts_);
}

void HlsTrack::fetch_next() {
  const auto playlist = playlist_;
  while (playlist && !media_.is_busy() && !media_waits_ && !hinted_arrived_ && !ended_ && !closed_) {
    if (next_.msn < playlist->media_sequence) {
      context_.thread.hls.missed += playlist->media_sequence - next_.msn;
      next_ = {playlist->media_sequence, 0};
    } else if (next_.msn < playlist->next_msn()) {
      fetch_in_segment(*playlist);
    } else {
      return fetch_in_open_segment(*playlist);
    }
  }
}

// Fetches something, or moves on.
void HlsTrack::fetch_in_segment(const MediaPlaylist& playlist) {
  const HlsSegment& segment = playlist.segments[next_.msn - playlist.media_sequence];
  const bool has_parts = by_parts_ && segment.part_count > 0;
  if (next_.part > 0 && (!has_parts || next_.part >= segment.part_count)) {
    // The rest of a segment whose parts are no longer listed cannot be fetched.
    if (!has_parts) ++context_.thread.hls.missed;
    next_ = {next_.msn + 1, 0};
    return;
  }
  if (fetch_map(segment.map)) return;
  if (!has_parts) {
    after_fetch_ = {next_.msn + 1, 0};
    return fetch(Fetching::segment, segment.uri, segment.duration);
  }
  const HlsPart& part = playlist.parts[segment.first_part + next_.part];
  after_fetch_ = {next_.msn, next_.part + 1};
  fetch(Fetching::part, part.uri, part.duration);
}

void HlsTrack::fetch_in_open_segment(const MediaPlaylist& playlist) {
  if (playlist.ended) {
    ended_ = true;
    return listener_.on_ended(lane_);
  }
  if (!by_parts_ || next_.msn != playlist.next_msn() || next_.part > playlist.new_part_count()) return;
  if (next_.part < playlist.new_part_count()) {
    if (fetch_map(playlist.map)) return;
    const HlsPart& part = playlist.parts[playlist.first_new_part + next_.part];
    after_fetch_ = {next_.msn, next_.part + 1};
    return fetch(Fetching::part, part.uri, part.duration);
  }
  if (playlist.hint.empty() || playlist.hint == hinted_ || fetch_map(playlist.map)) return;
  hinted_ = playlist.hint;
  fetch(Fetching::hint, hinted_, playlist.part_target);
}

bool HlsTrack::fetch_map(const std::string& uri) {
  if (uri.empty() || uri == map_) return false;
  fetch(Fetching::map, uri, MediaTime(0));
  return true;
}

void HlsTrack::fetch(Fetching what, const std::string& uri, MediaTime duration) {
  auto target = resolve_reference(target_, uri, context_.server.authority);
  if (!target) return ended_ = true, listener_.on_track_failed(target.error().message, {});
  fetching_ = what;
  uri_ = uri;
  duration_ = duration;
  is_fresh_ = what == Fetching::hint || next_ >= fresh_;
  media_.get(*target, clocks_ ? HttpConnection::Body::read : HttpConnection::Body::pass_over);
}

// The position after a whole segment is the start of the next.
HlsTrack::Position HlsTrack::after_segment(const MediaPlaylist& playlist, Position position) const {
  if (position.msn < playlist.media_sequence || position.msn >= playlist.next_msn()) return position;
  const HlsSegment& segment = playlist.segments[position.msn - playlist.media_sequence];
  return position.part > 0 && position.part >= segment.part_count ? Position{position.msn + 1, 0} : position;
}

void HlsTrack::find_hinted(const MediaPlaylist& playlist) {
  if (hinted_.empty()) return;
  const auto found = std::find_if(playlist.parts.rbegin(), playlist.parts.rend(),
                                  [this](const HlsPart& part) { return part.uri == hinted_; });
  next_ = after_segment(playlist, next_);
  if (found != playlist.parts.rend()) return found_hinted(*found);
  const bool passed_by = next_ < Position{playlist.next_msn(), playlist.new_part_count()};
  if (!passed_by) return;
  ++context_.thread.hls.unused_hints;
  if (hinted_arrived_) listener_.on_media(lane_, -duration_);
  if (fetching_ == Fetching::hint) {
    fetching_ = Fetching::nothing;
    media_.close();
  }
  hinted_.clear();
  hinted_arrived_ = false;
}

void HlsTrack::found_hinted(const HlsPart& part) {
  const Position position{part.msn, part.index};
  if (position != next_) ++context_.thread.hls.missed;
  const Position behind{part.msn, part.index + std::size_t{1}};
  if (hinted_arrived_) {
    listener_.on_media(lane_, part.duration - duration_);
    next_ = behind;
  } else {
    next_ = position;
    if (fetching_ == Fetching::hint && media_.is_busy()) {
      fetching_ = Fetching::part;
      duration_ = part.duration;
      after_fetch_ = behind;
    }
  }
  hinted_.clear();
  hinted_arrived_ = false;
}

void HlsTrack::record_arrival() {
  ThreadFigures& thread = context_.thread;
  const auto arrival = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  std::optional<UtcMicroseconds> newest;
  if (clocks_) {
    for (const UtcMicroseconds due : clocks_->found()) {
      newest = std::max(newest.value_or(due), due);
      ++thread.verified.messages;
      if (due >= joined_ && thread.measuring) thread.verified.latency.add(arrival - due);
    }
  }
  context_.deliveries.add(uri_, arrival, newest, thread.measuring && is_fresh_);
}

void HlsTrack::media_answered() {
  const Fetching what = std::exchange(fetching_, Fetching::nothing);
  if (what == Fetching::map) {
    map_ = uri_;
    return fetch_next();
  }
  HlsFigures& figures = context_.thread.hls;
  ++(what == Fetching::segment ? figures.segments : figures.parts);
  record_arrival();
  if (what == Fetching::hint)
    hinted_arrived_ = true;
  else
    next_ = after_fetch_;
  listener_.on_media(lane_, duration_);
  fetch_next();
}

// Missing files are skipped; other errors are retried.
void HlsTrack::media_failed(const std::string& what) {
  HlsFigures& figures = context_.thread.hls;
  ++figures.errors[what];
  const Fetching failed = std::exchange(fetching_, Fetching::nothing);
  const bool gone = what == "HTTP 404" || what == "HTTP 410";
  if (gone && (failed == Fetching::segment || failed == Fetching::part)) {
    ++figures.missed;
    next_ = after_fetch_;
  }
  // A failed hint is requested again once it is listed as a part.
  media_waits_ = true;
}

}  // namespace srs::bench

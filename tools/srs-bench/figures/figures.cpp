#include "srs-bench/figures/figures.h"

#include <algorithm>

namespace srs::bench {

void VerifiedFigures::add(const VerifiedFigures& other) {
  players += other.players;
  messages += other.messages;
  out_of_order += other.out_of_order;
  timestamp_gaps += other.timestamp_gaps;
  mismatched += other.mismatched;
  frame_gaps.add(other.frame_gaps);
  latency.add(other.latency);
}

void Failures::add(const std::string& cause, const std::string& detail) {
  const bool is_other = causes_.size() >= causes_max && !causes_.contains(cause);
  Count& count = causes_[is_other ? "other causes" : cause];
  if (count.clients++ == 0 && !is_other) count.detail = detail;
}

void Totals::add(const ClientFigures& client) {
  ++requested;
  if (client.state != ClientState::waiting) ++started;
  if (client.state == ClientState::running) ++running;
  if (client.state == ClientState::ended) ++ended;
  if (client.state == ClientState::starting) {
    ++without_media;
    waiting.add(client.failure, client.detail);
  }
  if (client.state == ClientState::failed) {
    ++failed;
    failures.add(client.failure, client.detail);
  }
  bytes += client.bytes;
  video_frames += client.video_frames;
  audio_frames += client.audio_frames;
  messages += client.messages;
  stalls += client.stalls;
  reconnects += client.reconnects;
  if (client.first_byte) first_byte.add(*client.first_byte);
  if (client.first_frame) first_frame.add(*client.first_frame);
  if (client.first_key_frame) first_key_frame.add(*client.first_key_frame);
  if (measured_seconds <= 0) return;
  measured_bytes += client.bytes - client.bytes_at_mark;
  const double bps = static_cast<double>(client.bytes - client.bytes_at_mark) * 8 / measured_seconds;
  total_bps += bps;
  if (client.state == ClientState::running || client.state == ClientState::ended) client_bps.push_back(bps);
}

void Totals::add(const ThreadFigures& thread) {
  verified.add(thread.verified);
  hls.add(thread.hls);
  lateness.add(thread.lateness);
}

void Totals::finish() {
  std::sort(client_bps.begin(), client_bps.end());
}

}  // namespace srs::bench

#include "srs-bench/players/player.h"

#include <fmt/format.h>

#include "cli/quantities.h"
#include "srs-bench/http_flv/http_flv_dialog.h"
#include "srs-bench/rtmp/rtmp_dialog.h"

namespace srs::bench {
namespace {

// After this long a viewer's buffer runs dry.
constexpr std::chrono::seconds stall{1};
// After this much audio without video, there is no video. Servers that hold pictures back until the next key
// frame send only audio until then.
constexpr std::uint32_t audio_only_ms = 10'000;

std::unique_ptr<Protocol> protocol_for(const net::Url& url, MediaListener& listener, Keep keep) {
  if (net::without_tls(url.scheme) == "rtmp")
    return std::make_unique<RtmpDialog>(RtmpDialog::Role::play, url, listener, keep);
  return std::make_unique<HttpFlvDialog>(url, listener, keep);
}

}  // namespace

Player::Player(EventLoop& loop, std::vector<std::uint8_t>& buffer, ThreadFigures& thread, Progress& progress,
               net::Url url, const PlayerSettings& settings, bool verified)
    : StreamClient(loop, buffer, thread, progress),
      url_(std::move(url)),
      settings_(settings),
      address_(settings.address) {
  if (verified)
    verifier_ = std::make_unique<Verifier>(thread, settings.reference ? &*settings.reference : nullptr);
}

void Player::on_timer(Clock::time_point now) {
  if (figures().state == ClientState::starting && !std::exchange(is_redirected_, false)) {
    const std::string awaited(awaits());
    close();
    return give_up(fmt::format("no media within {}", cli::format_duration(settings_.timeout)),
                   "it waited for " + awaited);
  }
  if (figures().state == ClientState::starting) return connect();
  if (figures().state != ClientState::waiting) return;
  begin(now);
  if (verifier_) verifier_->begin();
  connect();
}

// The bytes of a redirecting server do not count as part of the stream.
void Player::connect() {
  mutable_figures().first_byte.reset();
  mutable_figures().bytes = 0;
  loop().set_timer(*this, started() + settings_.timeout);
  open(address_, tls_target(url_, settings_.trust),
       protocol_for(url_, *this, verifier_ ? Keep::whole : Keep::heads));
}

void Player::on_failed(const std::string& reason) {
  if (!refusal().redirect.empty()) return follow();
  give_up(reason, refusal().detail);
}

void Player::follow() {
  if (redirects_++ == max_redirects) return give_up("sent from server to server: more than five redirects");
  auto next = redirected(url_, refusal().redirect);
  if (!next) return give_up(next.error().message);
  const auto address = settings_.addresses->of(*next);
  if (!address) return give_up(address.error().message);
  url_ = *std::move(next);
  address_ = *address;
  is_redirected_ = true;
  loop().set_timer(*this, now());
}

void Player::on_received() {
  if (!figures().first_byte) mutable_figures().first_byte = since_start();
  const std::uint64_t size = bytes() - figures().bytes;
  progress().bytes += size;
  mutable_figures().bytes = bytes();
  if (is_counting() && size > 0) mark_alive();
  if (!is_counting() && !verifier_ && has_seen_enough()) count_only(settings_.low_water_bytes);
}

bool Player::has_seen_enough() const {
  return video_seen_ ? figures().first_key_frame.has_value()
                     : last_audio_ms_ - first_audio_ms_ >= audio_only_ms;
}

void Player::on_media(const MediaMessage& message) {
  using enum media::MessageKind;
  switch (message.kind) {
    case key_frame:
      if (!figures().first_key_frame) mutable_figures().first_key_frame = since_start();
      [[fallthrough]];
    case video_frame:
      video_seen_ = true;
      on_frame(true);
      break;
    case audio_frame:
      if (!figures().first_frame) first_audio_ms_ = message.timestamp_ms;
      last_audio_ms_ = message.timestamp_ms;
      on_frame(false);
      break;
    case video_header:
      video_seen_ = true;
      break;
    default:
      break;
  }
  if (verifier_) verifier_->on_message(message);
}

void Player::on_frame(bool is_video) {
  if (!figures().first_frame) {
    mutable_figures().first_frame = since_start();
    loop().clear_timer(*this);
    enter(ClientState::running);
  }
  if (verifier_) ++(is_video ? mutable_figures().video_frames : mutable_figures().audio_frames);
  // If there is video, its frames are what must arrive evenly.
  if (!is_video && video_seen_) return;
  if (verifier_ && thread().measuring && last_alive_ != Clock::time_point{})
    thread().verified.frame_gaps.add(std::chrono::duration_cast<Microseconds>(now() - last_alive_));
  mark_alive();
}

void Player::mark_alive() {
  if (last_alive_ != Clock::time_point{} && now() - last_alive_ > stall) ++mutable_figures().stalls;
  last_alive_ = now();
}

void Player::on_closed(bool stream_ended) {
  if (stream_ended && figures().first_frame) return enter(ClientState::ended);
  give_up(stream_ended            ? "the stream ended without media"
          : figures().first_frame ? "closed by the server"
          : figures().first_byte  ? "closed by the server before any media"
                                  : "closed by the server before it said anything");
}

void Player::finish(Clock::time_point now) {
  tick(now);
  if (figures().state == ClientState::starting)
    mutable_figures().failure = fmt::format("still waits for {}", awaits());
  if (figures().state == ClientState::running && now - last_alive_ > stall) ++mutable_figures().stalls;
  close();
}

}  // namespace srs::bench

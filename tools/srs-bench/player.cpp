#include "player.h"

#include <fmt/format.h>

#include "cli/command_line.h"
#include "http_flv_dialog.h"
#include "rtmp_dialog.h"

namespace srs::bench {
namespace {

// A viewer's buffer runs dry.
constexpr std::chrono::seconds stall{1};

}  // namespace

void Player::on_timer(Clock::time_point now) {
  if (figures().state == ClientState::starting) {
    close();
    return give_up(fmt::format("no media within {}", cli::format_duration(timeout_)));
  }
  if (figures().state != ClientState::waiting) return;
  begin(now);
  MediaListener& listener = *this;
  std::unique_ptr<Protocol> protocol;
  if (url_.scheme == "rtmp")
    protocol = std::make_unique<RtmpDialog>(RtmpDialog::Role::play, url_, listener);
  else
    protocol = std::make_unique<HttpFlvDialog>(url_, listener);
  loop().set_timer(*this, now + timeout_);
  open(address_, std::move(protocol));
}

void Player::on_received() {
  if (!figures().first_byte) own().first_byte = since_start();
  progress().bytes += bytes() - own().bytes;
  own().bytes = bytes();
}

void Player::on_media(media::MessageKind kind, std::uint32_t) {
  using enum media::MessageKind;
  switch (kind) {
    case key_frame:
      if (!figures().first_key_frame) own().first_key_frame = since_start();
      [[fallthrough]];
    case video_frame:
      ++own().video_frames;
      return on_frame(true);
    case audio_frame:
      ++own().audio_frames;
      return on_frame(false);
    default:
      return;
  }
}

void Player::on_frame(bool is_video) {
  if (!figures().first_frame) {
    own().first_frame = since_start();
    loop().clear_timer(*this);
    enter(ClientState::running);
  }
  // Where there is video, its frames are what must come evenly.
  if (!is_video && figures().video_frames > 0) return;
  if (last_frame_ != Clock::time_point{}) {
    const auto gap = now() - last_frame_;
    if (thread().measuring) thread().frame_gaps.add(std::chrono::duration_cast<Microseconds>(gap));
    if (gap > stall) ++own().stalls;
  }
  last_frame_ = now();
}

void Player::on_closed(bool stream_ended) {
  if (stream_ended && figures().first_frame) return enter(ClientState::ended);
  give_up(stream_ended            ? "the stream ended without media"
          : figures().first_frame ? "closed by the server"
          : figures().first_byte  ? "closed by the server before any media"
                                  : "closed by the server before it said anything");
}

void Player::finish(Clock::time_point now) {
  if (figures().state == ClientState::running && now - last_frame_ > stall) ++own().stalls;
  close();
}

}  // namespace srs::bench

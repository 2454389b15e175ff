#include "srs-bench/players/publisher.h"

#include <fmt/format.h>

#include "cli/quantities.h"
#include "rtmp/message_encoder.h"
#include "srs-bench/content/clock_sei.h"

namespace srs::bench {
namespace {

constexpr std::chrono::seconds reconnect_delay{1};
// Per send; more due messages follow at once.
constexpr std::size_t max_batch = 1 << 20;

UtcMicroseconds utc_of(Clock::time_point time) {
  const auto utc = std::chrono::system_clock::now() + (time - Clock::now());
  return std::chrono::floor<std::chrono::microseconds>(utc);
}

}  // namespace

void Publisher::on_timer(Clock::time_point now) {
  if (sending_) return send_due(now);
  if (!is_open()) return connect(now);
  const std::string awaited(awaits());
  close();
  give_up_or_try_again(fmt::format("not accepted within {}", cli::format_duration(settings_.timeout)),
                       "it waited for " + awaited);
}

void Publisher::connect(Clock::time_point now) {
  begin(now);
  MediaListener& listener = *this;
  auto dialog = std::make_unique<RtmpDialog>(RtmpDialog::Role::publish, url_, listener);
  dialog_ = dialog.get();
  loop().set_timer(*this, now + settings_.timeout);
  open(settings_.address, tls_target(url_, settings_.trust), std::move(dialog));
}

void Publisher::on_received() {
  if (!sending_ && dialog_->ready()) begin_media();
}

void Publisher::begin_media() {
  if (!figures().first_byte) mutable_figures().first_byte = since_start();
  enter(ClientState::running);
  sending_ = true;
  epoch_ = Clock::now();
  turn_start_ms_ = 0;
  position_ = 0;
  waiting_.clear();
  std::vector<std::uint8_t> headers;
  for (const media::Message& header : recording().headers()) append(headers, header, 0, epoch_);
  if (send(headers)) send_due(epoch_);
}

// The clock holds the time when the message was due: delay caused by a slow server is latency, too.
void Publisher::append(std::vector<std::uint8_t>& to, const media::Message& message,
                       std::int64_t timestamp_ms, Clock::time_point due) {
  const auto header = rtmp::media_header(message.type, timestamp_ms, dialog_->message_stream_id());
  std::optional<std::vector<std::uint8_t>> stamped;
  if (settings_.embeds_clock && message.is_video())
    stamped = embed_clock(message.payload.bytes(), utc_of(due), recording().nal_framing());
  rtmp::append_message(to, header, stamped ? Bytes(*stamped) : message.payload.bytes(),
                       rtmp::wire_chunk_size);
  ++mutable_figures().messages;
}

Clock::time_point Publisher::next_due() const {
  return epoch_ + std::chrono::milliseconds(turn_start_ms_ + recording().messages()[position_].timestamp_ms);
}

void Publisher::send_due(Clock::time_point now) {
  if (has_unsent()) return;  // on_sent() goes on
  static thread_local std::vector<std::uint8_t> batch;
  batch.clear();
  while (next_due() <= now && batch.size() < max_batch) {
    const media::Message& message = recording().messages()[position_];
    waiting_.push_back(next_due());
    append(batch, message, turn_start_ms_ + message.timestamp_ms, waiting_.back());
    if (message.is_video()) ++mutable_figures().video_frames;
    if (message.is_audio()) ++mutable_figures().audio_frames;
    if (++position_ == recording().messages().size()) {
      position_ = 0;
      turn_start_ms_ += recording().turn_ms();
    }
  }
  mutable_figures().bytes += batch.size();
  progress().bytes += batch.size();
  if (!batch.empty() && !send(batch)) return;
  if (!has_unsent()) on_sent();
}

void Publisher::on_sent() {
  if (!sending_) return;
  const auto now = Clock::now();
  for (const auto due : waiting_)
    if (thread().measuring) thread().lateness.add(std::chrono::duration_cast<Microseconds>(now - due));
  waiting_.clear();
  loop().set_timer(*this, next_due());
}

void Publisher::give_up_or_try_again(const std::string& reason, const std::string& detail) {
  const bool was_accepted = sending_ || figures().reconnects > 0;
  sending_ = false;
  dialog_ = nullptr;
  if (!was_accepted) return give_up(reason, detail);
  ++mutable_figures().reconnects;
  mutable_figures().failure = reason;
  enter(ClientState::starting);
  loop().set_timer(*this, Clock::now() + reconnect_delay);
}

void Publisher::finish(Clock::time_point) {
  if (sending_ && !has_unsent()) send(dialog_->farewell());
  if (figures().state == ClientState::starting && figures().reconnects > 0)
    give_up("lost: " + figures().failure);
  else if (figures().state == ClientState::starting)
    mutable_figures().failure = fmt::format("still waits for {}", awaits());
  close();
}

}  // namespace srs::bench

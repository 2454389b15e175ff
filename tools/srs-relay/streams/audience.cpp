#include "srs-relay/streams/audience.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/quantities.h"
#include "srs-relay/streams/stream.h"

namespace srs::relay {

std::optional<FoundStream> Audience::known(const std::shared_ptr<Stream>& stream,
                                           const log::WireEncoder& encoder) const {
  const log::WireEncoder& wanted = stream->encoder_now(encoder);
  for (const Fanout& fanout : fanouts_)
    if (&fanout.wire()->encoder() == &wanted) return FoundStream{stream, fanout.wire(), stream->tracks()};
  return std::nullopt;
}

Fanout& Audience::fanout(const FoundStream& found, const LastBytes& last_bytes) {
  for (Fanout& fanout : fanouts_)
    if (fanout.wire() == found.wire) return fanout;
  return fanouts_.emplace_back(found.wire, last_bytes, lag_limit_);
}

void Audience::add(Fanout& fanout, std::shared_ptr<Player> player) {
  ++members_;
  if (!player->is_push()) {
    ++players_;
    counters_.players.fetch_add(1, std::memory_order_relaxed);
  }
  fanout.add(std::move(player));
}

void Audience::remove(Fanout& fanout, const Player& player) {
  if (!fanout.remove(player)) return;
  --members_;
  if (!player.is_push()) {
    --players_;
    left_sent_bytes_ += player.counters().sent_bytes;
  }
  // The stream drops a wire log that nobody reads; a fan-out would keep it for ever.
  if (fanout.players().empty()) fanouts_.remove_if([&](const Fanout& each) { return &each == &fanout; });
}

void Audience::on_woken() {
  for (Fanout& fanout : fanouts_) {
    if (flush_.kind == FlushPolicy::Kind::interval) {
      fanout.share_is_due(FlushPolicy::turns);
    } else {
      fanout.all_are_due();
    }
  }
}

bool Audience::is_due() const {
  return std::any_of(fanouts_.begin(), fanouts_.end(), [](const Fanout& fanout) { return fanout.due() > 0; });
}

std::size_t Audience::send_some(std::size_t max) {
  std::size_t served = 0;
  for (Fanout& fanout : fanouts_) {
    const std::size_t due = std::min(max - served, fanout.due());
    if (const std::size_t jumped = fanout.send_some(due); jumped > 0 && !fanout.is_for_pushes())
      counters_.jumps.fetch_add(jumped, std::memory_order_relaxed);
    served += due;
  }
  return served;
}

void Audience::ask_to_leave() {
  for (Fanout& fanout : fanouts_)
    for (const auto& player : fanout.players()) player->ask_to_leave(fanout.reader());
}

void Audience::finish(bool cut_short) {
  for (Fanout& fanout : fanouts_) fanout.finish(cut_short);
}

void Audience::drop_stalled(Clock::TimePoint now, std::chrono::milliseconds patience) {
  for (Fanout& fanout : fanouts_) {
    for (const auto& player : fanout.players()) {
      if (player->gone() || player->stalled_for(now) <= patience) continue;
      if (!player->is_push()) counters_.stalled.fetch_add(1, std::memory_order_relaxed);
      player->drop(fmt::format("it took nothing for {}", cli::format_duration(patience)));
    }
  }
}

void Audience::drop_all() {
  for (Fanout& fanout : fanouts_)
    for (const auto& player : fanout.players()) player->drop("the relay ends");
}

Audience::Figures Audience::figures() {
  Figures figures{left_sent_bytes_, {}};
  for (Fanout& fanout : fanouts_) {
    for (const auto& player : fanout.players()) {
      if (player->is_push()) continue;
      figures.sent_bytes += player->counters().sent_bytes;
      figures.lag = std::max(figures.lag, player->lag(fanout.reader()));
    }
  }
  return figures;
}

void Audience::describe(std::vector<ClientInfo>& clients) {
  for (Fanout& fanout : fanouts_) {
    for (const auto& player : fanout.players()) {
      if (player->id().empty()) continue;
      ClientInfo info;
      info.sent_bytes = player->counters().sent_bytes;
      info.jumps = player->counters().jumps;
      info.lag = player->lag(fanout.reader());
      player->describe(info);
      clients.push_back(std::move(info));
    }
  }
}

bool Audience::kick(const std::string& id) {
  for (Fanout& fanout : fanouts_) {
    for (const auto& player : fanout.players()) {
      if (player->id() != id) continue;
      player->drop("an operator cut it off");
      return true;
    }
  }
  return false;
}

}  // namespace srs::relay

#include "fanout.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/command_line.h"

namespace srs::relay {

void Fanout::add(std::shared_ptr<Player> player) {
  players_.push_back(player);
  player->send(wire_);
}

void Fanout::remove(const Player& player) {
  const auto found =
      std::find_if(players_.begin(), players_.end(), [&](const auto& held) { return held.get() == &player; });
  if (found == players_.end()) return;
  std::swap(*found, players_.back());
  players_.pop_back();
}

void Fanout::flush() {
  for (const auto& player : players_) player->send(wire_);
}

void Fanout::before_evict(media::WireLog::Offset tail) {
  for (const auto& player : players_) player->before_evict(wire_, tail);
}

void Fanout::drop_stalled(Player::Clock::time_point now, std::chrono::milliseconds patience) {
  for (const auto& player : players_)
    if (player->stalled_for(now) > patience)
      player->drop(fmt::format("it took nothing for {}", cli::format_duration(patience)));
}

void Fanout::drop_all() {
  for (const auto& player : players_) player->abandon();
}

void Fanout::finish(const Slice& last_bytes) {
  for (const auto& player : players_) player->finish(wire_, last_bytes);
}

}  // namespace srs::relay

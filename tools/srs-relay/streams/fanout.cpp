#include "srs-relay/streams/fanout.h"

#include <algorithm>

namespace srs::relay {

void Fanout::add(std::shared_ptr<Player> player) {
  reader_.refresh();
  players_.push_back(player);
  ++round_left_;
  player->send(reader_);
}

// The player that is moved into the gap must not miss its turn.
bool Fanout::remove(const Player& player) {
  const auto found =
      std::find_if(players_.begin(), players_.end(), [&](const auto& held) { return held.get() == &player; });
  if (found == players_.end()) return false;
  auto place = static_cast<std::size_t>(found - players_.begin());
  if (place < next_) std::swap(players_[place], players_[--next_]), place = next_;
  std::swap(players_[place], players_.back());
  players_.pop_back();
  ++round_left_;
  due_ = std::min(due_, players_.size());
  if (players_.empty()) reader_.reset();
  return true;
}

void Fanout::share_is_due(unsigned turns) {
  share_ += players_.size();
  due_ = std::min(players_.size(), due_ + share_ / turns);
  share_ %= turns;
}

std::size_t Fanout::send_some(std::size_t max) {
  if (due_ == 0) return 0;
  reader_.refresh();
  const log::WireOffset lag_offset = this->lag_offset();
  std::size_t jumped = 0;
  for (std::size_t left = std::min(max, due_); left > 0; --left, --due_) {
    if (next_ >= players_.size()) next_ = 0;
    Player& player = *players_[next_++];
    if (player.catch_up(reader_, lag_offset)) ++jumped;
    player.send(reader_);
    count_round();
  }
  return jumped;
}

void Fanout::count_round() {
  if (round_left_ > 0 && --round_left_ > 0) return;
  reader_.release_before(round_tail_);
  round_tail_ = reader_.tail();
  round_left_ = players_.size();
}

log::WireOffset Fanout::lag_offset() const {
  log::WireOffset offset = 0;
  if (lag_limit_.bytes > 0 && reader_.head() > lag_limit_.bytes) offset = reader_.head() - lag_limit_.bytes;
  if (lag_limit_.time.count() > 0)
    offset = std::max(offset, reader_.offset_since(reader_.newest_ms() - lag_limit_.time.count()));
  return offset;
}

void Fanout::finish(bool cut_short) {
  for (const auto& player : players_) finish(*player, cut_short);
}

void Fanout::finish(Player& player, bool cut_short) {
  reader_.refresh();
  player.catch_up(reader_, 0);
  player.finish(reader_, cut_short ? last_bytes_.cut_short : last_bytes_.ended);
}

}  // namespace srs::relay

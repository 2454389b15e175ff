#include "srs-relay/streams/slow_players.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "net/url.h"

namespace srs::relay {
namespace {

const char* plural(std::uint64_t number) {
  return number == 1 ? "" : "s";
}

}  // namespace

void SlowPlayers::add(std::string_view address, std::chrono::milliseconds skipped) {
  address = net::without_port(address);
  const std::lock_guard lock(mutex_);
  auto found = by_address_.find(address);
  if (found == by_address_.end()) {
    if (by_address_.size() >= most_addresses) {
      ++others_;
      return;
    }
    found = by_address_.emplace(address, Skips{}).first;
  }
  ++found->second.count;
  found->second.time += skipped;
}

std::string SlowPlayers::consume() {
  std::map<std::string, Skips, std::less<>> by_address;
  std::uint64_t others = 0;
  {
    const std::lock_guard lock(mutex_);
    by_address.swap(by_address_);
    std::swap(others, others_);
  }
  std::vector<std::pair<std::string, Skips>> sorted(by_address.begin(), by_address.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.time > b.second.time; });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), most_shown); ++i) {
    const auto& [address, skips] = sorted[i];
    text += fmt::format("{}{} missed {:.1f} s in {} skip{}", i > 0 ? ", " : "", address,
                        static_cast<double>(skips.time.count()) / 1000, skips.count, plural(skips.count));
  }
  if (others > 0)
    return text + fmt::format(", and more than {} other addresses", most_addresses - most_shown);
  if (sorted.size() > most_shown)
    text += fmt::format(", and {} more address{}", sorted.size() - most_shown,
                        sorted.size() - most_shown == 1 ? "" : "es");
  return text;
}

}  // namespace srs::relay

// EndedNumbers: the next media sequence numbers of streams whose files are gone.
//
// If such a stream comes back, there is no playlist to continue. Its segments must not reuse old names:
// caches keep segments for an hour. Bounded: of the oldest streams only the highest number is kept, from
// which all unknown names start. Belongs to the thread of the pipe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace srs::hls {

class EndedNumbers {
 public:
  static constexpr std::size_t names_max = 4'096;

  // playlist: "live/x/av"; next: the number of the next segment.
  void remember(const std::string& playlist, std::uint64_t next) {
    if (!next_.contains(playlist)) order_.push_back(playlist);
    next_[playlist] = next;
    while (order_.size() > names_max) {
      const auto oldest = next_.find(order_.front());
      floor_ = std::max(floor_, oldest->second);
      next_.erase(oldest);
      order_.pop_front();
    }
  }
  // The first number for a playlist.
  std::uint64_t first(const std::string& playlist) const {
    const auto found = next_.find(playlist);
    return found == next_.end() ? floor_ : found->second;
  }

 private:
  std::map<std::string, std::uint64_t> next_;
  std::deque<std::string> order_;  // oldest first
  std::uint64_t floor_ = 0;
};

}  // namespace srs::hls

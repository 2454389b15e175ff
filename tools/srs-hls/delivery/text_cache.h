// TextCache: playlists as they go out, made once for all players.
//
// Keeps the newest text of each key, until there are too many or they are too large together; then the oldest
// keys are dropped. Owned by Delivery.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "core/slice.h"

namespace srs::hls {

class TextCache {
 public:
  TextCache(std::size_t texts_max, std::size_t bytes_max) : texts_max_(texts_max), bytes_max_(bytes_max) {}

  // The text of this version; null if there is none.
  const Slice* find(const std::string& key, const std::string& tag) const {
    const auto found = texts_.find(key);
    return found == texts_.end() || found->second.tag != tag ? nullptr : &found->second.bytes;
  }
  void put(const std::string& key, std::string tag, Slice bytes) {
    Text& text = texts_[key];
    if (text.tag.empty()) order_.push_back(key);
    bytes_ += bytes.size() - text.bytes.size();
    text = {std::move(tag), std::move(bytes)};
    while (order_.size() > texts_max_ || (bytes_ > bytes_max_ && order_.size() > 1)) {
      const auto oldest = texts_.find(order_.front());
      bytes_ -= oldest->second.bytes.size();
      texts_.erase(oldest);
      order_.pop_front();
    }
  }
  std::size_t size() const { return texts_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Text {
    std::string tag;  // never empty
    Slice bytes;
  };
  const std::size_t texts_max_, bytes_max_;
  std::map<std::string, Text> texts_;
  std::deque<std::string> order_;  // keys, the oldest first
  std::size_t bytes_ = 0;
};

}  // namespace srs::hls

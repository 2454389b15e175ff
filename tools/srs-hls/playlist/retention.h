// Retention: keeps files that left the playlist until nobody can request them any more.
//
// A segment that left the playlist stays for its own duration plus that of the playlist (RFC 8216 6.2.2), in
// wall time, for players. But input faster than real time would pile up unneeded files: they also expire
// after twice as much media. And a rendition's bytes are limited: above the limit it pops the oldest. Owned
// by its rendition.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace srs::hls {

class Retention {
 public:
  using Duration = std::chrono::milliseconds;
  using Time = std::chrono::steady_clock::time_point;

  // keep: counted from the next on_published() on.
  void add(std::string name, Duration keep, std::uint64_t size_bytes = 0) {
    bytes_ += size_bytes;
    files_.push_back({std::move(name), keep, {}, {}, false, size_bytes});
  }
  // The file is in use again.
  void cancel(const std::string& name) {
    std::erase_if(files_, [&](const File& file) {
      if (file.name == name) bytes_ -= file.size_bytes;
      return file.name == name;
    });
  }
  std::uint64_t bytes() const { return bytes_; }
  bool empty() const { return files_.empty(); }
  // Removes the oldest, expired or not; there must be one.
  std::string pop_oldest() {
    std::string name = std::move(files_.front().name);
    bytes_ -= files_.front().size_bytes;
    files_.pop_front();
    return name;
  }
  // Players see a playlist without these files from now on.
  void on_published(Time now) {
    for (File& file : files_) {
      if (file.counting) continue;
      file.counting = true;
      file.until = now + file.keep;
      file.media_end = media_ + 2 * file.keep;
    }
  }
  void on_media(Duration duration) { media_ += duration; }
  void extend(Duration duration) {
    for (File& file : files_) file.keep += duration;
  }
  // Removes and returns the expired files.
  std::vector<std::string> pop_expired(Time now) {
    std::vector<std::string> over;
    while (!files_.empty() && files_.front().counting &&
           (now >= files_.front().until || media_ >= files_.front().media_end))
      over.push_back(pop_oldest());
    return over;
  }
  // Whether any file is waiting for its expiry.
  bool is_counting() const {
    return std::any_of(files_.begin(), files_.end(), [](const File& file) { return file.counting; });
  }

 private:
  struct File {
    std::string name;
    Duration keep;
    Duration media_end;  // of media_
    Time until;
    bool counting;
    std::uint64_t size_bytes;
  };
  std::deque<File> files_;
  Duration media_{0};  // so far
  std::uint64_t bytes_ = 0;
};

}  // namespace srs::hls

// Viewers: counts the viewers of each stream over HLS, as far as requests show them.
//
// HLS has no sessions: a viewer is an address and a user agent that request a stream's media playlists again
// and again. Several behind one address with the same player count as one. A viewer without a request for a
// little more than three target durations is gone. The table is bounded: further viewers are not counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace srs::hls {

class Viewers {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t viewers_max = 200'000;

  // A request for a media playlist of this stream. address: without its port. Only for existing streams: each
  // gets an entry.
  void on_request(const std::string& stream, std::string_view address, std::string_view agent,
                  int target_duration_s, Time now);
  // Removes viewers that are gone.
  void forget(Time now);

  std::size_t watching(const std::string& stream) const;

 private:
  struct Viewer {
    const std::string* stream;  // a key of counts_
    Time leaves_at;
  };

  std::unordered_map<std::uint64_t, Viewer> viewers_;  // by a hash of stream, address and agent
  std::map<std::string, std::size_t> counts_;
};

}  // namespace srs::hls

// ClientInfo: what operators see of a client. A value.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace srs::relay {

struct ClientInfo {
  std::string id;  // unique as long as the process lives
  const char* kind = "player";
  const char* protocol = "";  // "rtmp", "http-flv"; over TLS "rtmps", "https-flv"
  std::string address;
  std::string stream;
  std::chrono::steady_clock::time_point since{};
  std::uint64_t sent_bytes = 0;
  std::uint64_t jumps = 0;
  std::chrono::milliseconds lag{0};
};

}  // namespace srs::relay

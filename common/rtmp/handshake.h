// The RTMP handshake (Adobe RTMP 1.0, section 5.2, and the digest variant that Flash-era clients
// use), without input or output of its own.
//
// The server answers C1 with a digest if C1 carries one, and simply otherwise. What the peer sends as
// C2/S2 is taken and never verified: FFmpeg and others send something else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::rtmp {

inline constexpr std::size_t handshake_size = 1536;

class ServerHandshake {
 public:
  // Takes bytes as they come; returns how many belong to the handshake. When done(), the rest is chunks.
  Result<std::size_t> feed(Bytes bytes);
  // S0, S1 and S2 in one piece, once C0 and C1 are there; empty otherwise. To be sent in one write.
  std::vector<std::uint8_t> take_reply() { return std::exchange(reply_, {}); }
  bool done() const { return received_ == 1 + 2 * handshake_size; }

 private:
  std::vector<std::uint8_t> c1_;  // with C0 in front; let go of once answered
  std::vector<std::uint8_t> reply_;
  std::size_t received_ = 0;
};

class ClientHandshake {
 public:
  ClientHandshake();
  // C0 and C1, to be sent first; later C2.
  std::vector<std::uint8_t> take_output() { return std::exchange(output_, {}); }
  Result<std::size_t> feed(Bytes bytes);
  bool done() const { return received_ == 1 + 2 * handshake_size; }

 private:
  std::vector<std::uint8_t> s1_;
  std::vector<std::uint8_t> output_;
  std::size_t received_ = 0;
};

// Where the digest of a C1 or S1 (1536 bytes) lies under a schema: 0 has it after the first 772 bytes,
// 1 after the first 8.
std::size_t digest_offset(Bytes c1, int schema);
// HMAC-SHA256.
std::array<std::uint8_t, 32> hmac_sha256(Bytes key, Bytes data);

}  // namespace srs::rtmp

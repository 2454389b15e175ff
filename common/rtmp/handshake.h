// The RTMP handshake (Adobe RTMP 1.0, section 5.2, and the digest variant of Flash-era clients). It does no
// I/O.
//
// The server answers with a digest only if C1 carries one. The peer's C2 or S2 is never verified: FFmpeg and
// others send something else.
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
  // Parses bytes as they arrive; returns how many belong to the handshake. When done(), the rest is chunks.
  Result<std::size_t> feed(Bytes bytes);
  // S0, S1 and S2, for one write, once C0 and C1 are complete; empty otherwise.
  std::vector<std::uint8_t> take_reply() { return std::exchange(reply_, {}); }
  bool done() const { return received_ == 1 + 2 * handshake_size; }

 private:
  std::vector<std::uint8_t> c1_;  // after C0; freed once answered
  std::vector<std::uint8_t> reply_;
  std::size_t received_ = 0;
};

class ClientHandshake {
 public:
  ClientHandshake();
  // First C0 and C1, later C2.
  std::vector<std::uint8_t> take_output() { return std::exchange(output_, {}); }
  Result<std::size_t> feed(Bytes bytes);
  bool done() const { return received_ == 1 + 2 * handshake_size; }

 private:
  std::vector<std::uint8_t> s1_;
  std::vector<std::uint8_t> output_;
  std::size_t received_ = 0;
};

// The offset of the digest in a C1 or S1 (1536 bytes): schema 0 has it after the first 772 bytes, schema 1
// after the first 8.
std::size_t digest_offset(Bytes c1, int schema);
std::array<std::uint8_t, 32> hmac_sha256(Bytes key, Bytes data);

}  // namespace srs::rtmp

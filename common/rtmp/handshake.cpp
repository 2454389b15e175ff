#include "rtmp/handshake.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

namespace srs::rtmp {
namespace {

constexpr std::size_t digest_size = 32;

// The texts that both sides sign with; the 32 bytes of key_tail complete the keys for S2 and C2.
constexpr std::uint8_t player_key[] = "Genuine Adobe Flash Player 001";
constexpr std::uint8_t server_key[] = "Genuine Adobe Flash Media Server 001";
constexpr std::uint8_t key_tail[] = {0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0,
                                     0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80,
                                     0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae};

Bytes text_of(const std::uint8_t* key, std::size_t size_with_nul) {
  return {key, size_with_nul - 1};
}

// The digest of a C1/S1: over all of it but the digest itself.
std::array<std::uint8_t, 32> digest_of(Bytes c1, std::size_t offset, Bytes key) {
  std::vector<std::uint8_t> rest(c1.begin(), c1.begin() + static_cast<std::ptrdiff_t>(offset));
  rest.insert(rest.end(), c1.begin() + static_cast<std::ptrdiff_t>(offset + digest_size), c1.end());
  return hmac_sha256(key, rest);
}

std::optional<int> find_schema(Bytes c1) {
  for (const int schema : {0, 1}) {
    const std::size_t offset = digest_offset(c1, schema);
    const auto expected = digest_of(c1, offset, text_of(player_key, sizeof player_key));
    if (std::equal(expected.begin(), expected.end(), c1.begin() + static_cast<std::ptrdiff_t>(offset)))
      return schema;
  }
  return std::nullopt;
}

// Time 0, a version, random bytes.
void append_c1(std::vector<std::uint8_t>& to, std::array<std::uint8_t, 4> version) {
  const std::size_t at = to.size();
  to.resize(at + handshake_size);
  std::copy(version.begin(), version.end(), to.begin() + static_cast<std::ptrdiff_t>(at + 4));
  RAND_bytes(to.data() + at + 8, static_cast<int>(handshake_size - 8));
}

std::vector<std::uint8_t> simple_reply(Bytes c1) {
  std::vector<std::uint8_t> reply{3};
  append_c1(reply, {0, 0, 0, 0});
  reply.insert(reply.end(), c1.begin(), c1.end());
  return reply;
}

std::vector<std::uint8_t> digest_reply(Bytes c1, int schema) {
  std::vector<std::uint8_t> reply{3};
  append_c1(reply, {4, 5, 0, 1});
  const Bytes s1(reply.data() + 1, handshake_size);
  const std::size_t offset = digest_offset(s1, schema);
  const auto digest = digest_of(s1, offset, text_of(server_key, sizeof server_key));
  std::copy(digest.begin(), digest.end(), reply.begin() + 1 + static_cast<std::ptrdiff_t>(offset));

  // S2: random bytes, signed with a key derived from C1's digest.
  std::vector<std::uint8_t> key(server_key, server_key + sizeof server_key - 1);
  key.insert(key.end(), std::begin(key_tail), std::end(key_tail));
  const auto s2_key = hmac_sha256(key, c1.subspan(digest_offset(c1, schema), digest_size));
  const std::size_t s2_at = reply.size();
  reply.resize(s2_at + handshake_size - digest_size);
  RAND_bytes(reply.data() + s2_at, static_cast<int>(handshake_size - digest_size));
  const Bytes s2(reply.data() + 1 + handshake_size, handshake_size - digest_size);
  const auto signature = hmac_sha256(s2_key, s2);
  reply.insert(reply.end(), signature.begin(), signature.end());
  return reply;
}

std::vector<std::uint8_t> reply_to(Bytes c1) {
  const bool has_version =
      std::any_of(c1.begin() + 4, c1.begin() + 8, [](std::uint8_t byte) { return byte != 0; });
  const auto schema = has_version ? find_schema(c1) : std::nullopt;
  return schema ? digest_reply(c1, *schema) : simple_reply(c1);
}

// Copies the first 1 + 1536 bytes into `kept` and counts the 1536 that follow.
Result<std::size_t> consume_handshake(Bytes bytes, std::vector<std::uint8_t>& kept, std::size_t& received) {
  std::size_t used = 0;
  if (received <= handshake_size) {
    used = std::min(bytes.size(), 1 + handshake_size - received);
    kept.insert(kept.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(used));
    received += used;
    if (!kept.empty() && kept.front() == 0x16)
      return Error{Errc::invalid_data, "it speaks TLS (is it rtmps:// instead of rtmp://?)"};
    if (!kept.empty() && kept.front() != 3)
      return Error{Errc::invalid_data, "not RTMP: the handshake does not start with version 3"};
  }
  if (received > handshake_size) {
    const std::size_t more = std::min(bytes.size() - used, 1 + 2 * handshake_size - received);
    received += more;
    used += more;
  }
  return used;
}

}  // namespace

std::size_t digest_offset(Bytes c1, int schema) {
  const std::size_t base = schema == 0 ? 772 : 8;
  return (c1[base] + c1[base + 1] + c1[base + 2] + c1[base + 3]) % 728 + base + 4;
}

std::array<std::uint8_t, 32> hmac_sha256(Bytes key, Bytes data) {
  std::array<std::uint8_t, 32> digest{};
  unsigned size = digest.size();
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), digest.data(),
       &size);
  return digest;
}

Result<std::size_t> ServerHandshake::feed(Bytes bytes) {
  auto used = consume_handshake(bytes, c1_, received_);
  if (used && c1_.size() == 1 + handshake_size) {
    reply_ = reply_to(Bytes(c1_).subspan(1));
    c1_ = {};
  }
  return used;
}

ClientHandshake::ClientHandshake() {
  output_.push_back(3);
  append_c1(output_, {0, 0, 0, 0});
}

Result<std::size_t> ClientHandshake::feed(Bytes bytes) {
  auto used = consume_handshake(bytes, s1_, received_);
  if (used && s1_.size() == 1 + handshake_size) {
    output_.insert(output_.end(), s1_.begin() + 1, s1_.end());
    s1_ = {};
  }
  return used;
}

}  // namespace srs::rtmp

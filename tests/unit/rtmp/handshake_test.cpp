#include "rtmp/handshake.h"

#include "unit/rtmp/chunks.h"

using namespace srs;
using namespace srs::rtmp;

namespace {

using Buffer = std::vector<std::uint8_t>;

// A C1 as Flash Player sends it: a version, pattern bytes and the digest of the rest.
Buffer c1_with_digest(int schema) {
  Buffer c1 = pattern(handshake_size, 77);
  const auto start = bytes_of("00001234 80000702");
  std::copy(start.begin(), start.end(), c1.begin());
  const std::size_t offset = digest_offset(c1, schema);
  Buffer rest(c1.begin(), c1.begin() + static_cast<std::ptrdiff_t>(offset));
  rest.insert(rest.end(), c1.begin() + static_cast<std::ptrdiff_t>(offset + 32), c1.end());
  const std::string_view key = "Genuine Adobe Flash Player 001";
  const auto digest = hmac_sha256(Bytes(reinterpret_cast<const std::uint8_t*>(key.data()), key.size()), rest);
  std::copy(digest.begin(), digest.end(), c1.begin() + static_cast<std::ptrdiff_t>(offset));
  return c1;
}

Buffer reply_to(const Buffer& c0_c1, std::size_t piece_size) {
  ServerHandshake server;
  Buffer reply;
  for (std::size_t at = 0; at < c0_c1.size(); at += piece_size) {
    CHECK(reply.empty());
    const auto used = server.feed(Bytes(c0_c1).subspan(at, std::min(piece_size, c0_c1.size() - at)));
    REQUIRE(used);
    CHECK(*used == std::min(piece_size, c0_c1.size() - at));
    const Buffer more = server.take_reply();
    reply.insert(reply.end(), more.begin(), more.end());
  }
  CHECK_FALSE(server.done());
  const auto c2 = pattern(handshake_size);
  REQUIRE(server.feed(c2));
  CHECK(server.done());
  return reply;
}

bool has_digest(Bytes s1, int schema) {
  const std::size_t offset = digest_offset(s1, schema);
  Buffer rest(s1.begin(), s1.begin() + static_cast<std::ptrdiff_t>(offset));
  rest.insert(rest.end(), s1.begin() + static_cast<std::ptrdiff_t>(offset + 32), s1.end());
  const std::string_view key = "Genuine Adobe Flash Media Server 001";
  const auto digest = hmac_sha256(Bytes(reinterpret_cast<const std::uint8_t*>(key.data()), key.size()), rest);
  return std::equal(digest.begin(), digest.end(), s1.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

// RFC 4231, test case 2.
TEST_CASE("HMAC-SHA256") {
  const auto key = bytes_of("4a656665");
  const std::string_view text = "what do ya want for nothing?";
  const auto digest =
      hmac_sha256(key, Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  CHECK(Buffer(digest.begin(), digest.end()) ==
        bytes_of("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

TEST_CASE("offsets of digests") {
  Buffer c1(handshake_size, 0);
  CHECK(digest_offset(c1, 0) == 776);
  CHECK(digest_offset(c1, 1) == 12);
  std::fill(c1.begin(), c1.end(), std::uint8_t{255});
  CHECK(digest_offset(c1, 0) == 776 + 1020 - 728);
  CHECK(digest_offset(c1, 1) == 12 + 1020 - 728);
}

TEST_CASE("a version of 0 gets the simple reply: its own C1 as S2") {
  Buffer c0_c1 = pattern(1 + handshake_size);
  c0_c1[0] = 3;
  for (int i = 5; i < 9; ++i) c0_c1[static_cast<std::size_t>(i)] = 0;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, std::size_t{1537}}) {
    const Buffer reply = reply_to(c0_c1, piece);
    REQUIRE(reply.size() == 1 + 2 * handshake_size);
    CHECK(reply[0] == 3);
    CHECK(std::equal(c0_c1.begin() + 1, c0_c1.end(), reply.begin() + 1 + handshake_size));
  }
}

TEST_CASE("a digest is answered in its schema; a version without a digest gets the simple reply") {
  for (const int schema : {0, 1}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1537}}) {
      CAPTURE(schema);
      const Buffer c1 = c1_with_digest(schema);
      const Buffer reply = reply_to(joined({{3}, c1}), piece);
      REQUIRE(reply.size() == 1 + 2 * handshake_size);
      CHECK(has_digest(Bytes(reply).subspan(1, handshake_size), schema));
      // S2 is signed with a key made from C1's digest.
      const auto key =
          joined({bytes_of("47656e75696e652041646f626520466c617368204d6564696120536572766572203030"
                           "31 f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae")});
      const auto s2_key = hmac_sha256(key, Bytes(c1).subspan(digest_offset(c1, schema), 32));
      const Bytes s2 = Bytes(reply).subspan(1 + handshake_size);
      const auto signature = hmac_sha256(s2_key, s2.first(handshake_size - 32));
      CHECK(std::equal(signature.begin(), signature.end(), s2.begin() + handshake_size - 32));
    }
  }
  Buffer c1 = c1_with_digest(0);
  c1[1535] ^= 1;
  const Buffer reply = reply_to(joined({{3}, c1}), 100);
  CHECK(std::equal(c1.begin(), c1.end(), reply.begin() + 1 + handshake_size));
}

TEST_CASE("other protocols are refused at their first byte") {
  for (const std::uint8_t first : {'G', '\0', '\6', '\x16'}) {
    ServerHandshake server;
    const std::uint8_t byte[] = {first};
    CHECK_FALSE(server.feed(byte));
  }
}

TEST_CASE("client and server shake hands, one byte at a time, and leave what follows alone") {
  ServerHandshake server;
  ClientHandshake client;
  Buffer to_server = client.take_output();
  CHECK(to_server.size() == 1 + handshake_size);
  for (const std::uint8_t& byte : to_server) REQUIRE(server.feed(Bytes(&byte, 1)));
  Buffer to_client = server.take_reply();
  to_client.insert(to_client.end(), {0xaa, 0xbb});
  std::size_t used = 0;
  for (const std::uint8_t& byte : to_client) {
    const auto one = client.feed(Bytes(&byte, 1));
    REQUIRE(one);
    used += *one;
  }
  CHECK(used == 1 + 2 * handshake_size);
  CHECK(client.done());
  // C2 is S1.
  Buffer c2 = client.take_output();
  CHECK(c2 == Buffer(to_client.begin() + 1, to_client.begin() + 1 + handshake_size));
  c2.push_back(0xcc);
  const auto last = server.feed(c2);
  REQUIRE(last);
  CHECK(*last == handshake_size);
  CHECK(server.done());
}

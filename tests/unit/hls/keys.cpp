#include "srs-hls/keys.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <memory>
#include <optional>

#include "samples.h"

namespace srs::hls {
namespace {

// What Keys tells a muxer.
class Told : public SegmentMuxer {
 public:
  std::string_view container() const override { return "test"; }
  std::string_view suffix() const override { return ".x"; }
  bool takes(codec::VideoCodec) const override { return false; }
  bool takes(codec::AudioCodec) const override { return false; }
  Result<void> configure_video(codec::VideoCodec, Bytes) override { return {}; }
  Result<void> configure_audio(codec::AudioCodec, Bytes) override { return {}; }
  bool encrypt(const std::optional<SampleEncryption>& encryption) override {
    last = encryption;
    return true;
  }
  Slice init_section() const override { return {}; }
  void begin_segment() override {}
  bool write_video(Bytes, MediaTime, bool) override { return false; }
  bool write_audio(Bytes, MediaTime) override { return false; }
  Slice end_part(std::optional<std::int64_t>) override { return {}; }
  std::size_t size_bytes() const override { return 0; }
  std::string state() const override { return ""; }
  void restore(std::string_view) override {}

  std::optional<SampleEncryption> last;
};

Slice slice_of(const std::string& text) {
  return Slice::copy_of(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string decrypted(const Content& content, const Keys::Key& key, std::uint64_t sequence) {
  REQUIRE(content.size() == 1);
  std::uint8_t iv[16] = {};
  for (int i = 0; i < 8; ++i) iv[15 - i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(),
                                                                           EVP_CIPHER_CTX_free);
  REQUIRE(EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key.data(), iv) == 1);
  std::vector<std::uint8_t> plain(content[0].size() + 16);
  int size = 0, rest = 0;
  REQUIRE(EVP_DecryptUpdate(context.get(), plain.data(), &size, content[0].data(),
                            static_cast<int>(content[0].size())) == 1);
  REQUIRE(EVP_DecryptFinal_ex(context.get(), plain.data() + size, &rest) == 1);
  return {plain.begin(), plain.begin() + size + rest};
}

// Of "...URI="key-1-0a1b2c3d.key"...".
std::string name_in(const std::string& attributes) {
  const auto begin = attributes.find("key-");
  return attributes.substr(begin, attributes.find('"', begin) - begin);
}

TEST_CASE("a key serves so many segments, by their numbers, and players find it by its name") {
  const KeySettings settings{.method = Encryption::aes_128, .every = 3};
  Keys keys("live/x", settings, nullptr, silent_log());
  Told muxer;
  std::vector<std::string> attributes;
  for (std::uint64_t sequence = 4; sequence < 10; ++sequence)
    attributes.push_back(keys.begin_segment(sequence, muxer));
  CHECK(attributes[0].starts_with("METHOD=AES-128,URI=\"key-1-"));
  CHECK(attributes[1] == attributes[0]);
  CHECK(attributes[2].starts_with("METHOD=AES-128,URI=\"key-2-"));
  CHECK(attributes[4] == attributes[2]);
  CHECK(attributes[5].starts_with("METHOD=AES-128,URI=\"key-3-"));
  CHECK_FALSE(muxer.last);
  REQUIRE(keys.find(name_in(attributes[0])) != nullptr);
  REQUIRE(keys.find(name_in(attributes[2])) != nullptr);
  CHECK(*keys.find(name_in(attributes[0])) != *keys.find(name_in(attributes[2])));
  for (const char* none :
       {"key-1.key", "key-1-00000000.key", "key-4.key", "key-0.key", "key-.key", "key-1.key.key", "key-x.key",
        "1.key", "key-1", "key--1.key", "key- 1.key", "key-99999999999999999999.key", ""}) {
    CAPTURE(none);
    CHECK(keys.find(none) == nullptr);
  }
}

TEST_CASE("segments of AES-128 decrypt with their number, whatever pieces they come in") {
  const KeySettings settings{.method = Encryption::aes_128, .every = 2};
  Keys keys("live/x", settings, nullptr, silent_log());
  Told muxer;
  const std::uint64_t big = 0x123456789a;
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, big}) {
    const Keys::Key key = *keys.find(name_in(keys.begin_segment(sequence, muxer)));
    CHECK(decrypted(
              keys.encrypt({slice_of("0123456789"), slice_of(""), slice_of("abcdefghijklmnopqrstuvwxyz")}),
              key, sequence) == "0123456789abcdefghijklmnopqrstuvwxyz");
    CHECK(decrypted(keys.encrypt({slice_of("0123456789abcdef")}), key, sequence) == "0123456789abcdef");
    CHECK(decrypted(keys.encrypt({}), key, sequence).empty());
  }
}

TEST_CASE("SAMPLE-AES: the muxer gets what the playlist tells, and the segment stays as it is") {
  const KeySettings settings{.method = Encryption::sample_aes, .every = 2};
  Keys keys("live/x", settings, nullptr, silent_log());
  Told muxer;
  const std::string first = keys.begin_segment(0, muxer);
  REQUIRE(muxer.last);
  const SampleEncryption one = *muxer.last;
  CHECK(one.key == *keys.find(name_in(first)));
  CHECK(one.key_id != one.key);
  CHECK(one.iv != one.key);
  std::string iv;
  for (const std::uint8_t byte : one.iv) {
    constexpr char digits[] = "0123456789abcdef";
    iv += {digits[byte >> 4], digits[byte & 15]};
  }
  CHECK(first == "METHOD=SAMPLE-AES,URI=\"" + name_in(first) + "\",IV=0x" + iv + ",KEYFORMAT=\"identity\"");
  CHECK(keys.begin_segment(1, muxer) == first);
  CHECK(keys.begin_segment(2, muxer) != first);
  CHECK(muxer.last->key != one.key);
  CHECK(muxer.last->key_id != one.key_id);
  const Content content = keys.encrypt({slice_of("as it is")});
  CHECK(std::string(content[0].data(), content[0].data() + content[0].size()) == "as it is");
}

TEST_CASE("keys that are in the directory are used; others are written there, for their owner only") {
  const TemporaryDirectory place;
  place.put("live/x/1.key", "0123456789abcdef");
  place.put("live/x/2.key", "too short");
  const Directory directory = place.directory();
  const KeySettings settings{.method = Encryption::aes_128, .every = 1};
  Told muxer;
  Keys keys("live/x", settings, &directory, silent_log());
  for (std::uint64_t sequence = 0; sequence < 3; ++sequence) keys.begin_segment(sequence, muxer);
  const auto text_of = [](const Keys::Key& key) { return std::string(key.begin(), key.end()); };
  CHECK(text_of(*keys.find("key-1.key")) == "0123456789abcdef");
  for (const char* number : {"0", "2"}) {
    CAPTURE(number);
    const std::string file = std::string("live/x/") + number + ".key";
    CHECK(place.text(file) == text_of(*keys.find(std::string("key-") + number + ".key")));
    struct stat status {};
    REQUIRE(::stat((place.www() / file).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
  // The next run has the same ones, also those that only players of before ask for.
  Keys next("live/x", settings, &directory, silent_log());
  next.begin_segment(2, muxer);
  CHECK(text_of(*next.find("key-2.key")) == place.text("live/x/2.key"));
  REQUIRE(next.find("key-0.key") != nullptr);
  CHECK(text_of(*next.find("key-0.key")) == place.text("live/x/0.key"));
  CHECK(next.find("key-9.key") == nullptr);
}

TEST_CASE("files of keys go with the segments that they are for, but for those that were there") {
  using namespace std::chrono_literals;
  const TemporaryDirectory place;
  place.put("live/x/1.key", "0123456789abcdef");
  const Directory directory = place.directory();
  const KeySettings settings{.method = Encryption::aes_128, .every = 2};
  Told muxer;
  Keys keys("live/x", settings, &directory, silent_log());
  for (std::uint64_t sequence = 0; sequence < 8; ++sequence) keys.begin_segment(sequence, muxer);
  std::chrono::steady_clock::time_point now{};
  const auto there = [&] {
    std::string numbers;
    for (const char number : {'0', '1', '2', '3'})
      if (directory.has(std::string("live/x/") + number + ".key")) numbers += number;
    return numbers;
  };
  keys.keep_from(5, now, 60s);
  keys.keep_from(5, now += 59s, 60s);
  CHECK(there() == "0123");
  keys.keep_from(5, now += 1s, 60s);
  CHECK(there() == "123");
  CHECK(keys.find("key-0.key") == nullptr);
  keys.keep_from(6, now, 60s);
  keys.keep_from(6, now += 60s, 60s);
  CHECK(there() == "13");
  keys.remove_all();
  CHECK(there() == "1");
}

TEST_CASE("a key that is kept nowhere has another name in the next run, whose key is another one") {
  const KeySettings settings{.method = Encryption::aes_128, .every = 3};
  Keys before("live/x", settings, nullptr, silent_log()), now("live/x", settings, nullptr, silent_log());
  Told muxer;
  const std::string name = name_in(before.begin_segment(4, muxer));
  CHECK(name_in(now.begin_segment(5, muxer)) != name);
  CHECK(now.find(name) == nullptr);
}

TEST_CASE("with another server's URI, keys are told of there and not given out here") {
  const KeySettings settings{
      .method = Encryption::aes_128, .every = 1, .uri = "https://keys.example/{path}/{key}?n={key}"};
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  Keys keys("live/x", settings, &directory, silent_log());
  Told muxer;
  CHECK(keys.begin_segment(7, muxer) == "METHOD=AES-128,URI=\"https://keys.example/live/x/7?n=7\"");
  CHECK(keys.find("key-7.key") == nullptr);
}

}  // namespace
}  // namespace srs::hls

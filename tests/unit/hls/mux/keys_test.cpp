#include "srs-hls/mux/keys.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <memory>
#include <optional>

#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

// Records what Keys sets on a muxer.
class RecordingMuxer : public SegmentMuxer {
 public:
  std::string_view container() const override { return "test"; }
  std::string_view suffix() const override { return ".x"; }
  bool supports(codec::VideoCodec) const override { return false; }
  bool supports(codec::AudioCodec) const override { return false; }
  Result<void> configure_video(codec::VideoCodec, Bytes) override { return {}; }
  Result<void> configure_audio(codec::AudioCodec, Bytes) override { return {}; }
  void exclude_video() override {}
  void exclude_audio() override {}
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
  std::vector<std::uint8_t> encrypted;
  for (const Slice& piece : content)
    encrypted.insert(encrypted.end(), piece.data(), piece.data() + piece.size());
  std::uint8_t iv[16] = {};
  for (int i = 0; i < 8; ++i) iv[15 - i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(),
                                                                           EVP_CIPHER_CTX_free);
  REQUIRE(EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key.data(), iv) == 1);
  std::vector<std::uint8_t> plain(encrypted.size() + 16);
  int size = 0, rest = 0;
  REQUIRE(EVP_DecryptUpdate(context.get(), plain.data(), &size, encrypted.data(),
                            static_cast<int>(encrypted.size())) == 1);
  REQUIRE(EVP_DecryptFinal_ex(context.get(), plain.data() + size, &rest) == 1);
  return {plain.begin(), plain.begin() + size + rest};
}

// The name in "...URI="key-1-0a1b2c3d.key"...".
std::string name_in(const std::string& attributes) {
  const auto begin = attributes.find("key-");
  return attributes.substr(begin, attributes.find('"', begin) - begin);
}

TEST_CASE("a key serves a range of segment numbers, and players find it by its name") {
  const KeySettings settings{.method = Encryption::aes_128, .every = 3};
  Keys keys("live/x", settings, nullptr, silent_log());
  RecordingMuxer muxer;
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
  RecordingMuxer muxer;
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

TEST_CASE(
    "a segment of AES-128 that nobody else holds is encrypted where it is; others keep theirs as it was") {
  const KeySettings settings{.method = Encryption::aes_128, .every = 2};
  Keys keys("live/x", settings, nullptr, silent_log());
  RecordingMuxer muxer;
  const Keys::Key key = *keys.find(name_in(keys.begin_segment(7, muxer)));
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 4096u, 5000u}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    Content held{slice_of(text)};
    const Slice other = held[0];
    const Content copy = keys.encrypt(held);
    CHECK(decrypted(copy, key, 7) == text);
    CHECK(std::string(other.data(), other.data() + other.size()) == text);

    Content own{slice_of("in front " + text).sub(9, size)};
    const std::uint8_t* const place = own[0].data();
    const Content encrypted = keys.encrypt(std::move(own));
    CHECK(encrypted[0].data() == place);
    CHECK(decrypted(encrypted, key, 7) == text);
  }
}

TEST_CASE("SAMPLE-AES: the muxer gets the playlist's key, and the segment stays unchanged") {
  const KeySettings settings{.method = Encryption::sample_aes, .every = 2};
  Keys keys("live/x", settings, nullptr, silent_log());
  RecordingMuxer muxer;
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

TEST_CASE("existing keys in the directory are used; others are written there, for their owner only") {
  const TemporaryDirectory place;
  place.put("live/x/1.key", "0123456789abcdef");
  place.put("live/x/2.key", "too short");
  const Directory directory = place.directory();
  const KeySettings settings{.method = Encryption::aes_128, .every = 1};
  RecordingMuxer muxer;
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
  // The next run has the same keys, even those that only earlier players request.
  Keys next("live/x", settings, &directory, silent_log());
  next.begin_segment(2, muxer);
  CHECK(text_of(*next.find("key-2.key")) == place.text("live/x/2.key"));
  REQUIRE(next.find("key-0.key") != nullptr);
  CHECK(text_of(*next.find("key-0.key")) == place.text("live/x/0.key"));
  CHECK(next.find("key-9.key") == nullptr);
}

TEST_CASE("key files are removed with their segments, except for pre-existing ones") {
  using namespace std::chrono_literals;
  const TemporaryDirectory place;
  place.put("live/x/1.key", "0123456789abcdef");
  const Directory directory = place.directory();
  const KeySettings settings{.method = Encryption::aes_128, .every = 2};
  RecordingMuxer muxer;
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

TEST_CASE("a key that is not stored has another name in the next run, whose key differs") {
  const KeySettings settings{.method = Encryption::aes_128, .every = 3};
  Keys before("live/x", settings, nullptr, silent_log()), now("live/x", settings, nullptr, silent_log());
  RecordingMuxer muxer;
  const std::string name = name_in(before.begin_segment(4, muxer));
  CHECK(name_in(now.begin_segment(5, muxer)) != name);
  CHECK(now.find(name) == nullptr);
}

TEST_CASE("with another server's URI, keys are not served here") {
  const KeySettings settings{
      .method = Encryption::aes_128, .every = 1, .uri = "https://keys.example/{path}/{key}?n={key}"};
  const TemporaryDirectory place;
  const Directory directory = place.directory();
  Keys keys("live/x", settings, &directory, silent_log());
  RecordingMuxer muxer;
  CHECK(keys.begin_segment(7, muxer) == "METHOD=AES-128,URI=\"https://keys.example/live/x/7?n=7\"");
  CHECK(keys.find("key-7.key") == nullptr);
}

}  // namespace
}  // namespace srs::hls

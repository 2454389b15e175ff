#include "mp4/encryption.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <memory>

#include "mp4/fragment_writer.h"
#include "unit/mp4/boxes.h"

namespace srs::mp4 {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;
using Sample = std::vector<std::uint8_t>;

Encryption some_encryption() {
  Encryption encryption;
  for (std::size_t i = 0; i < 16; ++i) {
    encryption.key[i] = static_cast<std::uint8_t>(3 * i + 1);
    encryption.key_id[i] = static_cast<std::uint8_t>(0xf0 + i);
    encryption.iv[i] = static_cast<std::uint8_t>(7 * i);
  }
  return encryption;
}

VideoTrack video_of(VideoCodec codec) {
  return {codec, {1, 100, 0, 30, 0xff}, 320, 180};
}

void append_nal(Sample& to, std::initializer_list<std::uint8_t> header, std::size_t size) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(size >> shift));
  const std::size_t begin = to.size();
  to.insert(to.end(), header);
  for (std::size_t i = header.size(); i < size; ++i)
    to.push_back(static_cast<std::uint8_t>(i * i + to.size() % 253));
  REQUIRE(to.size() == begin + size);
}

// Decrypts as a player does: the bytes that senc protects, by the pattern and the constant IV in tenc.
class Player {
 public:
  Player(Bytes init, const char* entry, Bytes key) : key_(key) {
    const Bytes sinf =
        find_box(init, std::string("moov/trak/mdia/minf/stbl/stsd/") + entry + "/sinf").content;
    const auto schm = find_box(sinf, "schm");
    CHECK(std::string(schm.content.begin() + 4, schm.content.begin() + 8) == "cbcs");
    ByteReader tenc(find_box(sinf, "schi/tenc").content);
    CHECK(tenc.u32() == 0x01000000u);
    tenc.u8();
    const std::uint8_t pattern = tenc.u8();
    crypt_ = pattern >> 4;
    skip_ = pattern & 15;
    CHECK(tenc.u8() == 1);
    CHECK(tenc.u8() == 0);
    const Bytes key_id = tenc.bytes(16);
    key_id_.assign(key_id.begin(), key_id.end());
    REQUIRE(tenc.u8() == 16);
    const Bytes iv = tenc.bytes(16);
    iv_.assign(iv.begin(), iv.end());
    CHECK(tenc.remaining() == 0);
  }

  Sample clear(const ReadSample& sample) const {
    Sample out(sample.bytes.begin(), sample.bytes.end());
    if (sample.subsamples.empty()) decrypt(out, 0, out.size());
    std::size_t at = 0;
    for (const auto& [clear, hidden] : sample.subsamples) {
      decrypt(out, at + clear, hidden);
      at += clear + hidden;
    }
    if (!sample.subsamples.empty()) CHECK(at == out.size());
    return out;
  }
  const Sample& key_id() const { return key_id_; }
  unsigned pattern() const { return crypt_ << 4 | skip_; }

 private:
  void decrypt(Sample& bytes, std::size_t from, std::size_t size) const {
    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(),
                                                                             EVP_CIPHER_CTX_free);
    REQUIRE(EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key_.data(), iv_.data()) == 1);
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    unsigned block = 0;
    for (std::size_t i = 0; i + 16 <= size; i += 16, ++block) {
      if (crypt_ != 0 && block % (crypt_ + skip_) >= crypt_) continue;
      int written = 0;
      Sample plain(16);
      REQUIRE(EVP_DecryptUpdate(context.get(), plain.data(), &written, bytes.data() + from + i, 16) == 1);
      REQUIRE(written == 16);
      std::copy(plain.begin(), plain.end(), bytes.begin() + static_cast<std::ptrdiff_t>(from + i));
    }
  }

  Bytes key_;
  unsigned crypt_ = 0, skip_ = 0;
  Sample key_id_, iv_;
};

std::size_t sum_of(const ReadSample& sample) {
  std::size_t sum = 0;
  for (const auto& [clear, hidden] : sample.subsamples) sum += clear + hidden;
  return sum;
}

TEST_CASE("pictures are encrypted by the pattern after their slice headers, and a player decrypts them") {
  const Encryption encryption = some_encryption();
  const VideoTrack track = video_of(VideoCodec::avc);
  const auto init = init_section(&track, nullptr, encryption);
  const Player player(init, "encv", encryption.key);
  CHECK(player.pattern() == 0x19);
  CHECK(player.key_id() == Sample(encryption.key_id.begin(), encryption.key_id.end()));

  std::vector<Sample> samples(4);
  append_nal(samples[0], {0x06}, 700);  // SEI: never
  append_nal(samples[0], {0x65}, 5'000);
  append_nal(samples[0], {0x65}, 128 + 15);  // not a block after the header
  append_nal(samples[0], {0x65}, 128 + 16);
  append_nal(samples[1], {0x41}, 30);
  append_nal(samples[2], {0x06}, 70'000);  // more clear bytes than one entry can hold
  append_nal(samples[2], {0x41}, 200'001);
  append_nal(samples[3], {0x41}, 128 + 160 + 16 + 7);

  FragmentWriter writer;
  writer.encrypt(encryption);
  for (int i = 0; i < 4; ++i) writer.add_video(track, samples[i], i * 3'000, i * 3'000, i == 0);
  const Slice bytes = writer.finish(std::nullopt);
  const auto fragment = read_fragment(bytes.bytes());
  REQUIRE(fragment.tracks[0].samples.size() == 4);
  for (int i = 0; i < 4; ++i) {
    const ReadSample& sample = fragment.tracks[0].samples[i];
    CHECK(sum_of(sample) == samples[i].size());
    CHECK(player.clear(sample) == samples[i]);
  }
  using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;
  const auto& first = fragment.tracks[0].samples[0];
  REQUIRE(first.subsamples.size() == 2);
  CHECK(first.subsamples[0] == std::pair<std::size_t, std::size_t>(4 + 700 + 4 + 128, 5'000 - 128));
  CHECK(first.subsamples[1] == std::pair<std::size_t, std::size_t>(4 + 143 + 4 + 128, 16));
  CHECK(fragment.tracks[0].samples[1].subsamples == Ranges{{samples[1].size(), 0}});
  CHECK(fragment.tracks[0].samples[2].subsamples ==
        Ranges{{65'535, 0}, {4 + 70'000 + 4 + 128 - 65'535, 200'001 - 128}});
  // At least something was encrypted.
  const Sample hidden(first.bytes.begin(), first.bytes.end());
  CHECK(hidden != samples[0]);
}

TEST_CASE("HEVC: its NAL unit types differ") {
  const VideoTrack track = video_of(VideoCodec::hevc);
  Sample sample;
  append_nal(sample, {0x4e, 0x01}, 500);  // SEI
  append_nal(sample, {0x26, 0x01}, 900);  // IDR_W_RADL
  std::vector<Subsample> found;
  find_subsamples(track, sample, found);
  REQUIRE(found.size() == 1);
  CHECK(found[0].clear_bytes == 4 + 500 + 4 + 128);
  CHECK(found[0].protected_bytes == 900 - 128);
}

TEST_CASE("the list of a sample fits in saiz, however many slices or bytes it has") {
  const Encryption encryption = some_encryption();
  const VideoTrack track = video_of(VideoCodec::avc);
  const auto init = init_section(&track, nullptr, encryption);
  const Player player(init, "encv", encryption.key);
  std::vector<Sample> samples(3);
  for (int i = 0; i < 68; ++i) append_nal(samples[0], {0x65}, 400);
  for (int i = 0; i < 68; ++i) append_nal(samples[1], {0x65}, 20'000);
  append_nal(samples[2], {0x06}, 3'000'000);
  FragmentWriter writer;
  writer.encrypt(encryption);
  for (int i = 0; i < 3; ++i) writer.add_video(track, samples[i], i * 3'000, i * 3'000, true);
  const Slice bytes = writer.finish(std::nullopt);
  const auto fragment = read_fragment(bytes.bytes());
  for (int i = 0; i < 3; ++i) {
    CHECK(sum_of(fragment.tracks[0].samples[i]) == samples[i].size());
    CHECK(player.clear(fragment.tracks[0].samples[i]) == samples[i]);
    CHECK(fragment.tracks[0].samples[i].subsamples.size() <= 42);
  }
}

TEST_CASE("all whole blocks of sound are encrypted, with pictures, until encryption is switched off") {
  const Encryption encryption = some_encryption();
  AudioTrack track{AudioCodec::aac, {0x12, 0x10}};
  track.sample_rate = 44'100;
  track.frame_samples = 1'024;
  const auto init = init_section(nullptr, &track, encryption);
  const Player player(init, "enca", encryption.key);
  CHECK(player.pattern() == 0);
  FragmentWriter writer;
  writer.encrypt(encryption);
  Sample samples[3] = {Sample(400, 5), Sample(15, 6), Sample(16, 7)}, picture;
  append_nal(picture, {0x65}, 3'000);
  const auto add = [&] {
    writer.add_video(video_of(VideoCodec::avc), picture, 0, 0, true);
    for (int i = 0; i < 3; ++i) writer.add_audio(track, samples[i], i * 1'024, 1'024);
    return writer.finish(std::nullopt);
  };
  const Slice encrypted = add();
  const auto fragment = read_fragment(encrypted.bytes());
  REQUIRE(fragment.tracks.size() == 2);
  for (int i = 0; i < 3; ++i) {
    const ReadSample& sample = fragment.tracks[1].samples[i];
    CHECK(player.clear(sample) == samples[i]);
    const bool same = Sample(sample.bytes.begin(), sample.bytes.end()) == samples[i];
    CHECK(same == (i == 1));
  }
  writer.encrypt(std::nullopt);
  const Slice open = add();
  const auto clear = read_fragment(open.bytes());
  CHECK(Sample(clear.tracks[0].samples[0].bytes.begin(), clear.tracks[0].samples[0].bytes.end()) == picture);
  CHECK(clear.tracks[0].samples[0].subsamples.empty());
}

TEST_CASE("a sample with false lengths is encrypted as far as it can be parsed") {
  const VideoTrack track = video_of(VideoCodec::avc);
  Sample sample;
  append_nal(sample, {0x65}, 300);
  sample.insert(sample.end(), {0xff, 0xff, 0xff, 0xff, 0x65});
  std::vector<Subsample> found;
  find_subsamples(track, sample, found);
  std::size_t sum = 0;
  for (const Subsample& one : found) sum += one.clear_bytes + one.protected_bytes;
  CHECK(sum == sample.size());
}

}  // namespace
}  // namespace srs::mp4

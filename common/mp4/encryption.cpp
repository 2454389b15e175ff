#include "mp4/encryption.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "codec/nal.h"
#include "codec/table.h"

namespace srs::mp4 {
namespace {

constexpr std::size_t block_size = 16;
constexpr std::size_t clear_max = 0xffff;
// After the NAL unit's length. Slice headers have some ten bytes, with weighted prediction of many pictures
// up to about a hundred.
constexpr std::size_t clear_lead = 128;

// saiz has a byte for the size of each sample's list: 2 bytes of count and 6 of each entry.
constexpr std::size_t subsamples_max = (255 - 2) / 6;
// From here on the rest of the sample is one range: a picture of very many slices, or a very large one.
constexpr std::size_t subsamples_many = subsamples_max - 4;

void add(std::vector<Subsample>& to, std::size_t clear, std::size_t protected_size) {
  for (; clear > clear_max; clear -= clear_max) to.push_back({clear_max, 0});
  to.push_back({static_cast<std::uint16_t>(clear), static_cast<std::uint32_t>(protected_size)});
}

}  // namespace

void find_subsamples(const VideoTrack& track, Bytes sample, std::vector<Subsample>& to) {
  const codec::NalSyntax* const syntax = codec::row(track.codec).nal;
  codec::LengthPrefixedNals nals(syntax != nullptr ? sample : Bytes(), track.nal_length_size);
  std::size_t done = 0;
  const std::size_t before = to.size();
  while (const auto nal = nals.next()) {
    if (to.size() - before >= subsamples_many) break;
    if (nal->size() < clear_lead + block_size || !syntax->is_slice((*nal)[0])) continue;
    const auto at = static_cast<std::size_t>(nal->data() - sample.data());
    const std::size_t clear = at + clear_lead - done;
    if (to.size() - before + clear / clear_max >= subsamples_many) break;
    const std::size_t protected_size = nal->size() - clear_lead;
    add(to, clear, protected_size);
    done = at + nal->size();
  }
  const std::size_t rest = sample.size() - done;
  if (rest == 0) return;
  const std::size_t room = subsamples_max - std::min(subsamples_max, to.size() - before);
  // Too much to be marked as clear in the entries that are left.
  if (rest > room * clear_max)
    to.push_back({0, static_cast<std::uint32_t>(rest)});
  else
    add(to, rest, 0);
}

SampleCipher::SampleCipher(const Encryption& encryption)
    : encryption_(encryption), context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
  if (!context_ || EVP_EncryptInit_ex(context_.get(), EVP_aes_128_cbc(), nullptr, encryption_.key.data(),
                                      encryption_.iv.data()) != 1)
    throw std::runtime_error("OpenSSL has no AES-128");
  EVP_CIPHER_CTX_set_padding(context_.get(), 0);
}

void SampleCipher::encrypt_blocks(std::span<std::uint8_t> blocks) {
  int size = 0;
  const bool ok = EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, encryption_.iv.data()) == 1 &&
                  EVP_EncryptUpdate(context_.get(), blocks.data(), &size, blocks.data(),
                                    static_cast<int>(blocks.size())) == 1;
  if (!ok) throw std::runtime_error("OpenSSL cannot encrypt");
}

void SampleCipher::encrypt_video(std::span<std::uint8_t> sample, std::span<const Subsample> subsamples) {
  constexpr std::size_t stride = (crypt_blocks + skip_blocks) * block_size;
  std::size_t at = 0;
  for (const Subsample& one : subsamples) {
    at += one.clear_bytes;
    const auto range = sample.subspan(at, one.protected_bytes);
    at += one.protected_bytes;
    gathered_.clear();
    for (std::size_t i = 0; i + block_size <= range.size(); i += stride)
      gathered_.insert(gathered_.end(), range.begin() + static_cast<std::ptrdiff_t>(i),
                       range.begin() + static_cast<std::ptrdiff_t>(i + block_size));
    if (gathered_.empty()) continue;
    encrypt_blocks(gathered_);
    for (std::size_t i = 0, from = 0; from < gathered_.size(); i += stride, from += block_size)
      std::memcpy(range.data() + i, gathered_.data() + from, block_size);
  }
}

void SampleCipher::encrypt_audio(std::span<std::uint8_t> sample) {
  const std::size_t whole = sample.size() / block_size * block_size;
  if (whole > 0) encrypt_blocks(sample.first(whole));
}

}  // namespace srs::mp4

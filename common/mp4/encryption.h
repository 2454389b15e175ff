// Encryption of samples, scheme "cbcs" of ISO 23001-7: what HLS calls SAMPLE-AES in fragmented MP4.
//
// AES-128 CBC with a constant initialization vector, restarted for each protected range. In video, one block
// of ten is encrypted after the slice headers; in sound, all whole blocks. The rest of a range stays clear.
// Each sample has a list of its clear and protected bytes.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mp4/track.h"

namespace srs::mp4 {

struct Encryption {
  std::array<std::uint8_t, 16> key{}, key_id{}, iv{};
};

inline constexpr unsigned crypt_blocks = 1, skip_blocks = 9;  // of video

// A run of clear bytes, followed by one of protected bytes (ISO 23001-7 7.2).
struct Subsample {
  std::uint16_t clear_bytes = 0;
  std::uint32_t protected_bytes = 0;
};

// Divides a sample of a codec with NAL units (H.264, H.265) into clear and protected runs. Slice headers are
// at the start of each slice: a lead that is longer than any of them stays clear.
void find_subsamples(const VideoTrack& track, Bytes sample, std::vector<Subsample>& to);

class SampleCipher {
 public:
  explicit SampleCipher(const Encryption& encryption);

  void encrypt_video(std::span<std::uint8_t> sample, std::span<const Subsample> subsamples);
  void encrypt_audio(std::span<std::uint8_t> sample);

 private:
  void encrypt_blocks(std::span<std::uint8_t> blocks);

  Encryption encryption_;
  std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context_;
  std::vector<std::uint8_t> gathered_;
};

}  // namespace srs::mp4

// Keys: the keys that the segments of one stream are encrypted with (RFC 8216 section 5).
//
// A key serves `every` segments: key K those from K * every on, so that key numbers follow the media
// sequence. Keys are made from the system's random numbers, or read from a directory, KEYS/PATH/K.key, 16
// bytes each: existing ones are used, missing ones are written, for a key server and for the next run.
// AES-128: whole segments, CBC with PKCS7, the media sequence number as initialization vector, as players
// assume where no IV is given. SAMPLE-AES: the "cbcs" scheme of ISO 23001-7, applied by the muxer. Owned by
// its stream.
#pragma once

#include <openssl/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "core/result.h"
#include "srs-hls/mux/segment_muxer.h"
#include "srs-hls/outlets/directory.h"
#include "srs-hls/outlets/outlet.h"

namespace srs::hls {

enum class Encryption { none, aes_128, sample_aes };

struct KeySettings {
  Encryption method = Encryption::none;
  std::uint64_t every = 30;  // segments
  std::string directory;     // empty: keys are in memory only
  // {path} and {key} are filled in. Empty: "key-{key}.key" beside the playlist, served from memory.
  std::string uri;
};

class Keys {
 public:
  using Key = std::array<std::uint8_t, 16>;

  // directory: null if keys are in memory only.
  Keys(std::string path, const KeySettings& settings, const Directory* directory, const cli::Log& log);

  // Sets the muxer's key, and returns the attributes of EXT-X-KEY.
  std::string begin_segment(std::uint64_t sequence, SegmentMuxer& muxer);
  // Encrypts the segment that began last.
  Content encrypt(Content content);

  // Segments from this number on are still listed. Files of older keys are removed `keep` later if this run
  // made them: keys found in the directory belong to somebody else.
  void keep_from(std::uint64_t sequence, std::chrono::steady_clock::time_point now,
                 std::chrono::milliseconds keep);
  // Removes all files that this run made.
  void remove_all();

  // The bytes of "key-12.key", if we serve the keys; null if there is no such key.
  const Key* find(const std::string& name);

 private:
  Content encrypt_in_place(Slice segment);
  Content encrypt_copy(const Content& content);
  void update(Bytes from, std::uint8_t* to, int& size);
  const Key& key(std::uint64_t number);
  Key make(std::uint64_t number);
  std::string file_of(std::uint64_t number) const;
  // The name of a key in URIs.
  std::string label(std::uint64_t number);
  std::string uri(std::uint64_t number);

  const std::string path_;
  const KeySettings& settings_;
  const Directory* const directory_;
  const cli::Log& log_;
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> cipher_;
  std::map<std::uint64_t, Key> keys_;
  std::map<std::uint64_t, std::optional<std::chrono::steady_clock::time_point>>
      made_;  // with the time of removal, if set
  std::uint64_t sequence_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace srs::hls

// Keys: the keys that the segments of one stream are encrypted with (RFC 8216 section 5).
//
// A key serves `every` segments: number K those from K * every on, so that numbers go on with the media
// sequence. Keys are made from the system's random numbers, or taken from a directory, KEYS/PATH/K.key, 16
// bytes each: one that is there is used, others are written there, for a key server and for the next run.
// AES-128: whole segments, CBC with PKCS7, the media sequence number as initialization vector, as players
// assume where no IV is told. SAMPLE-AES: the "cbcs" scheme of ISO 23001-7, which the muxer does. Belongs to
// its stream.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cli/log.h"
#include "core/result.h"
#include "directory.h"
#include "mux/segment_muxer.h"
#include "outlet.h"

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

  // Tells the muxer, and gives out the attributes of EXT-X-KEY.
  std::string begin_segment(std::uint64_t sequence, SegmentMuxer& muxer);
  // The segment that began last, as it goes out.
  Content encrypt(Content content) const;

  // Segments from here on are still listed. Files of older keys go `keep` later, as far as this run made
  // them: keys that were there belong to somebody else.
  void keep_from(std::uint64_t sequence, std::chrono::steady_clock::time_point now,
                 std::chrono::milliseconds keep);
  // All files that this run made.
  void remove_all();

  // The bytes of "key-12.key", if players get keys from us; null if there is no such key.
  const Key* find(const std::string& name);

 private:
  const Key& key(std::uint64_t number);
  Key make(std::uint64_t number);
  std::string file_of(std::uint64_t number) const;
  // What stands for a key in URIs.
  std::string label(std::uint64_t number);
  std::string uri(std::uint64_t number);

  const std::string path_;
  const KeySettings& settings_;
  const Directory* const directory_;
  const cli::Log& log_;
  std::map<std::uint64_t, Key> keys_;
  std::map<std::uint64_t, std::optional<std::chrono::steady_clock::time_point>> made_;  // until when
  std::uint64_t sequence_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace srs::hls

// Presentation: everything players get of one stream: its renditions, the keys, and its entry in the
// multivariant playlist.
//
// It outlives the stream that feeds it: when the publisher comes back, the next stream of this name continues
// it. Belongs to the thread of the pipe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "srs-hls/mux/keys.h"
#include "srs-hls/playlist/rendition.h"
#include "srs-hls/tracks/track_info.h"

namespace srs::hls {

enum class Format { ts, fmp4 };

struct PresentationSettings {
  Format format = Format::ts;
  bool demuxed_audio = false;
  RenditionSettings rendition;
  KeySettings keys;
};

// A ladder's streams share a multivariant playlist; every stream also has its own.
class Presentation {
 public:
  // key_directory: null if keys stay in memory.
  Presentation(std::string path, const PresentationSettings& settings, const Places& places,
               const Directory* key_directory, const Clock& clock, const cli::Log& log);

  const std::string& path() const { return path_; }
  // The rendition of video, or of both tracks.
  Rendition& main() { return *renditions_.front(); }
  const Rendition& main() const { return *renditions_.front(); }
  // The rendition of audio alone; null if audio is in the main one.
  Rendition* audio() { return renditions_.size() > 1 ? renditions_.back().get() : nullptr; }
  const Rendition* audio() const { return renditions_.size() > 1 ? renditions_.back().get() : nullptr; }
  const std::vector<std::unique_ptr<Rendition>>& renditions() const { return renditions_; }
  Keys* keys() { return keys_ ? &*keys_ : nullptr; }

  // The current tracks; null: no such track. frame_rate: measured, 0: not known.
  void describe(const TrackInfo* video, const TrackInfo* audio, double frame_rate);
  const std::optional<TrackInfo>& video_info() const { return video_; }
  const std::optional<TrackInfo>& audio_info() const { return audio_; }

  // Whether all its renditions have something to play.
  bool ready(Reach reach) const;
  bool ended() const { return main().playlist().ended; }
  void sweep();
  // See Rendition.
  bool idle() const;
  void limit_bytes(std::uint64_t bytes);
  std::uint64_t memory_bytes() const;
  // The duration of its longest playlist.
  std::chrono::milliseconds longest_list() const;

 private:
  void sweep_keys();

  const std::string path_;
  const bool keeps_all_;  // --event and --vod
  const Clock& clock_;
  std::vector<std::unique_ptr<Rendition>> renditions_;
  std::optional<Keys> keys_;
  std::optional<TrackInfo> video_, audio_;
};

}  // namespace srs::hls

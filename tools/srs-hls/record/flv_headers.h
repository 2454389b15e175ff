// FlvHeaders: the headers that a file must begin with so that its frames can be decoded: the newest sequence
// header of each track, and the colour metadata of each video track (VideoPacketType.Metadata).
//
// A track is identified by its kind and the track id of multitrack packets. Payloads that hold several tracks
// count as a track of their own. Headers are ordered by their last arrival, so that reading them in order
// ends with the newest of each. Bounded in number and bytes. Owned by its format.
#pragma once

#include <optional>
#include <vector>

#include "codec/codec.h"
#include "media/message.h"

namespace srs::hls {

class FlvHeaders {
 public:
  static constexpr std::size_t headers_max = 64, header_bytes_max = 64 * 1024, bytes_max = 1u << 20;

  // True: the message is a header that differs from its track's previous one.
  bool update(const media::Message& message);

  const std::vector<media::Message>& messages() const { return messages_; }
  // The lowest video track: files are cut at its key frames.
  std::uint8_t first_video_track() const;

 private:
  struct Key {
    media::HeaderKey header;
    bool many_tracks;
    bool operator==(const Key&) const = default;
  };

  static std::optional<Key> key_of(const media::Message& message);

  std::vector<Key> keys_;
  std::vector<media::Message> messages_;  // one per key; the newest last
  std::size_t bytes_ = 0;
};

}  // namespace srs::hls

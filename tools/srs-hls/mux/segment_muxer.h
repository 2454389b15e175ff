// SegmentMuxer: makes the bytes of segments from the frames of one stream.
//
// Stream decides where segments begin and end and whether a track changed; a muxer knows one container. Owned
// by its stream; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/byte_reader.h"
#include "core/result.h"
#include "core/slice.h"
#include "flv/payload.h"

namespace srs::hls {

// The common encryption of samples ("cbcs", ISO 23001-7), with a constant initialization vector.
struct SampleEncryption {
  std::array<std::uint8_t, 16> key{}, key_id{}, iv{};
};

struct MediaTime {
  std::int64_t dts_ms = 0;
  std::int64_t pts_ms = 0;
  std::uint32_t nanosecond_offset = 0;  // to add to pts
};

class SegmentMuxer {
 public:
  virtual ~SegmentMuxer() = default;

  virtual std::string_view container() const = 0;  // for people: "MPEG-TS"
  virtual std::string_view suffix() const = 0;     // of files: ".ts"

  // Whether the container may carry the codec in HLS.
  virtual bool supports(codec::VideoCodec codec) const = 0;
  virtual bool supports(codec::AudioCodec codec) const = 0;

  // The codec configuration of the following frames; containers with initialization sections accept frames of
  // it from the next segment on. An error: this track cannot be carried.
  virtual Result<void> configure_video(codec::VideoCodec codec, Bytes record) = 0;
  virtual Result<void> configure_audio(codec::AudioCodec codec, Bytes record) = 0;

  // From the next segment on the track is absent, until it is configured again.
  virtual void exclude_video() = 0;
  virtual void exclude_audio() = 0;

  // Applies from the next segment on; nothing: unencrypted. False: the container does not support it.
  virtual bool encrypt(const std::optional<SampleEncryption>& encryption) = 0;

  // EXT-X-MAP of the segment that began last; empty if the container has none. VP9, and AV1 without a
  // sequence header in its record, state their size in the key frame: complete once one was written.
  virtual Slice init_section() const = 0;

  // After begin_segment() frames come in decoding order, as FLV bodies. A segment is one part or several,
  // whose bytes follow each other.
  virtual void begin_segment() = 0;
  // False: the body holds nothing to write.
  virtual bool write_video(Bytes body, MediaTime time, bool key_frame) = 0;
  virtual bool write_audio(Bytes body, MediaTime time) = 0;
  // The bytes since the last part, or since the segment began; empty if there are none. next_dts_ms: the
  // decoding time of the next picture, if known, so that the last one lasts until then.
  virtual Slice end_part(std::optional<std::int64_t> next_dts_ms) = 0;
  // Of the part so far.
  virtual std::size_t size_bytes() const = 0;

  // State for the next segment, one word, kept across a restart of the program.
  virtual std::string state() const = 0;
  virtual void restore(std::string_view state) = 0;
};

}  // namespace srs::hls

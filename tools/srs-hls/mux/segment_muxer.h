// SegmentMuxer: what makes the bytes of segments out of the frames of one stream.
//
// Stream decides where segments begin and end and whether a track changed; the muxer knows one
// container. Belongs to its stream, one thread.
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
  virtual bool takes(codec::VideoCodec codec) const = 0;
  virtual bool takes(codec::AudioCodec codec) const = 0;

  // The codec configuration of what follows; a container with initialization sections takes frames of it
  // from the next segment on. An error: this track cannot be carried.
  virtual Result<void> configure_video(codec::VideoCodec codec, Bytes record) = 0;
  virtual Result<void> configure_audio(codec::AudioCodec codec, Bytes record) = 0;

  // From the next segment on; nothing: clear again. False: the container knows no such thing.
  virtual bool encrypt(const std::optional<SampleEncryption>& encryption) = 0;

  // EXT-X-MAP of the segment that began last; empty if the container has none. VP9, and AV1 without a
  // sequence header in its record, say their size in the key frame: complete once one was written.
  virtual Slice init_section() const = 0;

  // After begin_segment() frames come in decoding order, as FLV bodies. A segment is one part or several,
  // whose bytes follow each other.
  virtual void begin_segment() = 0;
  // False: there is nothing in it that could be written.
  virtual bool write_video(Bytes body, MediaTime time, bool key_frame) = 0;
  virtual bool write_audio(Bytes body, MediaTime time) = 0;
  // What was written since the last part ended, or since the segment began; empty if nothing was.
  // next_dts_ms: when the picture that follows is decoded, if one does and is known, so that the last one
  // lasts until then.
  virtual Slice end_part(std::optional<std::int64_t> next_dts_ms) = 0;
  // Of the part so far.
  virtual std::size_t size_bytes() const = 0;

  // What the next segment goes on from, one word, to be kept over a restart of the program.
  virtual std::string state() const = 0;
  virtual void restore(std::string_view state) = 0;
};

}  // namespace srs::hls

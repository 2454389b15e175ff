// Message: one audio, video or script message of a stream, with what the tools need to know about it.
//
// Messages are values; their payload is immutable and shared. The payload is that of an FLV
// tag, which RTMP carries unchanged.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "core/slice.h"
#include "flv/tag.h"

namespace srs::media {

enum class MessageKind : std::uint8_t {
  metadata,      // onMetaData
  video_header,  // codec configuration: AVC/HEVC/AV1/... sequence start
  audio_header,
  video_metadata,  // Enhanced RTMP: colours (HDR). Valid until the next one, as a header is
  key_frame,       // a picture of the first track (track id 0) that decoding can start at
  video_frame,     // any other coded picture, and all other video (sequence end, ...)
  audio_frame,
  annotation,  // our own script tags: onStream, onDiscontinuity, onClock
  script,      // every other script tag: passed through untouched
  filler,      // generated silence, for players whose sound stopped (see Silence)
};

struct Message {
  flv::TagType type = flv::TagType::script;
  MessageKind kind = MessageKind::script;
  bool framed = false;            // see flv::Tag
  std::uint32_t stream_id = 0;    // of the tag header, if framed
  std::int64_t timestamp_ms = 0;  // decoding time on the stream's absolute timeline, unwrapped
  Slice payload;

  bool is_header() const { return kind <= MessageKind::video_metadata; }
  // Coded sound or picture.
  bool is_frame() const { return kind >= MessageKind::key_frame && kind <= MessageKind::audio_frame; }
  bool is_video() const { return type == flv::TagType::video; }
  bool is_audio() const { return type == flv::TagType::audio; }
};

// The kind of a payload. One that cannot be parsed is an ordinary frame or script: judging it is up to the
// players.
MessageKind classify(flv::TagType type, Bytes payload);

// Identifies a header: its kind and its track. A header replaces the previous one with the same key.
struct HeaderKey {
  MessageKind kind = MessageKind::metadata;
  std::uint8_t track_id = 0;  // of Enhanced RTMP's multitrack; the first of several in one message
  auto operator<=>(const HeaderKey&) const = default;
};
// For messages with is_header().
HeaderKey header_key(const Message& message);
// Whether it is a key frame of a track other than the first.
bool is_other_key_frame(const Message& message);

// A message with its kind filled in.
Message make_message(flv::TagType type, std::int64_t timestamp_ms, Slice payload);

// The name a script tag starts with ("onMetaData"), empty if it is malformed.
std::string_view script_name(Bytes payload);

// The whole turns of 2^32 ms to add to a 32-bit time, or to one unwrapped from it, so that it is nearest to
// near_ms. Times within +-2^61.
constexpr std::int64_t whole_turns(std::int64_t time_ms, std::int64_t near_ms) {
  constexpr std::int64_t turn_ms = std::int64_t{1} << 32;
  return (near_ms - time_ms + turn_ms / 2) & -turn_ms;
}

// Extends 32-bit timestamps to 64 bits: to the value nearest to the previous frame. Other messages (metadata
// has time 0 at any time) are no reference, so a stream whose first frame is weeks old begins there.
class TimestampUnwrapper {
 public:
  std::int64_t unwrap(std::uint32_t timestamp_ms, bool is_frame) {
    std::int64_t unwrapped = timestamp_ms;
    if (started_)
      unwrapped = last_ + static_cast<std::int32_t>(timestamp_ms - static_cast<std::uint32_t>(last_));
    if (!is_frame) return unwrapped;
    started_ = true;
    return last_ = unwrapped;
  }

 private:
  bool started_ = false;
  std::int64_t last_ = 0;
};

}  // namespace srs::media

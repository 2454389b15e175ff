// The script tags that the tools add to a stream: see srs-pipe(5).
//
//   onStream         {path, event: "begin"|"end"|"lost", origin, via, timeline}   opens and closes a channel
//   onDiscontinuity  {reason}                               source lost and back
//   onClock          {utc: milliseconds since 1970}         UTC time of the tag's timestamp
//   onStall          {relays: count}                        no data comes; the cause is being handled
//
// Plain FLV written by a tool has `endsWithOnStream: true` in its onMetaData: a reader can tell an end (a
// last onStream "end" tag) from a writer that was killed. FLV from elsewhere has no such promise and simply
// ends. `onStreamPath` next to it names the stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/slice.h"
#include "media/message.h"

namespace srs::media {

struct OnStream {
  enum class Event {
    begin,
    end,
    lost,  // its source went away; a later "begin" of the path continues it
  };
  std::string path;
  std::string origin;
  Event event = Event::end;
  std::string via, timeline;  // as in StreamInfo
};

Slice encode_on_stream(const OnStream& event);
Result<OnStream> decode_on_stream(Bytes payload);

Slice encode_on_discontinuity(const std::string& reason);

Slice encode_on_clock(std::chrono::system_clock::time_point utc);
std::optional<std::chrono::system_clock::time_point> decode_on_clock(Bytes payload);

// relays: how many relays in a row are looking for another origin.
Slice encode_on_stall(unsigned relays);
std::optional<unsigned> decode_on_stall(Bytes payload);

// Adds the stream's name, and optionally the promise of an onStream at the end, to an onMetaData payload, or
// to a new one if it is empty.
Slice with_stream_notes(Bytes metadata_payload, const std::string& path, bool promises_end);
bool promises_end(Bytes metadata_payload);
// The stream's name in metadata, unchecked; empty if there is none.
std::string path_in_metadata(Bytes metadata_payload);
// The metadata without these notes, which are about the pipe and not about the stream.
Slice without_stream_notes(Bytes metadata_payload);

}  // namespace srs::media

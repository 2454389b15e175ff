// Script tags from any payload: the tools' own (onStream, onClock, onStall) and metadata. Decoded values can
// be encoded and stay the same; the promise of an end can be added and removed again.
#include "media/annotations.h"

#include "choices.h"
#include "media/message.h"
#include "media/metadata.h"
#include "target.h"

using namespace srs;
using namespace srs::media;

namespace {

void check_on_stream(Bytes payload) {
  const auto event = decode_on_stream(payload);
  if (!event) return;
  const Slice written = encode_on_stream(*event);
  MUST_HOLD(script_name(written.bytes()) == "onStream");
  const auto again = decode_on_stream(written.bytes());
  MUST_HOLD(again.ok() && again->path == event->path && again->event == event->event);
  MUST_HOLD(again->origin == event->origin && again->via == event->via && again->timeline == event->timeline);
}

void check_metadata(Bytes payload) {
  const Slice with = with_stream_notes(payload, "live/cam1", true);
  MUST_HOLD(promises_end(with.bytes()) && path_in_metadata(with.bytes()) == "live/cam1");
  MUST_HOLD(classify(flv::TagType::script, with.bytes()) == MessageKind::metadata);
  const Slice without = without_stream_notes(with.bytes());
  MUST_HOLD(!promises_end(without.bytes()) && path_in_metadata(without.bytes()).empty());
  MUST_HOLD(fuzz::same(without.bytes(), without_stream_notes(without.bytes()).bytes()));
  // AMF3 and long strings are written in another form, but never a much longer one.
  MUST_HOLD(with.size() <= 64 * payload.size() + 1'000);
  announced_tracks(payload);
  announced_tracks(with.bytes());
  const Slice bare = without_tracks(payload, {true, true});
  MUST_HOLD(bare.empty() || announced_tracks(bare.bytes()) == TrackSet());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes payload(data, size);
  for (const auto type : {flv::TagType::script, flv::TagType::audio, flv::TagType::video}) {
    const Message message = make_message(type, 0, Slice::copy_of(payload));
    MUST_HOLD(message.kind == classify(type, payload));
    MUST_HOLD(!message.is_header() || message.kind <= MessageKind::video_metadata);
  }
  check_on_stream(payload);
  check_metadata(payload);
  if (const auto clock = decode_on_clock(payload)) {
    const auto again = decode_on_clock(encode_on_clock(*clock).bytes());
    MUST_HOLD(again && *again == *clock);
  }
  if (const auto relays = decode_on_stall(payload)) {
    MUST_HOLD(*relays >= 1 && *relays <= 1000);
    MUST_HOLD(decode_on_stall(encode_on_stall(*relays).bytes()) == relays);
  }
  return 0;
}

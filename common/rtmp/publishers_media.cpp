// What publishers send, on its way to the sink: onto the stream's timeline, with the clock and the seams in
// it.
#include <algorithm>
#include <vector>

#include "media/annotations.h"
#include "rtmp/published_stream.h"

namespace srs::rtmp {
namespace {

constexpr std::int64_t clock_interval_ms = 1000;
// A relay sends the clock of the one that met the source: ours is added only where that is missing.
constexpr std::int64_t relay_clock_patience_ms = 3 * clock_interval_ms;

}  // namespace

void Publishers::take_message(Stream& stream, MediaMessage message) {
  stream.last_message = Stream::Clock::now();
  stream.received_bytes += message.payload.size();
  if (message.type != flv::TagType::script) {
    stream.has_media = true;
  } else if (!stream.scripts.take(message.payload.size(), stream.last_message)) {
    return tell_left_out(stream);
  }
  if (stream.splice) return take_spliced(stream, std::move(message));
  media::Message taken = media::make_message(message.type, message.timestamp_ms, std::move(message.payload));
  // The time of a script or a codec header says nothing of the frames': many encoders stamp them 0, which
  // would be taken for a jump. Of a codec header only the order matters.
  const bool is_codec_header = taken.is_header() && taken.type != flv::TagType::script;
  const auto mapped =
      is_codec_header ? media::Timeline::Mapped{std::max<std::int64_t>(stream.timeline.newest(), 0), false}
                      : stream.timeline.map(taken.type, taken.timestamp_ms);
  const std::string& path = stream.info.path;
  if ((mapped.discontinuity || stream.discontinuous) && taken.is_frame()) {
    sink_.on_message(
        path, media::make_message(flv::TagType::script, mapped.timestamp_ms,
                                  media::encode_on_discontinuity(
                                      stream.discontinuous ? "publisher came back" : "timestamps jumped")));
    stream.discontinuous = false;
  }
  if (taken.is_frame()) add_clock(stream, mapped.timestamp_ms);
  taken.timestamp_ms = mapped.timestamp_ms;
  hand_on(stream, std::move(taken));
}

void Publishers::take_spliced(Stream& stream, MediaMessage message) {
  std::vector<media::Message> spliced;
  stream.splice->take(media::make_message(message.type, message.timestamp_ms, std::move(message.payload)),
                      stream.last_message, spliced);
  for (media::Message& each : spliced) {
    const std::int64_t patient_until = each.timestamp_ms + relay_clock_patience_ms;
    const bool is_clock =
        each.kind == media::MessageKind::annotation && media::script_name(each.payload.bytes()) == "onClock";
    if (is_clock) stream.next_clock_ms = patient_until;
    if (each.is_video() || each.is_audio()) {
      if (stream.next_clock_ms < 0) stream.next_clock_ms = patient_until;
      add_clock(stream, each.timestamp_ms);
    }
    hand_on(stream, std::move(each));
  }
}

void Publishers::hand_on(Stream& stream, media::Message message) {
  if (const auto note = stream.notes.add(message)) tell_tracks(stream, *note);
  sink_.on_message(stream.info.path, std::move(message));
}

void Publishers::add_clock(Stream& stream, std::int64_t timestamp_ms) {
  if (timestamp_ms < stream.next_clock_ms) return;
  stream.next_clock_ms = timestamp_ms + clock_interval_ms;
  sink_.on_message(stream.info.path,
                   media::make_message(flv::TagType::script, timestamp_ms,
                                       media::encode_on_clock(std::chrono::system_clock::now())));
}

}  // namespace srs::rtmp

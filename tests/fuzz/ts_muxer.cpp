// Segments as MPEG-TS: an input is a sequence of configurations, frames, parts and segments. In every output,
// packets are whole, continuity counters are right, and PES packets have their stated length.
#include "srs-hls/mux/ts_muxer.h"

#include <map>

#include "choices.h"
#include "target.h"

using namespace srs;
using codec::AudioCodec;
using codec::VideoCodec;

namespace {

constexpr AudioCodec audios[] = {AudioCodec::aac, AudioCodec::mp3, AudioCodec::ac3, AudioCodec::eac3};
constexpr std::size_t most_events = 1'000;

// Reads packets like a player that trusts nothing (ISO 13818-1 2.4.3).
class Checker {
 public:
  void check(Bytes packets) {
    MUST_HOLD(packets.size() % hls::ts_packet_size == 0);
    for (; !packets.empty(); packets = packets.subspan(hls::ts_packet_size))
      check_packet(packets.first(hls::ts_packet_size));
  }
  // A PES packet ends with its part.
  void end() {
    for (auto& [pid, stream] : streams_) {
      check_pes(stream);
      stream.open = false;
    }
  }

 private:
  struct Stream {
    std::optional<std::uint8_t> counter;
    bool open = false;
    std::size_t stated = 0;  // PES_packet_length; 0: not stated
    std::size_t received = 0;
  };

  static void check_pes(const Stream& stream) {
    if (stream.open && stream.stated > 0) MUST_HOLD(stream.received == stream.stated);
  }

  void check_packet(Bytes packet) {
    ByteReader reader(packet);
    MUST_HOLD(reader.u8() == 0x47);
    const std::uint16_t head = reader.u16();
    const std::uint8_t last = reader.u8();
    MUST_HOLD((head & 0x8000) == 0 && (last & 0xc0) == 0);
    if ((last & 0x20) != 0) {
      const std::uint8_t adaptation = reader.u8();
      MUST_HOLD(adaptation <= reader.remaining());
      reader.skip(adaptation);
    }
    Stream& stream = streams_[head & 0x1fff];
    const bool has_payload = (last & 0x10) != 0;
    if (stream.counter) MUST_HOLD((last & 15) == ((*stream.counter + has_payload) & 15));
    stream.counter = last & 15;
    if (has_payload) check_payload(head & 0x1fff, stream, (head & 0x4000) != 0, reader.rest());
  }

  static void check_payload(std::uint16_t pid, Stream& stream, bool starts, Bytes payload) {
    if (pid == hls::pat_pid || pid == hls::pmt_pid) return check_section(payload);
    if (starts) {
      check_pes(stream);
      ByteReader reader(payload);
      MUST_HOLD(reader.u24() == 1);
      reader.u8();
      stream = {stream.counter, true, reader.u16(), 0};
      MUST_HOLD((reader.u8() & 0xc0) == 0x80);
      const std::uint8_t flags = reader.u8() >> 6;
      const std::uint8_t header = reader.u8();
      MUST_HOLD(flags >= 2 && header >= (flags == 3 ? 10 : 5) && header <= reader.remaining());
      MUST_HOLD(reader.u8() >> 4 == flags);
      stream.received = payload.size() - 6;
      return;
    }
    MUST_HOLD(stream.open);
    stream.received += payload.size();
  }

  static void check_section(Bytes payload) {
    ByteReader reader(payload);
    MUST_HOLD(reader.u8() == 0);
    const Bytes section = reader.rest();
    ByteReader head(section);
    head.u8();
    const std::size_t size = 3 + (head.u16() & 0xfffu);
    MUST_HOLD(size <= section.size() && hls::section_crc(section.first(size)) == 0);
  }

  std::map<std::uint16_t, Stream> streams_;
};

enum Event { set_video, set_audio, next_segment, next_part, video_frame, audio_frame, events };

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  hls::TsMuxer muxer;
  Checker checker;
  std::int64_t time_ms = choices.u32();
  bool begun = false, has_video = false, has_audio = false;
  for (std::size_t i = 0; choices.more() && i < most_events; ++i) {
    const std::uint8_t what = choices.u8();
    const auto event = static_cast<Event>(what % events);
    if (event == set_video) has_video |= muxer.configure_video(VideoCodec::avc, choices.some()).ok();
    if (event == set_audio)
      has_audio |= muxer.configure_audio(audios[what / events % std::size(audios)], choices.some()).ok();
    if (event == next_segment || (event == next_part && begun)) {
      if (begun) {
        checker.check(muxer.end_part(std::nullopt).bytes());
        checker.end();
      }
      if (event == next_segment) muxer.begin_segment();
      begun = true;
    }
    if (!begun || (event != video_frame && event != audio_frame)) continue;
    const Bytes body = choices.many();
    time_ms += choices.time_step_ms();
    const hls::MediaTime time{time_ms, time_ms + static_cast<std::int8_t>(choices.u8()), what};
    if (event == video_frame && has_video) muxer.write_video(body, time, (what & 0x40) != 0);
    if (event == audio_frame && has_audio) muxer.write_audio(body, time);
  }
  if (begun) checker.check(muxer.end_part(std::nullopt).bytes());
  checker.end();
  hls::TsMuxer next;
  next.restore(muxer.state());
  MUST_HOLD(next.state() == muxer.state());
  return 0;
}

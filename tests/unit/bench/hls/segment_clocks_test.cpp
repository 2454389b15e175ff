#include "srs-bench/hls/segment_clocks.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "srs-bench/hls/deliveries.h"
#include "srs-hls/mux/ts_packets.h"

using namespace srs;
using namespace srs::bench;
using namespace std::chrono_literals;
using Buffer = std::vector<std::uint8_t>;

namespace {

constexpr UtcMicroseconds first_due(std::chrono::microseconds(1'795'431'551'852'123));

// Picture number n of a segment: its clock, and other data.
Buffer picture(int n, std::size_t size) {
  Buffer payload = {0x27, 1, 0, 0, 0, 0, 0, 0, 5, 0x65};
  payload.resize(10);
  payload[8] = 5;
  for (std::size_t i = 0; i < 4; ++i) payload.push_back(static_cast<std::uint8_t>(i));
  auto stamped = embed_clock(payload, first_due + n * 40ms, NalFraming());
  REQUIRE(stamped);
  // Without the FLV header.
  Buffer nals(stamped->begin() + 5, stamped->end());
  for (std::size_t i = 0; nals.size() < size; ++i) nals.push_back(static_cast<std::uint8_t>(i * 7));
  return nals;
}

Buffer ts_segment(int pictures, std::size_t in_front) {
  hls::TsPackets packets;
  packets.write_pat();
  const hls::ElementaryStream streams[] = {{0x1b, hls::video_pid}, {0x0f, hls::audio_pid}};
  packets.write_pmt(streams, hls::video_pid, 0);
  for (int n = 0; n < pictures; ++n) {
    const Buffer sound(100, 0x55);
    hls::PesHeader audio;
    audio.pid = hls::audio_pid;
    audio.stream_id = 0xc0;
    packets.begin_pes(audio, sound.size());
    packets.put(sound);
    // Parameter sets before the picture move the clock across a packet boundary.
    const Buffer sets(in_front, 0x33);
    const Buffer nals = picture(n, 700);
    packets.begin_pes(hls::PesHeader(), sets.size() + nals.size());
    packets.put(sets);
    packets.put(nals);
  }
  const Bytes all = packets.view();
  return {all.begin(), all.end()};
}

void check_all_found(const Buffer& segment, std::size_t piece, int pictures) {
  SegmentClocks clocks;
  clocks.begin();
  for (std::size_t at = 0; at < segment.size(); at += piece)
    clocks.feed(Bytes(segment).subspan(at, std::min(piece, segment.size() - at)));
  CAPTURE(piece);
  REQUIRE(clocks.found().size() == static_cast<std::size_t>(pictures));
  for (int n = 0; n < pictures; ++n)
    CHECK(clocks.found()[static_cast<std::size_t>(n)] == first_due + n * 40ms);
}

}  // namespace

TEST_CASE("clocks in MPEG-TS, in pieces of any size and across packet boundaries") {
  for (std::size_t in_front = 0; in_front < 200; in_front += 7) {
    const Buffer segment = ts_segment(3, in_front);
    CAPTURE(in_front);
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{187}, std::size_t{188}, std::size_t{1000}, segment.size()})
      check_all_found(segment, piece, 3);
  }
}

TEST_CASE("clocks in fMP4, in pieces of any size") {
  Buffer part = {0, 0, 0, 16, 'm', 'o', 'o', 'f'};
  for (int n = 0; n < 5; ++n) {
    const Buffer nals = picture(n, 60 + 11 * static_cast<std::size_t>(n));
    part.insert(part.end(), nals.begin(), nals.end());
  }
  for (std::size_t piece = 1; piece <= part.size(); ++piece) check_all_found(part, piece, 5);
}

TEST_CASE("a segment has no clocks of the one before") {
  SegmentClocks clocks;
  const Buffer nals = picture(0, 40);
  clocks.begin();
  clocks.feed(Bytes(nals).first(30));
  clocks.begin();
  clocks.feed(Bytes(nals).subspan(30));
  CHECK(clocks.found().empty());
}

TEST_CASE("deliveries wait for a player that knows the due time") {
  Deliveries deliveries;
  deliveries.add("a", first_due + 10ms, std::nullopt, true);
  deliveries.add("a", first_due + 15ms, std::nullopt, true);
  deliveries.add("a", first_due + 12ms, std::nullopt, false);
  CHECK(deliveries.figures().delay.count() == 0);
  CHECK(deliveries.figures().spread.count() == 2);
  CHECK(deliveries.figures().spread.max() == 5ms);
  deliveries.add("a", first_due + 20ms, first_due, true);
  CHECK(deliveries.figures().delay.count() == 3);
  CHECK(deliveries.figures().delay.max() == 20ms);
  deliveries.add("a", first_due + 30ms, std::nullopt, true);
  deliveries.add("b", first_due + 30ms, std::nullopt, true);
  CHECK(deliveries.figures().delay.count() == 4);
  CHECK(deliveries.figures().spread.max() == 20ms);
}

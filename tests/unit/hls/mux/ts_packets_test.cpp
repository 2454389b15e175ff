#include "srs-hls/mux/ts_packets.h"

#include <doctest/doctest.h>

#include <vector>

#include "unit/bytes_of.h"

namespace srs::hls {
namespace {

std::vector<std::uint8_t> first(const TsPackets& packets, std::size_t size, std::size_t packet = 0) {
  const Bytes view = packets.view().subspan(packet * ts_packet_size, size);
  return {view.begin(), view.end()};
}

// The payload of all packets of a PID; checks their headers.
std::vector<std::uint8_t> payload_of(Bytes stream, std::uint16_t pid) {
  std::vector<std::uint8_t> payload;
  REQUIRE(stream.size() % ts_packet_size == 0);
  for (; !stream.empty(); stream = stream.subspan(ts_packet_size)) {
    REQUIRE(stream[0] == 0x47);
    if ((((stream[1] & 0x1f) << 8) | stream[2]) != pid) continue;
    const int control = stream[3] >> 4 & 3;
    std::size_t start = 4;
    if (control & 2) start += 1u + stream[4];
    REQUIRE(start <= ts_packet_size);
    if (control & 1) payload.insert(payload.end(), stream.begin() + start, stream.begin() + ts_packet_size);
  }
  return payload;
}

TEST_CASE("the program association table, byte for byte") {
  TsPackets packets;
  packets.write_pat();
  CHECK(packets.size() == ts_packet_size);
  CHECK(first(packets, 22) == bytes_of("47 40 00 10 00  00 b0 0d 0001 c1 00 00 0001 f000 2ab104b2 ff"));
  CHECK(section_crc(packets.view().subspan(5, 16)) == 0);
}

TEST_CASE("the program map names its streams, the PCR's PID and its version") {
  TsPackets packets;
  const ElementaryStream streams[] = {{0x1b, video_pid}, {0x0f, audio_pid}};
  packets.write_pmt(streams, video_pid, 3);
  CHECK(first(packets, 27) ==
        bytes_of("47 50 00 10 00  02 b0 17 0001 c7 00 00 e100 f000  1b e100 f000  0f e101 f000"));
  CHECK(section_crc(packets.view().subspan(5, 26)) == 0);
}

TEST_CASE("a stream type that is not specific enough gets a registration descriptor") {
  TsPackets packets;
  const ElementaryStream streams[] = {{0x87, audio_pid, "EAC3"}, {0x1b, video_pid}};
  packets.write_pmt(streams, video_pid, 3);
  CHECK(first(packets, 33) ==
        bytes_of(
            "47 50 00 10 00  02 b0 1d 0001 c7 00 00 e100 f000  87 e101 f006 05 04 45414333  1b e100 f000"));
  CHECK(section_crc(packets.view().subspan(5, 32)) == 0);
}

TEST_CASE("a short PES packet with PTS, DTS and PCR fills one TS packet") {
  TsPackets packets;
  PesHeader header;
  header.pts = 0x1'2345'6789;
  header.dts = 0x1'2345'6000;
  header.pcr = 90'000;
  header.random_access = true;
  packets.begin_pes(header, 3);
  packets.put(bytes_of("aabbcc"));
  REQUIRE(packets.size() == ts_packet_size);
  // 184 = adaptation field 162, PES header 19, payload 3.
  CHECK(first(packets, 12) == bytes_of("47 41 00 30 a1 50 0000afc8 7e 00"));
  const auto pes = payload_of(packets.view(), video_pid);
  // '0011' 100 1 | 100011010001010 1 | 110011110001001 1 from 0x123456789
  CHECK(pes == bytes_of("000001 e0 0010 84 c0 0a 39 8d 15 cf 13 19 8d 15 c0 01 aabbcc"));
}

TEST_CASE("payloads of every size arrive whole, in packets of 188 bytes") {
  for (std::size_t size = 1; size < 800; ++size) {
    TsPackets packets;
    std::vector<std::uint8_t> payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 7);
    PesHeader header;
    header.pid = audio_pid;
    header.stream_id = 0xc0;
    if (size % 3 == 0) header.pcr = 0;
    packets.begin_pes(header, size);
    const Bytes bytes(payload);
    packets.put(bytes.first(size / 3));
    packets.put(bytes.subspan(size / 3));
    auto pes = payload_of(packets.view(), audio_pid);
    REQUIRE(pes.size() == 14 + size);
    CHECK((pes[4] << 8 | pes[5]) == static_cast<int>(8 + size));
    CHECK(std::equal(payload.begin(), payload.end(), pes.begin() + 14));
  }
}

TEST_CASE("video of more than 64 KiB has no PES_packet_length") {
  TsPackets packets;
  const std::vector<std::uint8_t> payload(70'000, 1);
  packets.begin_pes({}, payload.size());
  packets.put(payload);
  const auto pes = payload_of(packets.view(), video_pid);
  CHECK((pes[4] | pes[5]) == 0);
  CHECK(pes.size() == 14 + payload.size());
}

TEST_CASE("continuity counters run on over clear(), and a PCR alone repeats the last one") {
  TsPackets packets;
  const std::vector<std::uint8_t> payload(40 * 184, 1);
  packets.begin_pes({}, payload.size());
  packets.put(payload);
  int expected = 0;
  for (std::size_t i = 0; i < packets.size() / ts_packet_size; ++i)
    CHECK((packets.view()[i * ts_packet_size + 3] & 0x0f) == (expected++ & 0x0f));
  packets.take();
  packets.write_pcr(video_pid, 0);
  CHECK(first(packets, 4) == bytes_of("47 01 00 28"));
  packets.begin_pes({}, 1);
  packets.put(bytes_of("00"));
  CHECK((packets.view()[ts_packet_size + 3] & 0x0f) == 9);
}

TEST_CASE("times are modulo 2^33") {
  TsPackets packets;
  PesHeader header;
  header.pts = (Ticks{1} << 33) + 5;
  packets.begin_pes(header, 1);
  packets.put(bytes_of("00"));
  CHECK(payload_of(packets.view(), video_pid) == bytes_of("000001 e0 0009 84 80 05 21 00 01 00 0b 00"));
}

}  // namespace
}  // namespace srs::hls

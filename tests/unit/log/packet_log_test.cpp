#include "log/packet_log.h"

#include <doctest/doctest.h>

#include <vector>

#include "log/packet_reader.h"
#include "unit/log/cutting_wire.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

constexpr std::size_t plenty = 64 << 20;
constexpr log::Offset turn = log::Offset{1} << 32;

// A log with pictures of 25 a second, sound after each, a key frame each `gop`.
struct CutLog {
  explicit CutLog(std::size_t packet_bytes, std::size_t max_bytes = plenty, log::Offset begin = 0)
      : format(packet_bytes),
        log(std::make_shared<log::PacketLog>(format, max_bytes, begin)),
        headers(std::make_shared<StreamHeaders>()) {
    headers->update(sample_header(flv::TagType::video, 0, 1));
  }

  void append(const Message& message) { log->append(message, number++); }
  void play(int pictures, std::size_t size, int gop = 10) {
    for (int i = 0; i < pictures; ++i, ++picture) {
      const bool key = picture % gop == 0;
      if (key) log->begin_at({0, picture * 40, headers, {}, nullptr});
      append(sample_video(key, picture * 40, size));
      append(sample_audio(picture * 40));
    }
  }

  log::CuttingFormat format;
  std::shared_ptr<log::PacketLog> log;
  std::shared_ptr<StreamHeaders> headers;
  std::uint32_t number = 0;
  int picture = 0;
};

std::vector<log::Packet> packets_from(const log::PacketReader& reader, log::Offset offset) {
  std::vector<log::Packet> packets(100'000);
  packets.resize(reader.gather(offset, packets));
  return packets;
}

}  // namespace

TEST_CASE("packets have the payloads, the times and the marks that the wire gave them") {
  CutLog cut(30);
  cut.play(2, 50);
  log::PacketReader reader(cut.log);
  reader.refresh();
  const auto packets = packets_from(reader, 0);
  REQUIRE(packets.size() == 7);
  const auto sizes = [&](std::size_t i) { return packets[i].payload.size(); };
  CHECK(sizes(0) == 10);  // parameter sets
  CHECK(sizes(1) == 30);
  CHECK(sizes(2) == 20);
  CHECK(sizes(3) == 20);  // sound
  const std::string marks[] = {"first start",       "", "marker", "first marker sound", "first", "marker",
                               "first marker sound"};
  for (std::size_t i = 0; i < packets.size(); ++i) {
    CAPTURE(i);
    std::string mark;
    if (packets[i].first) mark += "first ";
    if (packets[i].start != nullptr) mark += "start ";
    if (packets[i].marker) mark += "marker ";
    if (packets[i].track == 1) mark += "sound ";
    if (!mark.empty()) mark.pop_back();
    CHECK(mark == marks[i]);
    CHECK(packets[i].offset == i);
    CHECK(packets[i].timestamp_ms == (i < 4 ? 0 : 40));
    CHECK(packets[i].time == packets[i].timestamp_ms * (packets[i].track == 1 ? 48 : 90));
  }
  std::vector<std::uint8_t> picture(packets[1].payload.begin(), packets[1].payload.end());
  picture.insert(picture.end(), packets[2].payload.begin(), packets[2].payload.end());
  const Message wanted = sample_video(true, 0, 50);
  CHECK(std::ranges::equal(picture, wanted.payload.bytes()));
  CHECK(reader.newest_start()->headers == cut.headers);
  CHECK(reader.newest_start()->offset == 0);
}

TEST_CASE("packets are numbered per track, and found by that number") {
  for (const log::Offset begin : {log::Offset{0}, turn - 5, turn - 300, 5 * turn - 1}) {
    CAPTURE(begin);
    CutLog cut(100, plenty, begin);
    cut.play(500, 1'000);
    log::PacketReader reader(cut.log);
    reader.refresh();
    CHECK(reader.tail() == begin);
    const auto packets = packets_from(reader, begin);
    REQUIRE(packets.size() == 500 * 11 + 50);
    log::Offset next[] = {begin, begin};
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const log::Packet& packet = packets[i];
      REQUIRE(packet.offset == begin + i);
      REQUIRE(packet.index == next[packet.track]++);
      const auto found = reader.find(packet.track, packet.index);
      REQUIRE(found);
      REQUIRE(found->offset == packet.offset);
      REQUIRE(found->payload.data() == packet.payload.data());
    }
    CHECK_FALSE(reader.find(0, next[0]));
    CHECK_FALSE(reader.find(1, begin - 1));
    CHECK_FALSE(reader.find(7, begin));
    CHECK_FALSE(reader.find(log::max_packet_tracks, begin));
  }
}

TEST_CASE("a log of packets forgets messages, also where their numbers wrap, and starts with them") {
  CutLog cut(100, plenty, turn - 1'000);
  cut.number = 0xffff'ff00;
  cut.play(300, 1'000);
  log::PacketReader reader(cut.log);
  reader.refresh();
  cut.log->evict_before(0xffff'ff00 + 2 * 155);
  CHECK(reader.oldest_start()->timestamp_ms == 0);  // as it was refreshed
  reader.refresh();
  CHECK(reader.timestamp_at(reader.tail()) == 155 * 40);
  CHECK(packets_from(reader, reader.tail()).front().first);
  CHECK(reader.oldest_start()->timestamp_ms == 160 * 40);
  CHECK(reader.newest_start()->timestamp_ms == 290 * 40);
  CHECK(reader.timestamp_at(reader.offset_since(200 * 40)) == 200 * 40);
  cut.log->evict_before(cut.number);
  reader.refresh();
  CHECK(reader.tail() == reader.head());
  CHECK(reader.newest_start() == nullptr);
  CHECK(cut.log->cost_bytes() == 0);
}

TEST_CASE("a reader that is late holds what it has not released, and finds it for who asks again") {
  CutLog cut(100);
  cut.play(100, 1'000);
  log::PacketReader reader(cut.log);
  reader.refresh();
  const log::Offset kept = reader.tail();
  const std::weak_ptr<log::PacketBlock> first = cut.log->chain().first();
  cut.play(1'000, 1'000);
  cut.log->evict_before(cut.number - 10);
  reader.refresh();
  CHECK(reader.tail() > kept);
  CHECK(reader.find(0, 0));
  CHECK(packets_from(reader, kept).size() == cut.log->head());
  CHECK_FALSE(first.expired());
  reader.release_before(reader.tail());
  CHECK(first.expired());
  CHECK_FALSE(reader.find(0, 0));
}

TEST_CASE("packets that cost more than the limit go by messages, all but the newest") {
  CutLog cut(10, 100'000);
  cut.play(1'000, 1'000);
  CHECK(cut.log->cost_bytes() <= 100'000);
  log::PacketReader reader(cut.log);
  reader.refresh();
  CHECK(reader.timestamp_at(reader.tail()) > 900 * 40);
  CHECK(packets_from(reader, reader.tail()).front().first);
  cut.append(sample_video(false, 40'000, 200'000));
  reader.refresh();
  const auto packets = packets_from(reader, reader.tail());
  CHECK(packets.size() == 20'000);
  CHECK(packets.front().first);
}

TEST_CASE("of one message there are only so many packets, and none that is empty or too large") {
  CutLog cut(1);
  cut.append(sample_video(true, 0, log::max_packets_of_message + 10));
  CHECK(cut.log->head() == log::max_packets_of_message);
  cut.append(sample_video(false, 40, 5));
  CHECK(cut.log->head() == log::max_packets_of_message + 5);
  CutLog large(log::max_packet_bytes + 1);
  large.append(sample_video(true, 0, log::max_packet_bytes));
  CHECK(large.log->head() == 1);
  large.append(sample_video(true, 40, log::max_packet_bytes + 1));
  CHECK(large.log->head() == 1);
}

TEST_CASE("a start is at the next message that the wire has packets for") {
  CutLog cut(100);
  cut.log->begin_at({0, 0, cut.headers, {}, nullptr});
  cut.append(sample_script("onCuePoint", 0));
  CHECK(cut.log->head() == 0);
  cut.append(sample_audio(10));
  cut.append(sample_audio(30));
  log::PacketReader reader(cut.log);
  reader.refresh();
  REQUIRE(reader.newest_start() != nullptr);
  CHECK(reader.newest_start()->offset == 0);
  CHECK(packets_from(reader, 0)[1].start == nullptr);
}

TEST_CASE("as many packets are looked at as there is room for") {
  CutLog cut(100);
  cut.play(100, 1'000);
  log::PacketReader reader(cut.log);
  reader.refresh();
  log::Packet packets[7];
  log::Offset offset = 0;
  while (const std::size_t count = reader.gather(offset, packets)) {
    for (std::size_t i = 0; i < count; ++i) CHECK(packets[i].offset == offset + i);
    offset += count;
  }
  CHECK(offset == reader.head());
}

// Wires of both kinds as views of one log of messages: made late, kept while they are read, dropped when not.
#include "log/wires.h"

#include <doctest/doctest.h>

#include <vector>

#include "log/flv_wire.h"
#include "log/message_log.h"
#include "log/message_reader.h"
#include "log/packet_reader.h"
#include "log/wire_reader.h"
#include "unit/log/cutting_wire.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;
using std::chrono::seconds;

namespace {

const log::LogLimits gops_only{.min_time = std::chrono::milliseconds(0)};
constexpr log::Wires::TimePoint begin{seconds(1'000)};

void play(log::MessageLog& log, int from, int to, int gop = 10) {
  for (int i = from; i < to; ++i) {
    log.append(sample_video(i % gop == 0, i * 40, 1'000));
    log.append(sample_audio(i * 40 + 5));
  }
}

void append_headers(log::MessageLog& log) {
  log.append(sample_script("onMetaData", 0));
  log.append(sample_header(flv::TagType::video, 0, 1));
  log.append(sample_header(flv::TagType::audio, 0, 2));
}

// Of the packets from the newest start on: each with its time and marks.
std::vector<std::uint8_t> played(const std::shared_ptr<log::PacketLog>& wire) {
  log::PacketReader reader(wire);
  reader.refresh();
  const log::PacketStart* start = reader.newest_start();
  if (start == nullptr) return {};
  std::vector<log::Packet> packets(1'000);
  packets.resize(reader.gather(start->offset, packets));
  std::vector<std::uint8_t> all;
  for (const log::Packet& packet : packets) {
    all.insert(all.end(), {packet.track, packet.marker, packet.first, packet.start != nullptr});
    all.push_back(static_cast<std::uint8_t>(packet.time >> 8));
    all.insert(all.end(), packet.payload.begin(), packet.payload.end());
  }
  return all;
}

log::Offset packets_in(const log::PacketLog& wire) {
  return wire.head() - wire.tail();
}

}  // namespace

TEST_CASE("a log of packets made late equals one that was there from the start") {
  const log::CuttingFormat format(100), other(100);
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto early = log.packets(format);
  append_headers(log);
  play(log, 0, 65);
  const auto late = log.packets(other);
  CHECK(log.packets(other) == late);
  CHECK(log.wires() == 2);
  CHECK(packets_in(*late) == packets_in(*early));
  CHECK(played(late) == played(early));
  play(log, 65, 95);
  CHECK_FALSE(played(late).empty());
  CHECK(played(late) == played(early));
  CHECK(packets_in(*late) == packets_in(*early));
}

TEST_CASE("packets and bytes go back as far as the messages do") {
  const log::CuttingFormat format(500);
  const log::FlvWire flv;
  for (const bool crowded : {false, true}) {
    CAPTURE(crowded);
    log::MessageLog log({"live/x", ""}, {.max_bytes = crowded ? 20'000u : 64u << 20, .min_time = {}});
    const auto packets = log.packets(format);
    const auto bytes = log.wire(flv);
    append_headers(log);
    play(log, 0, 1'005, 100);
    log::MessageReader messages(log.messages());
    log::PacketReader packet_reader(packets);
    log::WireReader byte_reader(*bytes);
    messages.refresh();
    packet_reader.refresh();
    byte_reader.refresh();
    const std::int64_t oldest = messages.timestamp_at(messages.tail());
    CHECK(oldest >= (crowded ? 990 : 900) * 40);
    CHECK(packet_reader.timestamp_at(packet_reader.tail()) == oldest);
    CHECK(byte_reader.timestamp_at(byte_reader.tail()) == oldest);
    CHECK(packet_reader.newest_ms() == messages.newest_ms());
  }
}

TEST_CASE("payloads stay with the messages where only packets are made of them") {
  const log::CuttingFormat format(100);
  log::MessageLog log({"live/x", ""}, gops_only);
  const auto packets = log.packets(format);
  Block block = make_block(256 * 1024);
  const std::weak_ptr<std::uint8_t[]> held = block;
  std::copy_n("\xaf\x01", 2, block.get());
  log.append(make_message(flv::TagType::audio, 0, Slice(block, Bytes(block.get(), 200))));
  block.reset();
  CHECK(held.expired());
  CHECK(packets->head() == 2);
}

TEST_CASE("a wire of either kind goes when nobody has read it for a while, and comes back when asked for") {
  const log::CuttingFormat format(100);
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  auto packets = log.packets(format);
  auto bytes = log.wire(flv);
  append_headers(log);
  play(log, 0, 15);
  log.drop_unused_wires(begin);
  log.drop_unused_wires(begin + seconds(100));
  CHECK(log.wires() == 2);  // both are read
  const std::weak_ptr<log::PacketLog> packets_gone = packets;
  const std::weak_ptr<log::WireLog> bytes_gone = bytes;
  packets.reset();
  log.drop_unused_wires(begin + seconds(109));
  CHECK(log.wires() == 2);
  log.drop_unused_wires(begin + seconds(110));
  CHECK(log.wires() == 1);
  CHECK(packets_gone.expired());
  bytes.reset();
  log.drop_unused_wires(begin + seconds(119));
  CHECK(log.wires() == 1);
  log.drop_unused_wires(begin + seconds(120));
  CHECK(log.wires() == 0);
  CHECK(bytes_gone.expired());
  play(log, 15, 30);
  CHECK_FALSE(played(log.packets(format)).empty());
  log::WireReader reader(*log.wire(flv));
  reader.refresh();
  CHECK(reader.newest_start()->timestamp_ms == 20 * 40);
}

TEST_CASE("on an idle stream each wire goes once its time is over, asked for or not") {
  const log::CuttingFormat format(100), other(50);
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""}, gops_only);
  append_headers(log);
  play(log, 0, 15);
  const auto read = log.packets(format);
  log.packets(other);  // nobody ever held it
  log.wire(flv);
  int second = 0;
  for (; log.wires() == 3; ++second) log.drop_unused_wires(begin + seconds(second));
  CHECK(seconds(second - 1) == log::MessageLog::wire_patience);
  CHECK(log.wires() == 1);
  for (; second < 100; ++second) log.drop_unused_wires(begin + seconds(second));
  CHECK(log.packets(format) == read);
}

TEST_CASE("who comes back in time gets the same wire, and its time begins anew") {
  const log::CuttingFormat format(100);
  log::MessageLog log({"live/x", ""}, gops_only);
  play(log, 0, 5);
  const log::PacketLog* wire = log.packets(format).get();
  log.drop_unused_wires(begin);
  log.drop_unused_wires(begin + seconds(9));
  auto back = log.packets(format);
  CHECK(back.get() == wire);
  log.drop_unused_wires(begin + seconds(10));
  back.reset();
  log.drop_unused_wires(begin + seconds(19));
  CHECK(log.wires() == 1);
  log.drop_unused_wires(begin + seconds(20));
  CHECK(log.wires() == 0);
}

TEST_CASE("a reader of packets is somebody who reads, and may outlive the log") {
  const log::CuttingFormat format(100);
  auto log = std::make_unique<log::MessageLog>(StreamInfo{"live/x", ""}, gops_only);
  play(*log, 0, 5);
  log::PacketReader reader(log->packets(format));
  log->drop_unused_wires(begin);
  log->drop_unused_wires(begin + seconds(100));
  CHECK(log->wires() == 1);
  log.reset();
  reader.refresh();
  CHECK(reader.head() == 5 * 11);
}

// A log of messages with one writer and several readers at the same time, while wires of both kinds come and
// go. This file is also built under ThreadSanitizer: see CMakeLists.txt.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "log/flv_wire.h"
#include "log/message_log.h"
#include "log/message_reader.h"
#include "log/packet_reader.h"
#include "unit/log/cutting_wire.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

constexpr int pictures = 10'000;
constexpr int gop = 25;
constexpr std::size_t packet_bytes = 500;
const log::LogLimits small{.max_bytes = 300'000, .max_time = std::chrono::hours(10), .min_time = {}};

std::size_t size_of(int i) {
  return i % 997 == 0 ? 200'000 : 100 + static_cast<std::size_t>(i * 37 % 3000);
}

// In order, with the bytes that it was made of, and after a hole a key frame.
class Pictures {
 public:
  void check(std::int64_t timestamp_ms, Bytes payload) {
    const int number = static_cast<int>(timestamp_ms / 40);
    const Message wanted = sample_video(number % gop == 0, number * 40, size_of(number));
    const bool follows = number == last_ + 1 || (number > last_ && number % gop == 0);
    if (!follows || !std::ranges::equal(payload, wanted.payload.bytes())) ++faults_;
    last_ = number;
  }
  int last() const { return last_; }
  int faults() const { return faults_; }

 private:
  int last_ = -1;
  int faults_ = 0;
};

// Somebody who takes so many at each turn, and begins anew at a key frame where the log has gone on without
// it.
struct Taker {
  std::size_t greed;
  log::Offset offset = 0;
  bool started = false;
  int jumps = 0;
  Pictures pictures = {};

  template <typename Reader>
  bool find_place(const Reader& reader) {
    if (started && offset < reader.tail()) {
      started = false;
      ++jumps;
    }
    if (started || reader.newest_start() == nullptr) return started;
    offset = reader.newest_start()->offset;
    return started = true;
  }
};

void take(Taker& taker, log::MessageReader& reader) {
  if (!taker.find_place(reader)) return;
  const auto run = reader.from(taker.offset);
  for (std::size_t i = 0; i < run.size() && i < taker.greed; ++i, ++taker.offset)
    taker.pictures.check(run[i].timestamp_ms, run[i].payload.bytes());
}

// One picture after the other, put together of its packets.
void take(Taker& taker, log::PacketReader& reader) {
  if (!taker.find_place(reader)) return;
  log::Packet packets[512];
  for (std::size_t turn = 0; turn < taker.greed; ++turn) {
    std::vector<std::uint8_t> picture;
    const std::size_t count = reader.gather(taker.offset, packets);
    std::size_t used = 0;
    while (used < count && (used == 0 || !packets[used].first)) {
      picture.insert(picture.end(), packets[used].payload.begin(), packets[used].payload.end());
      ++used;
    }
    if (used == 0) return;
    if (!packets[0].first || !packets[used - 1].marker) taker.pictures.check(-1, {});
    taker.pictures.check(packets[0].timestamp_ms, picture);
    taker.offset += used;
  }
}

template <typename Reader>
void read_all(Reader reader, const std::atomic<bool>& done, std::vector<Taker>& takers) {
  for (;;) {
    const bool is_last_turn = done;
    reader.refresh();
    for (Taker& taker : takers) take(taker, reader);
    reader.release_before(reader.tail());
    if (is_last_turn && takers.front().started && takers.front().offset == reader.head()) return;
    std::this_thread::yield();
  }
}

void check(const std::vector<Taker>& takers) {
  CHECK(takers[0].pictures.last() == pictures - 1);
  CHECK(takers[1].jumps > 0);
  for (const Taker& taker : takers) CHECK(taker.pictures.faults() == 0);
}

void append(log::MessageLog& log, int i) {
  log.append(sample_video(i % gop == 0, i * 40, size_of(i)));
  if (i % 16 == 0) std::this_thread::yield();
}

}  // namespace

TEST_CASE("threads read messages while another appends, evicts, and has wires that come and go") {
  const log::FlvWire flv;
  const log::CuttingFormat format(packet_bytes);
  log::MessageLog log({"live/x", ""}, small);
  std::atomic<bool> done = false;
  std::vector<std::vector<Taker>> takers(2, {{1'000}, {1}});
  std::vector<std::thread> threads;
  for (auto& some : takers)
    threads.emplace_back([&] { read_all(log::MessageReader(log.messages()), done, some); });
  for (int i = 0; i < pictures; ++i) {
    append(log, i);
    if (i % 100 == 0) log.wire(flv);
    if (i % 130 == 0) log.packets(format);
    if (i % 50 == 0) log.drop_unused_wires(std::chrono::steady_clock::time_point(std::chrono::seconds(i)));
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& some : takers) check(some);
}

TEST_CASE("threads read packets while another appends and evicts") {
  const log::CuttingFormat format(packet_bytes);
  log::MessageLog log({"live/x", ""}, small, (log::Offset{1} << 32) - 1'000);
  std::atomic<bool> done = false;
  std::vector<std::vector<Taker>> takers(2, {{1'000}, {1}});
  std::vector<std::thread> threads;
  for (auto& some : takers)
    threads.emplace_back(
        [&, packets = log.packets(format)] { read_all(log::PacketReader(packets), done, some); });
  for (int i = 0; i < pictures; ++i) append(log, i);
  done = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& some : takers) check(some);
}

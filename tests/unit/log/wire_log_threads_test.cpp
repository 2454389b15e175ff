// A wire log with one writer and several readers at the same time. This file is also built, alone with what
// it tests, under ThreadSanitizer: see CMakeLists.txt.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "flv/reader.h"
#include "log/flv_wire.h"
#include "log/message_log.h"
#include "log/wire_reader.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

constexpr int messages = 20'000;
constexpr int gop = 25;

// Of the message with this number: different ones, some larger than a block.
std::size_t size_of(int i) {
  return i % 997 == 0 ? 300'000 : 100 + static_cast<std::size_t>(i * 37 % 3000);
}

// A player without a socket: takes some bytes at each turn and parses them.
class Taker {
 public:
  explicit Taker(std::size_t greed) : greed_(greed) {
    std::uint8_t header[flv::file_header_size];
    flv::store_file_header(header, true, true);
    parser_.append(header);
  }

  void take(log::WireReader& wire) {
    if (started_ && offset_ < wire.tail()) {  // behind: the rest of the message, then a key frame
      parser_.append(wire.rest_of_message(offset_).bytes());
      started_ = false;
      ++jumps_;
    }
    if (!started_) {
      const log::WireStart* start = wire.newest_start();
      if (start == nullptr) return;
      started_ = true;
      offset_ = start->offset;
    }
    iovec pieces[4];
    std::size_t left = greed_;
    for (std::size_t i = 0, count = wire.gather(offset_, pieces, 4); i < count && left > 0; ++i) {
      const std::size_t size = std::min(left, pieces[i].iov_len);
      parser_.append(Bytes(static_cast<const std::uint8_t*>(pieces[i].iov_base), size));
      offset_ += size;
      left -= size;
    }
    check_messages();
  }

  bool is_at(log::WireOffset offset) const { return started_ && offset_ == offset; }
  int last() const { return last_; }
  int jumps() const { return jumps_; }
  int faults() const { return faults_; }

 private:
  // Whole, in order, and after a hole a key frame.
  void check_messages() {
    for (;;) {
      auto tag = parser_.next();
      if (!tag) ++faults_;
      if (!tag || !*tag) return;
      const int number = static_cast<int>((*tag)->timestamp_ms / 40);
      const Message wanted = sample_video(number % gop == 0, number * 40, size_of(number));
      const bool follows = number == last_ + 1 || (number > last_ && number % gop == 0);
      const Bytes payload = (*tag)->payload.bytes();
      if (!follows || !std::equal(payload.begin(), payload.end(), wanted.payload.bytes().begin(),
                                  wanted.payload.bytes().end()))
        ++faults_;
      last_ = number;
    }
  }

  std::size_t greed_;
  flv::Reader parser_;
  log::WireOffset offset_ = 0;
  bool started_ = false;
  int last_ = -1;
  int jumps_ = 0;
  int faults_ = 0;
};

// Three players on a thread, one of which is too slow to keep up.
void read_all(const log::WireLog& log, const std::atomic<bool>& done, std::vector<Taker>& takers) {
  log::WireReader reader(log);
  for (;;) {
    const bool is_last_turn = done;
    reader.refresh();
    for (Taker& taker : takers) taker.take(reader);
    reader.release_before(reader.tail());
    if (is_last_turn && takers.front().is_at(log.head())) return;
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("threads read a wire log while another appends to it and evicts") {
  const log::FlvWire flv;
  log::MessageLog log({"live/x", ""},
                      {.max_bytes = 500'000, .max_time = std::chrono::hours(10), .min_time = {}});
  const auto wire = log.wire(flv);
  std::atomic<bool> done = false;
  std::vector<std::vector<Taker>> takers(2);
  std::vector<std::thread> threads;
  for (auto& some : takers) {
    for (const std::size_t greed : {1'000'000u, 3'000u, 40u}) some.emplace_back(greed);
    threads.emplace_back([&some, &wire, &done] { read_all(*wire, done, some); });
  }
  for (int i = 0; i < messages; ++i) {
    log.append(sample_video(i % gop == 0, i * 40, size_of(i)));
    if (i % 16 == 0) std::this_thread::yield();
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& some : takers) {
    CHECK(some[0].last() == messages - 1);
    CHECK(some[2].jumps() > 0);
    for (const Taker& taker : some) CHECK(taker.faults() == 0);
  }
}

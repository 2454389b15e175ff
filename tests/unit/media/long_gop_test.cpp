#include "media/long_gop.h"

#include <doctest/doctest.h>

#include <vector>

using namespace srs;
using namespace std::chrono_literals;
using media::LongGop;

namespace {

// A stream of 25 pictures a second.
class Pictures {
 public:
  explicit Pictures(LongGop::Duration limit = LongGop::default_limit) : gop_(limit) {}

  void add(media::MessageKind kind) {
    media::Message message;
    message.type = kind == media::MessageKind::audio_frame ? flv::TagType::audio : flv::TagType::video;
    message.kind = kind;
    message.timestamp_ms = time_ms_;
    if (const auto said = gop_.add(message)) told.push_back(*said);
  }
  void gop(std::chrono::milliseconds length) {
    for (const std::int64_t end = time_ms_ + length.count(); time_ms_ < end; time_ms_ += 40)
      add(time_ms_ == end - length.count() ? media::MessageKind::key_frame : media::MessageKind::video_frame);
  }
  void sound(std::chrono::milliseconds length) {
    for (const std::int64_t end = time_ms_ + length.count(); time_ms_ < end; time_ms_ += 20)
      add(media::MessageKind::audio_frame);
  }
  void turn_to(std::int64_t time_ms) { time_ms_ = time_ms; }

  std::vector<LongGop::Duration> told;

 private:
  LongGop gop_;
  std::int64_t time_ms_ = 1'000'000;
};

}  // namespace

TEST_CASE("key frames that are too far apart are reported once") {
  Pictures stream;
  stream.gop(2s);
  stream.gop(10s);
  CHECK(stream.told.empty());
  stream.gop(10s);
  stream.gop(10s);
  CHECK(stream.told == std::vector<LongGop::Duration>{10s});
}

TEST_CASE("key frames that are near enough are not reported") {
  Pictures usual, wider(9s);
  for (int i = 0; i < 20; ++i) usual.gop(5s);
  for (int i = 0; i < 20; ++i) wider.gop(8s);
  CHECK(usual.told.empty());
  CHECK(wider.told.empty());
}

TEST_CASE("a pause of the pictures does not count as distance between key frames") {
  Pictures stream;
  for (int i = 0; i < 5; ++i) {
    stream.gop(2s);
    stream.sound(20s);
  }
  stream.gop(4s);
  CHECK(stream.told.empty());
}

TEST_CASE("nor does another timeline") {
  Pictures stream;
  stream.gop(2s);
  stream.turn_to(0);
  stream.gop(2s);
  stream.turn_to(100'000'000);
  stream.gop(2s);
  CHECK(stream.told.empty());
}

TEST_CASE("a stream without a second key frame is reported after a minute") {
  Pictures stream;
  stream.gop(59s);
  CHECK(stream.told.empty());
  stream.gop(0s);
  Pictures endless;
  endless.gop(200s);
  CHECK(endless.told == std::vector<LongGop::Duration>{60'040ms});
}

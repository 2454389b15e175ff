#include "media/silence.h"

#include <doctest/doctest.h>

#include "codec/aac.h"
#include "flv/payload.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

Message aac_header(std::uint32_t sample_rate, unsigned channels) {
  std::vector<std::uint8_t> bytes{0xaf, 0};
  for (const std::uint8_t byte : codec::build_aac_config(sample_rate, channels)) bytes.push_back(byte);
  return make_message(flv::TagType::audio, 0, Slice::copy_of(bytes));
}

std::vector<std::uint8_t> body_of(const Message& message) {
  const auto audio = flv::parse_audio(message.payload.bytes());
  REQUIRE(audio);
  CHECK(audio->kind == flv::PacketKind::coded_frames);
  return {audio->body.begin(), audio->body.end()};
}

}  // namespace

TEST_CASE("silence has the frames of the sound that it replaces, half a second behind the picture") {
  Silence silence;
  silence.set_header(aac_header(48'000, 2));
  silence.begin(10'000);
  CHECK_FALSE(silence.next(10'500));
  std::vector<std::int64_t> times;
  while (auto frame = silence.next(10'600)) {
    CHECK(frame->kind == MessageKind::filler);
    CHECK(frame->is_audio());
    CHECK_FALSE(frame->is_frame());
    times.push_back(frame->timestamp_ms);
  }
  CHECK(times == std::vector<std::int64_t>{10'021, 10'042, 10'064, 10'085});
}

TEST_CASE("silence keeps its pace for a week, and ignores jumps") {
  Silence silence;
  silence.set_header(aac_header(44'100, 1));
  constexpr std::int64_t week_ms = 7 * 86'400'000LL;
  silence.begin(week_ms);
  std::int64_t frames = 0;
  for (std::int64_t ms = week_ms; ms <= week_ms + 3'600'000; ms += 40)
    while (silence.next(ms)) ++frames;
  CHECK(frames == (3'600'000 - 500) * 44'100LL / 1'024 / 1'000);
  std::int64_t after_jump = 0;
  while (silence.next(2 * week_ms)) ++after_jump;
  CHECK(after_jump == 0);
  while (silence.next(week_ms)) ++after_jump;
  CHECK(after_jump == 0);
}

TEST_CASE("silence has the form of its codec") {
  Silence silence;
  silence.set_header(aac_header(44'100, 2));
  silence.begin(0);
  CHECK(body_of(*silence.next(1'000)) == std::vector<std::uint8_t>{0x21, 0, 0, 0, 0, 0x1c});
  const std::uint8_t opus[] = {0x90, 'O', 'p', 'u', 's', 'O',  'p',  'u', 's', 'H', 'e', 'a',
                               'd',  1,   2,   0,   0,   0x80, 0xbb, 0,   0,   0,   0,   0};
  silence.set_header(make_message(flv::TagType::audio, 0, Slice::copy_of(opus)));
  silence.begin(0);
  CHECK(body_of(*silence.next(1'000)) == std::vector<std::uint8_t>{0xfc, 0xff, 0xfe});
}

TEST_CASE("codecs without silent frames get none") {
  Silence silence;
  CHECK_FALSE(silence.next(10'000));
  const std::uint8_t usac[] = {0xaf, 0, 0xf9, 0x46, 0x40, 0};
  silence.set_header(make_message(flv::TagType::audio, 0, Slice::copy_of(usac)));
  silence.begin(0);
  CHECK_FALSE(silence.next(10'000));
  silence.set_header(aac_header(48'000, 8));
  silence.begin(0);
  CHECK(silence.next(1'000).has_value());  // 7.1 has a configuration of its own
}

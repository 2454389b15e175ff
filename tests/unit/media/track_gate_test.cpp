#include "media/track_gate.h"

#include <doctest/doctest.h>

#include "amf/value.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

Message announcing(bool audio, bool video) {
  const auto payload = amf::encode_all(
      {amf::Value("onMetaData"), amf::Value::ecma_array({{"hasAudio", audio}, {"hasVideo", video}})});
  return make_message(flv::TagType::script, 0, Slice::copy_of(payload));
}

}  // namespace

TEST_CASE("without metadata both tracks are waited for") {
  TrackGate gate;
  CHECK_FALSE(gate.open());
  gate.add(sample_video(true, 0));
  CHECK_FALSE(gate.open());
  gate.add(sample_audio(0));
  CHECK(gate.open());
  CHECK(gate.has_audio());
  CHECK(gate.has_video());
}

TEST_CASE("metadata says which tracks to wait for") {
  TrackGate gate;
  gate.add(announcing(true, false));
  CHECK_FALSE(gate.open());
  gate.add(sample_audio(0));
  CHECK(gate.open());
  CHECK_FALSE(gate.has_video());
}

TEST_CASE("metadata that announces nothing says nothing") {
  TrackGate gate;
  gate.add(announcing(false, false));
  gate.add(sample_audio(0));
  CHECK_FALSE(gate.open());
}

TEST_CASE("after a second of the stream a track that never came is given up") {
  TrackGate gate;
  gate.add(sample_audio(500'000));
  gate.add(sample_audio(501'000));
  CHECK_FALSE(gate.open());
  gate.add(sample_audio(501'001));
  CHECK(gate.open());
  CHECK(gate.has_audio());
  CHECK_FALSE(gate.has_video());
}

TEST_CASE("force opens the gate with what is known") {
  TrackGate gate;
  gate.add(sample_video(true, 0));
  gate.force();
  CHECK(gate.open());
  CHECK_FALSE(gate.has_audio());
}

TEST_CASE("a codec header does not make a track active: its frames do") {
  TrackGate gate;
  gate.add(announcing(true, true));
  gate.add(sample_header(flv::TagType::video, 0, 1));
  gate.add(sample_header(flv::TagType::audio, 0, 2));
  gate.add(sample_video(true, 0));
  CHECK_FALSE(gate.open());
  CHECK(gate.left_out() == TrackSet());
  gate.add(sample_video(false, 1'001));
  CHECK(gate.open());
  CHECK(gate.left_out() == TrackSet{true, false});
  CHECK(gate.missing() == TrackSet());
  gate.add(sample_video(false, 2'001));
  CHECK(gate.missing() == TrackSet{true, false});
}

TEST_CASE("a track that stops is inactive until it is back") {
  TrackGate gate;
  const auto play = [&](std::int64_t from, std::int64_t to, bool audio, bool video) {
    for (std::int64_t ms = from; ms < to; ms += 40) {
      if (video) gate.add(sample_video(ms % 1000 == 0, ms));
      if (audio) gate.add(sample_audio(ms));
    }
  };
  play(0, 3'000, true, true);
  play(3'000, 4'900, false, true);
  CHECK(gate.has_audio());
  play(4'900, 6'000, false, true);
  CHECK_FALSE(gate.has_audio());
  CHECK(gate.missing() == TrackSet{true, false});
  play(6'000, 6'040, true, true);
  CHECK(gate.has_audio());
  play(6'040, 12'000, true, false);
  CHECK(gate.missing() == TrackSet{false, true});
  CHECK(gate.has_audio());
}

TEST_CASE("a track with few frames is given more time, and a jump of the stream is not silence") {
  TrackGate gate;
  const auto sound = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t ms = from; ms < to; ms += 40) gate.add(sample_audio(ms));
  };
  // A picture every five seconds.
  gate.add(sample_video(true, 0));
  sound(0, 5'000);
  CHECK_FALSE(gate.has_video());
  gate.add(sample_video(true, 5'000));
  for (std::int64_t ms = 5'000; ms < 50'000; ms += 5'000) {
    sound(ms, ms + 5'000);
    CHECK(gate.has_video());
    gate.add(sample_video(true, ms + 5'000));
  }
  gate.add(sample_audio(3'600'000));
  CHECK(gate.has_video());
  sound(3'600'000, 3'611'000);
  CHECK_FALSE(gate.has_video());
  gate.add(sample_video(true, 0));  // and back
  CHECK(gate.has_audio());
  CHECK(gate.has_video());
}

#include "media/track_gate.h"

#include <doctest/doctest.h>

#include "amf/value.h"
#include "media_samples.h"

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

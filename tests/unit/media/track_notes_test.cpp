#include "media/track_notes.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

Message message_of(flv::TagType type, std::string_view hex) {
  return make_message(type, 0, Slice::copy_of(bytes_of(hex)));
}

// Of libx264: High, 640x360.
constexpr std::string_view avc_header =
    "17 00 000000 01 64001e ff e1 001a 6764001eacd940a02ff97011000003000100000300320f162d96 01 0004 68ef8fcb "
    "fdf8f800";
constexpr std::string_view aac_header = "af 00 1210";

}  // namespace

TEST_CASE("a track is described by its configuration, once") {
  TrackNotes notes;
  CHECK(notes.add(message_of(flv::TagType::video, avc_header)) == "H.264 High 640x360");
  CHECK_FALSE(notes.add(message_of(flv::TagType::video, avc_header)));
  CHECK(notes.add(message_of(flv::TagType::audio, aac_header)) == "AAC 44100 Hz stereo");
  CHECK_FALSE(notes.add(sample_video(true, 0)));
  CHECK_FALSE(notes.add(sample_audio(0)));
}

TEST_CASE("a change is described again, but not for ever") {
  TrackNotes notes;
  int told = 0;
  for (int i = 0; i < 1000; ++i)
    if (notes.add(message_of(flv::TagType::audio, i % 2 ? "af 00 1210" : "af 00 1208"))) ++told;
  CHECK(told == 20);
}

TEST_CASE("a codec without configuration is described by its first frame") {
  TrackNotes notes;
  CHECK(notes.add(message_of(flv::TagType::audio, "2f fffb9064")) == "MP3 44100 Hz stereo");
  CHECK_FALSE(notes.add(message_of(flv::TagType::audio, "2f fffb9064")));
}

TEST_CASE("an unreadable configuration is described by the codec's name, or not at all") {
  TrackNotes notes;
  CHECK_FALSE(notes.add(message_of(flv::TagType::video, "")));
  CHECK_FALSE(notes.add(sample_script("onMetaData", 0)));
  CHECK(notes.add(message_of(flv::TagType::video, "17 00 000000 01")) == "H.264");
}

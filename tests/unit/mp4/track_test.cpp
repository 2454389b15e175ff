#include "mp4/track.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

namespace srs::mp4 {
namespace {

using codec::AudioCodec;

TEST_CASE("a bit rate of E-AC-3 that changes is no change of the track") {
  AudioTrack track{AudioCodec::eac3, {}};
  CHECK(update_format(track, bytes_of("0b77 01ff 3f87 c0002080200002")));
  CHECK_FALSE(update_format(track, bytes_of("0b77 00ff 3f87 c0002080200002")));
  CHECK(track.record == bytes_of("0800200f00"));
  CHECK(update_format(track, bytes_of("0b77 007f 3287 c0002105e020e3")));
  CHECK_FALSE(update_format(track, bytes_of("00 00")));
}

}  // namespace
}  // namespace srs::mp4

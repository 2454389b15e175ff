#include "codec/silence.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::codec;

namespace {

std::vector<std::uint8_t> aac(const char* record) {
  const auto frame = silent_frame(AudioCodec::aac, bytes_of(record));
  return frame ? frame->bytes : std::vector<std::uint8_t>();
}

TEST_CASE("silence in AAC is a block for each channel with nothing in it") {
  // As FFmpeg 5.1 decodes it, without a complaint and to nothing but zeros.
  CHECK(aac("1208") == bytes_of("00 00 00 07"));        // mono: 29 bits of one element, 3 of the end
  CHECK(aac("1210") == bytes_of("21 00 00 00 00 1c"));  // stereo
  CHECK(silent_frame(AudioCodec::aac, bytes_of("1210"))->duration_ms == doctest::Approx(1024 / 44.1));
  CHECK(silent_frame(AudioCodec::aac, bytes_of("1190"))->duration_ms == doctest::Approx(1024 / 48.0));
  // HE-AAC: of the core coder.
  CHECK(silent_frame(AudioCodec::aac, bytes_of("2b920800"))->duration_ms == doctest::Approx(1024 / 22.05));
  for (const char* record : {"1218", "1220", "1228", "1230", "1238"}) CHECK(aac(record).size() > 6);
}

TEST_CASE("silence in Opus is a frame of 20 ms") {
  const auto stereo =
      silent_frame(AudioCodec::opus, bytes_of("4f70757348656164 01 02 3801 80bb0000 0000 00"));
  REQUIRE(stereo.has_value());
  CHECK(stereo->bytes == bytes_of("fc ff fe"));
  CHECK(stereo->duration_ms == 20);
}

TEST_CASE("there is no silence of other codecs, of layouts of their own and of records that are none") {
  CHECK_FALSE(silent_frame(AudioCodec::mp3, {}).has_value());
  CHECK_FALSE(silent_frame(AudioCodec::aac, {}).has_value());
  CHECK_FALSE(silent_frame(AudioCodec::opus, {}).has_value());
  CHECK(aac("12800544400021100d4c61766335392e33372e31303056e500").empty());
  for_each_flipped_bit(bytes_of("2b920800"),
                       [](const auto& broken) { (void)silent_frame(AudioCodec::aac, broken); });
}

}  // namespace

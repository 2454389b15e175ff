#include <doctest/doctest.h>

#include "codec/audio_frame.h"
#include "codec/flac.h"
#include "codec/opus.h"
#include "unit/bytes_of.h"

namespace srs::codec {
namespace {

struct Case {
  const char* what;
  AudioCodec codec;
  const char* frame;  // its beginning
  std::uint32_t sample_rate;
  unsigned channels;
  std::uint32_t samples;
  const char* box;
};

// ffmpeg -f lavfi -i sine=f=440:r=48000:d=0.3 [-ar RATE] [-ac CHANNELS] -c:a CODEC -b:a RATE x.mp4; the boxes
// are those that FFmpeg wrote into the file.
const Case cases[] = {
    {"AC-3 5.1, 384k", AudioCodec::ac3, "0b77 1e8b 1c 40 eb f8403eff74fe", 48'000, 6, 1536, "103dc0"},
    {"AC-3 stereo, 44.1 kHz", AudioCodec::ac3, "0b77 07c3 50 40 43 e106f2b943", 44'100, 2, 1536, "501100"},
    {"AC-3, the longer frame of 44.1 kHz", AudioCodec::ac3, "0b77 37b4 51 40 43 e106f2b943", 44'100, 2, 1536,
     "501100"},
    {"E-AC-3 5.1, 256k", AudioCodec::eac3, "0b77 01ff 3f87 c0002080200002", 48'000, 6, 1536, "0800200f00"},
    {"E-AC-3 mono, 64k", AudioCodec::eac3, "0b77 007f 3287 c0002105e020e3", 48'000, 1, 1536, "0200200200"},
    {"MP3, mono", AudioCodec::mp3, "fffb54c4", 48'000, 1, 1152, ""},
    {"MP3 of MPEG-2, mono", AudioCodec::mp3, "fff340c4", 22'050, 1, 576, ""},
};

TEST_CASE("audio frames are described as FFmpeg reads them") {
  for (const Case& one : cases) {
    CAPTURE(one.what);
    const auto frame = parse_audio_frame(one.codec, bytes_of(one.frame));
    REQUIRE(frame);
    CHECK(frame->sample_rate == one.sample_rate);
    CHECK(frame->channels == one.channels);
    CHECK(frame->samples == one.samples);
    CHECK(frame->box == bytes_of(one.box));
  }
}

TEST_CASE("truncated and broken audio frames do no harm") {
  for (const Case& one : cases) {
    const auto read = [&](const std::vector<std::uint8_t>& bytes) {
      if (const auto frame = parse_audio_frame(one.codec, bytes)) {
        CHECK(frame->sample_rate > 0);
        CHECK(frame->samples > 0);
      }
    };
    for_each_truncation(bytes_of(one.frame), read);
    for_each_flipped_bit(bytes_of(one.frame), read);
  }
  CHECK_FALSE(parse_audio_frame(AudioCodec::aac, bytes_of("fffb54c4")));
  CHECK_FALSE(parse_audio_frame(AudioCodec::eac3, bytes_of(cases[0].frame)));
  CHECK_FALSE(parse_audio_frame(AudioCodec::ac3, bytes_of(cases[3].frame)));
}

// Frames of E-AC-3 of 16 bytes: strmtyp 2, substreamid 3, frmsiz 11; fscod 2, numblkscod 2, acmod 3, lfeon 1;
// bsid 5, dialnorm 5, compre 1, then chanmape 1 and chanmap 16 of dependent ones.
const std::string independent = "0b77 0007 3f 87c0 000000000000000000";
const std::string dependent = "0b77 4007 34 87d0 2000 00000000000000";  // acmod 2, chanmap 0x0200: Lrs/Rrs
const std::string one_block = "0b77 0007 0f 87c0 000000000000000000";

TEST_CASE("E-AC-3 of 7.1 channels is 5.1 and a dependent substream, in one sample") {
  const auto frame = parse_audio_frame(AudioCodec::eac3, bytes_of(independent + dependent));
  REQUIRE(frame);
  CHECK(frame->channels == 8);
  CHECK(frame->samples == 1536);
  // 32 bytes in 1536 samples: 8 kbit/s. One dependent substream, at Lrs/Rrs.
  CHECK(frame->box == bytes_of("0040 200f 0202"));
}

TEST_CASE("E-AC-3 frames of one block come six to a sample") {
  std::string sample;
  for (int i = 0; i < 6; ++i) sample += one_block;
  const auto frame = parse_audio_frame(AudioCodec::eac3, bytes_of(sample));
  REQUIRE(frame);
  CHECK(frame->samples == 1536);
  CHECK(frame->channels == 6);
}

TEST_CASE("a second program of E-AC-3 does not count") {
  const std::string second = "0b77 0807 3f 87c0 000000000000000000";
  const auto frame = parse_audio_frame(AudioCodec::eac3, bytes_of(independent + second + dependent));
  REQUIRE(frame);
  CHECK(frame->samples == 1536);
  CHECK(frame->channels == 6);
  CHECK_FALSE(parse_audio_frame(AudioCodec::eac3, bytes_of(dependent)));
}

TEST_CASE("AC-3 of half the rate, as old encoders made it") {
  // bsid 9
  const auto frame = parse_audio_frame(AudioCodec::ac3, bytes_of("0b77 1e8b 1c 48 eb f8403eff74fe"));
  REQUIRE(frame);
  CHECK(frame->sample_rate == 24'000);
}

TEST_CASE("samples in Opus packets") {
  // ffmpeg -c:a libopus: 20 ms, CELT, full band, one frame; then RFC 6716's table 2 and its codes.
  CHECK(samples_in_opus(bytes_of("f8b4afca")) == 960);
  CHECK(samples_in_opus(bytes_of("fc02fffe")) == 960);
  CHECK(samples_in_opus(bytes_of("00")) == 480);
  CHECK(samples_in_opus(bytes_of("18")) == 2'880);
  CHECK(samples_in_opus(bytes_of("60")) == 480);
  CHECK(samples_in_opus(bytes_of("68")) == 960);
  CHECK(samples_in_opus(bytes_of("80")) == 120);
  CHECK(samples_in_opus(bytes_of("81")) == 240);
  CHECK(samples_in_opus(bytes_of("fb 03")) == 2'880);
  CHECK(samples_in_opus(bytes_of("fb")) == 0);
  CHECK(samples_in_opus({}) == 0);
}

TEST_CASE("samples in FLAC frames") {
  // ffmpeg -f lavfi -i sine=f=440:r=48000:d=0.3 -strict -2 -c:a flac x.mp4, with -ar 96000 -sample_fmt s32;
  // the first and last frames, and what ffprobe says that they last.
  CHECK(samples_in_flac(bytes_of("fff85a0800814e0000"), {}) == 4'608);
  CHECK(samples_in_flac(bytes_of("fff82a0803ef4cf049"), {}) == 576);
  CHECK(samples_in_flac(bytes_of("fff8db0c00b54e0000"), {}) == 8'192);
  CHECK(samples_in_flac(bytes_of("fff87b0c03107f6d4e"), {}) == 4'224);
  // 8 bits of size behind a coded number of two bytes; 192.
  CHECK(samples_in_flac(bytes_of("fff9 6a 08 c2a9 3f"), {}) == 64);
  CHECK(samples_in_flac(bytes_of("fff8 1a 08 00 81"), {}) == 192);
  // Cut short, or no frame: the fixed size of STREAMINFO.
  const auto info = bytes_of("80000022 1200 1200");
  CHECK(samples_in_flac(bytes_of("fff87b0c03"), info) == 0x1200);
  CHECK(samples_in_flac(bytes_of("fffa5a0800814e0000"), info) == 0x1200);
  CHECK(samples_in_flac(bytes_of("fff87b0c03"), {}) == 0);
  for_each_flipped_bit(bytes_of("fff87b0c03107f"), [](const auto& frame) { samples_in_flac(frame, {}); });
  for_each_truncation(bytes_of("fff87b0cfe828282828282"), [](const auto& f) { samples_in_flac(f, {}); });
}

}  // namespace
}  // namespace srs::codec

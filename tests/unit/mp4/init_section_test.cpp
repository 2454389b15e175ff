#include "mp4/init_section.h"

#include <doctest/doctest.h>

#include "unit/bytes_of.h"
#include "unit/mp4/boxes.h"

namespace srs::mp4 {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

const std::string stsd = "moov/trak/mdia/minf/stbl/stsd/";

std::vector<std::uint8_t> bytes_of_box(const ReadBox& box) {
  return {box.whole.begin(), box.whole.end()};
}

// ffmpeg -f lavfi -i testsrc2=s=320x180:r=25:d=0.2 -c:v CODEC x.mp4: the content of the file's configuration
// box, and the start of its first sample.
struct VideoCase {
  VideoCodec codec;
  const char* entry;
  const char* type;
  const char* record;
  const char* frame;
  const char* box;
};
const VideoCase videos[] = {
    // libx264 -preset ultrafast
    {VideoCodec::avc, "avc1", "avcC",
     "0142c00cffe100176742c00cda05067e7c0440000003004000000c83c50aa801000468ce0fc8", "00000254",
     "0142c00cffe100176742c00cda05067e7c0440000003004000000c83c50aa801000468ce0fc8"},
    // libx265, without its SEI, and its arrays not yet called complete
    {VideoCodec::hevc, "hvc1", "hvcC",
     "0101600000009000000000003cf000fcfdf8f800000f03 200001001840010c01ffff016000000300900000030000030"
     "03c959809 210001002b42010101600000030090000003000003003ca00a080b9f796566924caf016808000003000800"
     "000300c840 2200010007 4401c172b46240",
     "00000bc4",
     "0101600000009000000000003cf000fcfdf8f800000f03 a00001001840010c01ffff016000000300900000030000030"
     "03c959809 a10001002b42010101600000030090000003000003003ca00a080b9f796566924caf016808000003000800"
     "000300c840 a200010007 4401c172b46240"},
    // libaom-av1
    {VideoCodec::av1, "av01", "av1C", "81000c000a0b000000043cfeccdaf90040", "0a0b000000043cfeccdaf90040",
     "81000c000a0b000000043cfeccdaf90040"},
    // libaom-av1, a record without its sequence header: the frame has it
    {VideoCodec::av1, "av01", "av1C", "81000c00", "0a0b000000043cfeccdaf90040", "81000c00"},
    // libvpx-vp9: the record with and without version and flags
    {VideoCodec::vp9, "vp09", "vpcC", "01000000 000b820202020000", "824983420013f00b360438241c18",
     "01000000 000b820202020000"},
    {VideoCodec::vp9, "vp09", "vpcC", "000b820202020000", "824983420013f00b360438241c18",
     "01000000 000b820202020000"},
};

TEST_CASE("sample entries of pictures hold what FFmpeg writes into its own") {
  for (const VideoCase& one : videos) {
    CAPTURE(one.entry);
    auto track = describe_video(one.codec, bytes_of(one.record));
    REQUIRE(track.ok());
    update_size(*track, bytes_of(one.frame));
    const auto init = init_section(&*track, nullptr);
    CHECK(find_box(init, "ftyp").content.size() >= 8);
    const ReadBox entry = find_box(init, stsd + one.entry);
    const Bytes head = entry.content.first(78);
    const auto expected = bytes_of(
        "000000000000 0001 00000000 00000000 00000000 00000000 0140 00b4 00480000 00480000 00000000 0001"
        "00000000000000000000000000000000 00000000000000000000000000000000 0018 ffff");
    CHECK(std::vector<std::uint8_t>(head.begin(), head.end()) == expected);
    const Bytes box = find_box(entry.content.subspan(78), one.type).content;
    CHECK(std::vector<std::uint8_t>(box.begin(), box.end()) == bytes_of(one.box));
    ByteReader tkhd(find_box(init, "moov/trak/tkhd").content);
    tkhd.skip(76);
    CHECK(tkhd.u32() == 320u << 16);
    CHECK(tkhd.u32() == 180u << 16);
    CHECK(find_box(init, "moov/mvex/trex").content.size() == 24);
  }
}

struct PictureCase {
  VideoCodec codec;
  const char* entry;
  const char* record;
  const char* colr;
  const char* pasp;
  const char* shown;  // the size in tkhd
};
const PictureCase pictures[] = {
    // ffmpeg -f lavfi -i testsrc2=s=720x576:r=25:d=0.2 -vf setsar=64/45,format=yuv420p -color_primaries
    // bt470bg
    // -color_trc bt709 -colorspace bt470bg -color_range tv -c:v libx264 -preset ultrafast
    {VideoCodec::avc, "avc1",
     "0142c01effe1001f6742c01eda02d049bff0040002d6a0a020a80000030008000003019078b17501000468ce0fc8",
     "00000013636f6c726e636c7800050001000500", "0000001070617370000000400000002d", "0400000002400000"},
    // ffmpeg -f lavfi -i testsrc2=s=320x180:r=25:d=0.2 -vf setsar=4/3,format=yuv420p10le -c:v libx265
    // -x265-params colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:info=0; likewise in
    // FFmpeg's own options
    {VideoCodec::hevc, "hvc1",
     "0102200000009000000000003cf000fcfdfafa00000f03a00001001840010c01ffff02200000030090000003000003003c9598"
     "09a10001002d42010102200000030090000003000003003ca00a080b9f6d96566924caf0e6a122012080000003008000000c84"
     "a2000100074401c172b46240",
     "00000013636f6c726e636c7800090010000900", "00000010706173700000000400000003", "01aaaaaa00b40000"},
};

TEST_CASE("the sample entry has the shape and the colours of pixels, as FFmpeg writes them") {
  for (const PictureCase& one : pictures) {
    CAPTURE(one.entry);
    const auto track = describe_video(one.codec, bytes_of(one.record));
    REQUIRE(track.ok());
    const auto init = init_section(&*track, nullptr);
    CHECK(bytes_of_box(find_box(init, stsd + one.entry + "/colr")) == bytes_of(one.colr));
    CHECK(bytes_of_box(find_box(init, stsd + one.entry + "/pasp")) == bytes_of(one.pasp));
    const Bytes shown = find_box(init, "moov/trak/tkhd").content.subspan(76);
    CHECK(std::vector<std::uint8_t>(shown.begin(), shown.end()) == bytes_of(one.shown));
  }
  const auto plain = describe_video(VideoCodec::avc, bytes_of(videos[0].record));
  const auto init = init_section(&*plain, nullptr);
  const Bytes entry = find_box(init, stsd + "avc1").content.subspan(78);
  CHECK_FALSE(has_box(entry, "colr"));
  CHECK_FALSE(has_box(entry, "pasp"));
}

// ffmpeg -f lavfi -i sine=f=440:r=48000:d=0.3 [-ac CHANNELS] [-ar RATE] -c:a CODEC x.mp4, likewise.
struct AudioCase {
  const char* what;
  AudioCodec codec;
  const char* record;  // as FLV has it
  const char* frame;
  std::uint32_t timescale;
  const char* entry;
  const char* head;  // of the entry, from the channels on
  const char* box;   // with its size
};
const AudioCase audios[] = {
    {"AAC LC, mono", AudioCodec::aac, "118856e500", "de02004c", 48'000, "mp4a", "0001 0010 00000000 bb800000",
     ""},
    {"HE-AAC, its 22050 Hz doubled", AudioCodec::aac, "2b920800", "", 44'100, "mp4a",
     "0002 0010 00000000 ac440000", ""},
    {"Opus", AudioCodec::opus, "4f70757348656164 01 01 3801 80bb0000 0000 00", "f8b4afca", 48'000, "Opus",
     "0001 0010 00000000 bb800000", "00000013644f7073000101380000bb80000000"},
    {"Opus 5.1", AudioCodec::opus, "4f70757348656164 01 06 3801 80bb0000 0000 01 0402000401020305",
     "fc02fffe", 48'000, "Opus", "0006 0010 00000000 bb800000",
     "0000001b644f7073000601380000bb800000010402000401020305"},
    {"MP3", AudioCodec::mp3, "", "fffb54c4", 48'000, "mp4a", "0001 0010 00000000 bb800000", ""},
    {"AC-3 5.1", AudioCodec::ac3, "", "0b771e8b1c40ebf8403eff74fe1e1080", 48'000, "ac-3",
     "0006 0010 00000000 bb800000", "0000000b64616333103dc0"},
    {"E-AC-3 5.1", AudioCodec::eac3, "", "0b7701ff3f87c0002080200002004000", 48'000, "ec-3",
     "0006 0010 00000000 bb800000", "0000000d646563330800200f00"},
    {"FLAC", AudioCodec::flac, "1200120000010600 04ff0bb800f0000038407044de84a8b56e9e558a37d978aff114",
     "fff85a0800814e0000", 48'000, "fLaC", "0001 0010 00000000 bb800000",
     "0000003264664c6100000000800000221200120000010600"
     "04ff0bb800f0000038407044de84a8b56e9e558a37d978aff114"},
    {"FLAC, 24 bits at 96 kHz, with all in front of STREAMINFO", AudioCodec::flac,
     "664c6143 80000022 20002000001219 0025ce177001700000708048b8fdb2399c0735c2dffa57bfdf67b9",
     "fff8db0c00b54e0000", 96'000, "fLaC", "0001 0018 00000000 00000000",
     "0000003264664c6100000000800000222000200000121900"
     "25ce177001700000708048b8fdb2399c0735c2dffa57bfdf67b9"},
};

AudioTrack track_of(const AudioCase& one) {
  auto track = describe_audio(one.codec, bytes_of(one.record));
  REQUIRE(track.ok());
  update_format(*track, bytes_of(one.frame));
  return *track;
}

TEST_CASE("sample entries of sound hold what FFmpeg writes into its own") {
  for (const AudioCase& one : audios) {
    CAPTURE(one.what);
    const AudioTrack track = track_of(one);
    const auto init = init_section(nullptr, &track);
    ByteReader mdhd(find_box(init, "moov/trak/mdia/mdhd").content);
    mdhd.skip(12);
    CHECK(mdhd.u32() == one.timescale);
    const ReadBox entry = find_box(init, stsd + one.entry);
    const auto head = entry.content.subspan(16, 12);
    CHECK(std::vector<std::uint8_t>(head.begin(), head.end()) == bytes_of(one.head));
    if (std::string(one.entry) == "mp4a") continue;
    CHECK(bytes_of_box(boxes(entry.content.subspan(28)).front()) == bytes_of(one.box));
  }
}

TEST_CASE("esds of AAC, of HE-AAC that is signalled explicitly, and of MP3") {
  const auto esds_of = [](const AudioCase& one) {
    const AudioTrack track = track_of(one);
    const auto init = init_section(nullptr, &track);
    const Bytes content = find_box(init, stsd + "mp4a/esds").content;
    return std::vector<std::uint8_t>(content.begin(), content.end());
  };
  CHECK(esds_of(audios[0]) == bytes_of("00000000 03 1c 0000 00 04 14 40 15 000000 00000000 00000000"
                                       "05 05 118856e500 06 01 02"));
  CHECK(esds_of(audios[1]) == bytes_of("00000000 03 1b 0000 00 04 13 40 15 000000 00000000 00000000"
                                       "05 04 2b920800 06 01 02"));
  CHECK(esds_of(audios[4]) ==
        bytes_of("00000000 03 15 0000 00 04 0d 6b 15 000000 00000000 00000000 06 01 02"));
  CHECK(track_of(audios[0]).frame_samples == 1'024);
  CHECK(track_of(audios[1]).frame_samples == 2'048);
  CHECK(track_of(audios[1]).sample_rate == 44'100);
}

TEST_CASE("an init section of two tracks, of one that is not known yet, and of none") {
  auto video = describe_video(VideoCodec::avc, bytes_of(videos[0].record));
  REQUIRE(video.ok());
  const AudioTrack audio = track_of(audios[0]);
  const auto both = init_section(&*video, &audio);
  CHECK(find_box(both, "moov/trak2/mdia/minf/smhd").content.size() == 8);
  CHECK(find_box(both, "moov/trak/mdia/minf/vmhd").content.size() == 12);
  ByteReader trex(find_box(both, "moov/mvex/trex2").content);
  trex.skip(4);
  CHECK(trex.u32() == audio_track_id);
  const AudioTrack unknown = *describe_audio(AudioCodec::mp3, {});
  CHECK(init_section(&*video, &unknown) == init_section(&*video, nullptr));
  CHECK(init_section(nullptr, &unknown).empty());
  CHECK(init_section(nullptr, nullptr).empty());
}

TEST_CASE("broken records are errors, nothing worse") {
  for (const VideoCase& one : videos) {
    const auto read = [&](const std::vector<std::uint8_t>& record) {
      auto track = describe_video(one.codec, record);
      if (!track) return;
      update_size(*track, bytes_of(one.frame));
      init_section(&*track, nullptr);
    };
    for_each_truncation(bytes_of(one.record), read);
    for_each_flipped_bit(bytes_of(one.record), read);
  }
  for (const AudioCase& one : audios) {
    const auto read = [&](const std::vector<std::uint8_t>& record) {
      const auto track = describe_audio(one.codec, record);
      if (track) init_section(nullptr, &*track);
    };
    for_each_truncation(bytes_of(one.record), read);
    for_each_flipped_bit(bytes_of(one.record), read);
  }
}

}  // namespace
}  // namespace srs::mp4

#include "media/video_repair.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "codec/avc.h"
#include "codec/hevc.h"
#include "unit/bytes_of.h"
#include "unit/media/media_samples.h"

using namespace srs;
using namespace srs::media;

namespace {

using PayloadBytes = std::vector<std::uint8_t>;

// x264: High, 640x360; and another one, 320x180.
const PayloadBytes sps = bytes_of("6764001eacd940a02ff97011000003000100000300320f162d96");
const PayloadBytes small_sps = bytes_of("6764000cacd94141f9f0110000030001000003003c0f14299c");
const PayloadBytes pps = bytes_of("68ef8fcb");
const PayloadBytes picture = bytes_of("65888400ffee");
const PayloadBytes slice = bytes_of("419a2400ffee");

PayloadBytes with_lengths(std::initializer_list<PayloadBytes> nals) {
  ByteWriter to;
  for (const PayloadBytes& nal : nals) to.u32(nal.size()), to.bytes(nal);
  return to.release();
}

PayloadBytes with_start_codes(std::initializer_list<PayloadBytes> nals) {
  ByteWriter to;
  for (const PayloadBytes& nal : nals) to.u32(1), to.bytes(nal);
  return to.release();
}

Message avc(bool key, std::uint8_t packet_type, const PayloadBytes& body, std::int64_t timestamp_ms = 0) {
  ByteWriter to;
  to.u8(key ? 0x17 : 0x27);
  to.u8(packet_type);
  to.u24(0);
  to.bytes(body);
  return make_message(flv::TagType::video, timestamp_ms, Slice::copy_of(to.view()));
}

Message avc_header(const PayloadBytes& set) {
  codec::ParameterSets sets(codec::VideoCodec::avc);
  sets.scan(with_start_codes({set, pps}));
  return avc(true, 0, *sets.record());
}

std::vector<Message> repaired(VideoRepair& repair, Message message) {
  std::vector<Message> out;
  repair.process(std::move(message), out);
  return out;
}

PayloadBytes body_of(const Message& message) {
  const auto video = flv::parse_video(message.payload.bytes());
  REQUIRE(video);
  return {video->body.begin(), video->body.end()};
}

std::uint32_t width_in(const Message& header) {
  REQUIRE(header.kind == MessageKind::video_header);
  const auto config = codec::parse_avc_config(body_of(header));
  REQUIRE(config);
  REQUIRE(!config->sps.empty());
  return codec::parse_avc_sps(config->sps.front())->width;
}

}  // namespace

TEST_CASE("a proper stream passes byte for byte, with repeated parameter sets or without") {
  VideoRepair repair;
  for (const Message& message :
       {avc_header(sps), avc(true, 1, with_lengths({sps, pps, picture})),
        avc(false, 1, with_lengths({slice})), avc(true, 1, with_lengths({picture}))}) {
    const auto out = repaired(repair, message);
    REQUIRE(out.size() == 1);
    CHECK(out[0].payload.data() == message.payload.data());
  }
  CHECK_FALSE(repair.pop_note());
}

TEST_CASE("parameter sets that change in the stream make a new configuration, once") {
  VideoRepair repair;
  repaired(repair, avc_header(sps));
  const auto changed = repaired(repair, avc(true, 1, with_lengths({small_sps, pps, picture}), 4'000));
  REQUIRE(changed.size() == 2);
  CHECK(width_in(changed[0]) == 320);
  CHECK(changed[0].timestamp_ms == 4'000);
  CHECK(body_of(changed[1]) == with_lengths({small_sps, pps, picture}));
  CHECK(repaired(repair, avc(true, 1, with_lengths({small_sps, pps, picture}))).size() == 1);
  CHECK_FALSE(repair.pop_note());
  // And back again; a different configuration replaces the parameter sets in the stream at once.
  CHECK(repaired(repair, avc_header(sps)).empty());
  CHECK(width_in(repaired(repair, avc(true, 1, with_lengths({sps, pps, picture})))[0]) == 640);
  CHECK(repaired(repair, avc_header(small_sps)).size() == 1);
  CHECK(repaired(repair, avc(true, 1, with_lengths({small_sps, pps, picture}))).size() == 1);
}

TEST_CASE("a configuration repeated besides other parameter sets in the stream changes nothing") {
  VideoRepair repair;
  repaired(repair, avc_header(sps));
  CHECK(repaired(repair, avc(true, 1, with_lengths({small_sps, pps, picture}))).size() == 2);
  for (int group = 0; group < 3; ++group) {
    CHECK(repaired(repair, avc_header(sps)).empty());
    CHECK(repaired(repair, avc(false, 1, with_lengths({slice}))).size() == 1);
    CHECK(repaired(repair, avc(true, 1, with_lengths({small_sps, pps, picture}))).size() == 1);
  }
  // Once none come in the stream any more, it is valid again.
  CHECK(repaired(repair, avc_header(sps)).empty());
  const auto back = repaired(repair, avc(true, 1, with_lengths({picture})));
  REQUIRE(back.size() == 2);
  CHECK(width_in(back[0]) == 640);
  CHECK(repaired(repair, avc(true, 1, with_lengths({picture}))).size() == 1);
}

TEST_CASE("pictures without a configuration wait for parameter sets in the stream") {
  VideoRepair repair;
  CHECK(repaired(repair, avc(false, 1, with_lengths({slice}))).empty());
  CHECK(repair.pop_note()->find("left out") != std::string::npos);
  CHECK(repaired(repair, avc(true, 1, with_lengths({picture}))).empty());
  CHECK_FALSE(repair.pop_note());
  const auto out = repaired(repair, avc(true, 1, with_lengths({sps, pps, picture})));
  REQUIRE(out.size() == 2);
  CHECK(width_in(out[0]) == 640);
  CHECK(repair.pop_note()->find("sequence header") != std::string::npos);
  CHECK(repaired(repair, avc(false, 1, with_lengths({slice}))).size() == 1);
}

TEST_CASE("a configuration without any parameter set is none") {
  VideoRepair repair;
  CHECK(repaired(repair, avc(true, 0, bytes_of("0164001effe000"))).empty());
  CHECK(repaired(repair, avc(true, 1, with_lengths({sps, pps, picture}))).size() == 2);
}

TEST_CASE("start codes become lengths, in the configuration and in pictures") {
  VideoRepair repair;
  const auto header = repaired(repair, avc(true, 0, with_start_codes({sps, pps})));
  REQUIRE(header.size() == 1);
  CHECK(width_in(header[0]) == 640);
  CHECK(repair.pop_note()->find("Annex B") != std::string::npos);
  const auto key = repaired(repair, avc(true, 1, with_start_codes({sps, pps, picture})));
  REQUIRE(key.size() == 1);
  CHECK(body_of(key[0]) == with_lengths({sps, pps, picture}));
  const auto other = repaired(repair, avc(false, 1, with_start_codes({slice}), 40));
  REQUIRE(other.size() == 1);
  CHECK(body_of(other[0]) == with_lengths({slice}));
  CHECK(other[0].timestamp_ms == 40);
  CHECK(other[0].kind == MessageKind::video_frame);
  CHECK_FALSE(repair.pop_note());
}

TEST_CASE("a length that looks like a start code stays") {
  VideoRepair repair;
  repaired(repair, avc_header(sps));
  // A unit of 256 + x bytes begins with 00 00 01, one of a single byte with 00 00 00 01.
  PayloadBytes long_picture(300, 0x55);
  long_picture[0] = 0x65;
  const auto large = with_lengths({long_picture});
  CHECK(large[2] == 1);
  CHECK(body_of(repaired(repair, avc(true, 1, large))[0]) == large);
  const auto tiny = with_lengths({bytes_of("0b"), picture});
  CHECK(body_of(repaired(repair, avc(true, 1, tiny))[0]) == tiny);
}

TEST_CASE("tracks have configurations of their own, in the form of their pictures") {
  VideoRepair repair;
  CHECK(repaired(repair, avc_header(sps)).size() == 1);
  ByteWriter to;
  to.bytes(bytes_of("9601 61766331 01 000000"));
  to.bytes(with_lengths({small_sps, pps, picture}));
  const auto out = repaired(repair, make_message(flv::TagType::video, 0, Slice::copy_of(to.view())));
  REQUIRE(out.size() == 2);
  CHECK(width_in(out[0]) == 320);
  CHECK(header_key(out[0]).track_id == 1);
  CHECK(repaired(repair, avc(true, 1, with_lengths({sps, pps, picture}))).size() == 1);
}

TEST_CASE("HEVC is repaired as well") {
  const PayloadBytes annex_b = bytes_of(
      "00000001 40010c01ffff01600000030090000003000003003f959409"
      "00000001 42010101600000030090000003000003003fa005020171f2e595952930bc05a02000000300200000030321"
      "000001 4401c073c189 000001 2601af0899");
  ByteWriter to;
  to.bytes(bytes_of("91 68766331 000000"));
  to.bytes(annex_b);
  VideoRepair repair;
  const auto out = repaired(repair, make_message(flv::TagType::video, 0, Slice::copy_of(to.view())));
  REQUIRE(out.size() == 2);
  CHECK(out[0].kind == MessageKind::video_header);
  const auto config = codec::parse_hevc_config(body_of(out[0]));
  REQUIRE(config);
  CHECK(codec::parse_hevc_sps(config->sps.front())->width == 640);
  CHECK(out[1].kind == MessageKind::key_frame);
  CHECK_FALSE(codec::is_annex_b(body_of(out[1])));
}

TEST_CASE("other codecs, sound and malformed payloads pass unchanged") {
  VideoRepair repair;
  for (const Message& message :
       {sample_audio(0), sample_script("onMetaData", 0),
        make_message(flv::TagType::video, 0, Slice::copy_of(bytes_of("9161763031 0a0b"))),
        make_message(flv::TagType::video, 0, Slice::copy_of(bytes_of("17"))),
        make_message(flv::TagType::video, 0, Slice::copy_of(bytes_of("1700000000 99")))})
    CHECK(repaired(repair, message).size() == 1);
}

TEST_CASE("parameter sets without end are bounded") {
  codec::ParameterSets sets(codec::VideoCodec::avc);
  PayloadBytes set(30'000, 0x55);
  for (int id = 0; id < 30; ++id) {
    const auto begin = bytes_of("6764001e");
    std::copy(begin.begin(), begin.end(), set.begin());
    set[4] = static_cast<std::uint8_t>(0x08 | id);  // ids of some bits, as they come
    sets.scan(with_start_codes({set}));
  }
  sets.scan(with_start_codes({pps}));
  const auto record = sets.record();
  if (record) CHECK(record->size() <= codec::ParameterSets::max_bytes + 1'000);
}

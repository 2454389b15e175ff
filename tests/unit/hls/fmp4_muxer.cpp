#include "srs-hls/mux/fmp4_muxer.h"

#include <doctest/doctest.h>

#include <string_view>

#include "samples.h"

namespace srs::hls {
namespace {

constexpr std::int64_t frame_ms = 1'024 * 1'000 / 44'100;

void configure(Fmp4Muxer& muxer) {
  REQUIRE(muxer.configure_audio(codec::AudioCodec::aac, bytes_of("12 08")).ok());
}

// Decode time of the only track of a fragment.
std::uint64_t decode_time(const Slice& fragment) {
  const std::string_view text(reinterpret_cast<const char*>(fragment.bytes().data()), fragment.size());
  const auto at = text.find("tfdt");
  REQUIRE(at != text.npos);
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < 8; ++i) time = time << 8 | static_cast<std::uint8_t>(text[at + 8 + i]);
  return time;
}

TEST_CASE("another muxer goes on where the fragments before it promised to") {
  const auto frame = bytes_of("21 10 04");
  Fmp4Muxer first;
  configure(first);
  for (int i = 0; i < 4; ++i) first.write_audio(frame, {i * frame_ms, i * frame_ms, 0});
  const std::uint64_t begun = decode_time(first.end_part(std::nullopt));

  // A frame was lost between the two; one hour later it would be another timeline.
  for (const std::int64_t later : {5 * frame_ms, std::int64_t{3'600'000}}) {
    Fmp4Muxer second;
    second.restore(first.state());
    configure(second);
    second.write_audio(frame, {later, later, 0});
    const std::uint64_t promised = begun + 4 * 1'024;
    CHECK(decode_time(second.end_part(std::nullopt)) == (later < 1'000 ? promised : later * 441 / 10));
  }
  for (const char* broken : {"", ",", "x", "1", "1,2", "1,-1,-1", "1,9223372036854775807,9223372036854775807",
                             ",,,,", "99999999999"}) {
    Fmp4Muxer muxer;
    muxer.restore(broken);
    configure(muxer);
    muxer.write_audio(frame, {0, 0, 0});
    CHECK(muxer.end_part(std::nullopt).size() > 0);
  }
}

}  // namespace
}  // namespace srs::hls

#include "srs-hls/mux/ts_muxer.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "unit/hls/samples.h"

namespace srs::hls {
namespace {

struct Pes {
  std::uint16_t pid = 0;
  Ticks pts = 0;
  std::vector<std::uint8_t> payload;
};

// An independent parser of segments: reads PES packets and PCRs, and checks the rules of every packet.
class Demuxer {
 public:
  void read(Bytes segment) {
    REQUIRE(segment.size() % ts_packet_size == 0);
    for (; !segment.empty(); segment = segment.subspan(ts_packet_size)) packet(segment.first(ts_packet_size));
  }

  std::vector<Pes> pes;
  std::vector<Ticks> pcrs;

 private:
  void packet(Bytes bytes) {
    REQUIRE(bytes[0] == 0x47);
    const auto pid = static_cast<std::uint16_t>((bytes[1] & 0x1f) << 8 | bytes[2]);
    const int control = bytes[3] >> 4 & 3;
    const int counter = bytes[3] & 0x0f;
    if (const auto last = counters_.find(pid); last != counters_.end())
      CHECK(counter == ((control & 1) ? (last->second + 1) % 16 : last->second));
    counters_[pid] = counter;
    std::size_t start = 4;
    if (control & 2) {
      start += 1u + bytes[4];
      if (bytes[4] > 0 && (bytes[5] & 0x10))
        pcrs.push_back(static_cast<Ticks>(bytes[6]) << 25 | bytes[7] << 17 | bytes[8] << 9 | bytes[9] << 1 |
                       bytes[10] >> 7);
    }
    if (pid < video_pid || pid > audio_pid || !(control & 1)) return;
    Bytes payload = bytes.subspan(start);
    if (bytes[1] & 0x40) {
      const Ticks pts = static_cast<Ticks>(payload[9] >> 1 & 7) << 30 | payload[10] << 22 |
                        (payload[11] >> 1) << 15 | payload[12] << 7 | payload[13] >> 1;
      pes.push_back({pid, pts, {}});
      payload = payload.subspan(9u + payload[8]);
    }
    auto of_pid = std::find_if(pes.rbegin(), pes.rend(), [pid](const Pes& p) { return p.pid == pid; });
    REQUIRE(of_pid != pes.rend());
    of_pid->payload.insert(of_pid->payload.end(), payload.begin(), payload.end());
  }

  std::map<std::uint16_t, int> counters_;
};

const std::vector<std::uint8_t> aac_frame = bytes_of("21 10 04 60 8c 1c");
const std::vector<std::uint8_t> idr = bytes_of("00000004 65 88 84 00");

void configure(TsMuxer& muxer, bool video) {
  if (video) REQUIRE(muxer.configure_video(codec::VideoCodec::avc, bytes_of(avc_record)).ok());
  REQUIRE(muxer.configure_audio(codec::AudioCodec::aac, bytes_of(aac_record)).ok());
}

// The time of frame i of 44.1 kHz AAC in FLV, rounded to milliseconds.
std::int64_t aac_time_ms(int i) {
  return static_cast<std::int64_t>(i) * 1024 * 1000 / 44100;
}

TEST_CASE("AAC frame times within a PES packet are exact to the millisecond") {
  TsMuxer muxer;
  configure(muxer, true);
  Demuxer demuxer;
  muxer.begin_segment();
  for (int i = 0; i < 1000; ++i) {
    const MediaTime time{aac_time_ms(i), aac_time_ms(i), 0};
    if (i % 2 == 0) muxer.write_video(idr, time, true);
    REQUIRE(muxer.write_audio(aac_frame, time));
    if (i % 100 == 99) {
      demuxer.read(muxer.end_part(std::nullopt).bytes());
      muxer.begin_segment();
    }
  }
  const std::size_t adts_size = 7 + aac_frame.size();
  int frame = 0;
  std::size_t packets = 0;
  for (const Pes& pes : demuxer.pes) {
    if (pes.pid != audio_pid) continue;
    ++packets;
    REQUIRE(pes.payload.size() % adts_size == 0);
    for (std::size_t i = 0; i < pes.payload.size() / adts_size; ++i, ++frame) {
      const Ticks counted = pes.pts + static_cast<Ticks>(i * 1024 * 90'000 / 44'100);
      CHECK(std::abs(counted - (aac_time_ms(frame) * 90 + TsMuxer::time_base)) <= 135);
      CHECK(std::equal(aac_frame.begin(), aac_frame.end(), pes.payload.begin() + i * adts_size + 7));
    }
  }
  CHECK(frame == 1000);
  CHECK(packets < 250);
}

TEST_CASE("AAC frames whose times do not count on each get a PES packet of their own") {
  TsMuxer muxer;
  configure(muxer, true);
  muxer.begin_segment();
  for (int i = 0; i < 10; ++i) muxer.write_audio(aac_frame, {i * 30, i * 30, 0});
  Demuxer demuxer;
  demuxer.read(muxer.end_part(std::nullopt).bytes());
  REQUIRE(demuxer.pes.size() == 10);
  for (int i = 0; i < 10; ++i) CHECK(demuxer.pes[i].pts == i * 30 * 90 + TsMuxer::time_base);
}

TEST_CASE("a PCR comes every 100 ms, never goes back, and is before the frames") {
  for (const bool video : {true, false}) {
    for (const int picture_ms : {16, 33, 40, 66, 500}) {
      TsMuxer muxer;
      configure(muxer, video);
      Demuxer demuxer;
      muxer.begin_segment();
      int next_picture = 0;
      for (int i = 0; i < 430; ++i) {
        const auto time = aac_time_ms(i);
        for (; video && next_picture <= time; next_picture += picture_ms)
          muxer.write_video(idr, {next_picture, next_picture + 80, 0}, false);
        muxer.write_audio(aac_frame, {time, time, 0});
      }
      demuxer.read(muxer.end_part(std::nullopt).bytes());
      REQUIRE(demuxer.pcrs.size() > 90);
      for (std::size_t i = 1; i < demuxer.pcrs.size(); ++i) {
        CHECK(demuxer.pcrs[i] >= demuxer.pcrs[i - 1]);
        CHECK(demuxer.pcrs[i] - demuxer.pcrs[i - 1] <= 9000);
      }
      CHECK(demuxer.pcrs.front() == TsMuxer::time_base - TsMuxer::pcr_lead);
    }
  }
}

TEST_CASE("times wrap at 2^33, and a negative composition time stays positive at the start") {
  TsMuxer muxer;
  configure(muxer, true);
  Demuxer demuxer;
  muxer.begin_segment();
  muxer.write_video(idr, {0, -500, 0}, true);
  const std::int64_t wrap_ms = ((Ticks{1} << 33) - TsMuxer::time_base) / 90 + 1;
  muxer.write_video(idr, {wrap_ms, wrap_ms, 0}, true);
  demuxer.read(muxer.end_part(std::nullopt).bytes());
  REQUIRE(demuxer.pes.size() == 2);
  CHECK(demuxer.pes[0].pts == 45'000);
  CHECK(demuxer.pes[1].pts < 90);
}

TEST_CASE("PCRs, PTS and continuity counters go on over the wrap at 2^33, with pictures and without") {
  constexpr Ticks wrap = Ticks{1} << 33;
  for (const bool video : {true, false}) {
    CAPTURE(video);
    TsMuxer muxer;
    configure(muxer, video);
    Demuxer demuxer;  // checks the counters
    const std::int64_t begin = (wrap - TsMuxer::time_base) / 90 - 1'000;
    std::int64_t picture = begin;
    for (int part = 0; part < 10; ++part) {
      muxer.begin_segment();
      for (int i = part * 9; i < part * 9 + 9; ++i) {
        const std::int64_t time = begin + aac_time_ms(i);
        for (; video && picture <= time; picture += 40)
          muxer.write_video(idr, {picture, picture + 80, 0}, true);
        muxer.write_audio(aac_frame, {time, time, 0});
      }
      demuxer.read(muxer.end_part(std::nullopt).bytes());
    }
    const auto step = [](Ticks from, Ticks to) { return (to - from) & (wrap - 1); };
    REQUIRE(demuxer.pcrs.size() > 15);
    CHECK(demuxer.pcrs.back() < demuxer.pcrs.front());
    for (std::size_t i = 1; i < demuxer.pcrs.size(); ++i)
      CHECK(step(demuxer.pcrs[i - 1], demuxer.pcrs[i]) <= 9'000);
    std::map<std::uint16_t, Ticks> last;
    for (const Pes& pes : demuxer.pes) {
      if (last.contains(pes.pid)) CHECK(step(last[pes.pid], pes.pts) <= 6 * 1024 * 90'000 / 44'100 + 90);
      last[pes.pid] = pes.pts;
    }
  }
}

TEST_CASE("another muxer continues the counters") {
  TsMuxer first;
  configure(first, true);
  Demuxer demuxer;
  first.begin_segment();
  for (int i = 0; i < 5; ++i) first.write_video(idr, {i * 40, i * 40, 0}, true);
  demuxer.read(first.end_part(std::nullopt).bytes());
  TsMuxer second;
  second.restore(first.state());
  configure(second, true);
  second.begin_segment();
  second.write_video(idr, {200, 200, 0}, true);
  demuxer.read(second.end_part(std::nullopt).bytes());
  for (const char* broken : {"", "1", "x", "1,2,3,4,5,6", "999,1,1,1,1"}) TsMuxer().restore(broken);
}

TEST_CASE("MPEG-TS supports the codecs whose row has a stream type") {
  TsMuxer muxer;
  for (const codec::VideoRow& row : codec::video_rows()) {
    CAPTURE(row.name);
    CHECK(muxer.supports(row.codec) == (row.codec == codec::VideoCodec::avc));
    const auto configured = muxer.configure_video(row.codec, bytes_of(avc_record));
    CHECK(configured.ok() == (row.ts.type != 0));
  }
  const std::set<codec::AudioCodec> supported = {codec::AudioCodec::aac, codec::AudioCodec::mp3,
                                                 codec::AudioCodec::ac3, codec::AudioCodec::eac3};
  for (const codec::AudioRow& row : codec::audio_rows()) {
    CAPTURE(row.name);
    CHECK(muxer.supports(row.codec) == supported.contains(row.codec));
    const auto configured = muxer.configure_audio(row.codec, bytes_of(aac_record));
    CHECK(configured.ok() == (row.ts.type != 0));
    if (!configured) continue;
    // The PMT (ISO 13818-1 2.4.4.8), in the second packet, names it.
    muxer.exclude_video();
    muxer.begin_segment();
    const Slice part = muxer.end_part(std::nullopt);
    REQUIRE(part.size() >= 2 * ts_packet_size);
    const Bytes pmt = part.bytes().subspan(ts_packet_size + 5);
    CHECK(pmt[12] == row.ts.type);
    const Bytes descriptors = pmt.subspan(17, pmt[16]);
    const std::string text(descriptors.begin(), descriptors.end());
    CHECK((text.find(row.ts.registration) != text.npos));
    CHECK(descriptors.empty() == row.ts.registration.empty());
    muxer.exclude_audio();
  }
}

TEST_CASE("AAC that ADTS cannot express is refused") {
  TsMuxer muxer;
  CHECK_FALSE(muxer.configure_audio(codec::AudioCodec::aac, bytes_of("12 00")).ok());  // channels in a PCE
  CHECK_FALSE(muxer.configure_audio(codec::AudioCodec::opus, bytes_of("")).ok());
  CHECK_FALSE(muxer.configure_video(codec::VideoCodec::hevc, bytes_of("")).ok());
}

}  // namespace
}  // namespace srs::hls

#include "mp4/fragment_writer.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "unit/mp4/boxes.h"

namespace srs::mp4 {
namespace {

using codec::AudioCodec;
using codec::VideoCodec;

const VideoTrack avc{VideoCodec::avc, {}, 320, 180};
AudioTrack aac(std::uint32_t rate) {
  AudioTrack track{AudioCodec::aac, {0x12, 0x10}};
  track.sample_rate = rate;
  track.frame_samples = 1'024;
  return track;
}

// The samples written, to be found again: their bytes identify them.
std::vector<std::uint8_t> sample_of(int number, std::size_t size = 40) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(number * 31 + i);
  bytes[0] = static_cast<std::uint8_t>(number);
  bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return bytes;
}
int number_of(Bytes sample) {
  const int number = sample[0] | sample[1] << 8;
  CHECK(std::equal(sample.begin() + 2, sample.end(), sample_of(number, sample.size()).begin() + 2));
  return number;
}

// Reads fragments one after the other: each track must begin where it ended in the one before.
class Chain {
 public:
  // Valid until the next one.
  ReadFragment read(Slice fragment) {
    last_ = std::move(fragment);
    ReadFragment one = read_fragment(last_.bytes());
    CHECK(one.sequence_number == ++sequence_number_);
    for (const ReadTrack& track : one.tracks) {
      if (const auto promised = ends_.find(track.id); promised != ends_.end())
        CHECK(track.decode_time == promised->second);
      ends_[track.id] = track.end();
      for (const ReadSample& sample : track.samples) CHECK(sample.duration > 0);
    }
    return one;
  }
  void forget() { ends_.clear(); }

 private:
  Slice last_;
  std::map<std::uint32_t, std::uint64_t> ends_;
  std::uint32_t sequence_number_ = 0;
};

struct Picture {
  std::int64_t dts_ms, pts_ms;
  bool key;
};

// 29.97 pictures a second, I B B P, times as FLV has them: cut to milliseconds, and jittering.
std::vector<Picture> pictures(int count, int jitter_ms) {
  std::mt19937 random(1);
  std::vector<Picture> made;
  for (int i = 0; i < count; ++i) {
    constexpr int late[] = {1, 3, 0, 0};
    const auto ms = [](int frame) { return static_cast<std::int64_t>(frame) * 1'001 / 30; };
    const int off = jitter_ms == 0 ? 0 : static_cast<int>(random() % static_cast<unsigned>(jitter_ms));
    const std::int64_t dts = 1'000 + ms(i) + off;
    made.push_back({dts, dts + ms(late[i % 4]), i % 60 == 0});
  }
  return made;
}

// Whether the next picture is known when a fragment ends.
void check_pictures(int jitter_ms, bool next_known) {
  CAPTURE(jitter_ms);
  CAPTURE(next_known);
  const auto all = pictures(1'000, jitter_ms);
  FragmentWriter writer;
  Chain chain;
  std::size_t read = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    writer.add_video(avc, sample_of(static_cast<int>(i)), all[i].dts_ms * 90, all[i].pts_ms * 90, all[i].key);
    if (i % 7 != 6) continue;
    const bool told = next_known && i + 1 < all.size();
    const auto fragment =
        chain.read(writer.finish(told ? std::optional(all[i + 1].dts_ms * 90) : std::nullopt));
    REQUIRE(fragment.tracks.size() == 1);
    auto time = static_cast<std::int64_t>(fragment.tracks[0].decode_time);
    for (const ReadSample& sample : fragment.tracks[0].samples) {
      REQUIRE(number_of(sample.bytes) == static_cast<int>(read));
      CHECK(time + sample.composition_offset == all[read].pts_ms * 90);
      CHECK(std::abs(time - all[read].dts_ms * 90) <= (2 * jitter_ms + 34) * 90);
      CHECK(sample.sync() == all[read].key);
      time += sample.duration;
      ++read;
    }
  }
  CHECK(read == 994);
}

TEST_CASE("decode times of pictures chain exactly, and presentation times are those of the stream") {
  for (const int jitter_ms : {0, 5, 30, 80})
    for (const bool next_known : {true, false}) check_pictures(jitter_ms, next_known);
}

TEST_CASE("a jump of the pictures begins a new timeline with the next fragment") {
  FragmentWriter writer;
  Chain chain;
  for (int i = 0; i < 4; ++i) writer.add_video(avc, sample_of(i), i * 3'600, i * 3'600, i == 0);
  chain.read(writer.finish(std::nullopt));
  chain.forget();
  writer.add_video(avc, sample_of(4), 900'000, 900'000, true);
  CHECK(chain.read(writer.finish(std::nullopt)).tracks[0].decode_time == 900'000);
  chain.forget();
  writer.add_video(avc, sample_of(5), 3'600, 3'600, true);
  CHECK(chain.read(writer.finish(std::nullopt)).tracks[0].decode_time == 3'600);
}

TEST_CASE("key frames in the middle of a fragment are marked, and a start without one is not") {
  FragmentWriter writer;
  for (int i = 0; i < 6; ++i) writer.add_video(avc, sample_of(i), i * 3'600, i * 3'600, i == 2 || i == 5);
  const Slice bytes = writer.finish(std::nullopt);
  const auto fragment = read_fragment(bytes.bytes());
  for (int i = 0; i < 6; ++i) {
    const bool key = i == 2 || i == 5;
    CHECK(fragment.tracks[0].samples[i].sync() == key);
  }
}

// Frames of sound at times of the stream in ms, and what was read back.
struct Heard {
  std::uint64_t decode_time;
  std::uint32_t duration;
};
std::vector<Heard> package(const std::vector<std::int64_t>& times_ms, std::uint32_t rate,
                           std::size_t frames) {
  FragmentWriter writer;
  Chain chain;
  std::vector<Heard> heard;
  const AudioTrack track = aac(rate);
  for (std::size_t i = 0; i < times_ms.size(); ++i) {
    writer.add_audio(track, sample_of(static_cast<int>(i)), times_ms[i] * rate / 1'000, 1'024);
    if (i % frames != frames - 1) continue;
    const auto fragment = chain.read(writer.finish(std::nullopt));
    REQUIRE(fragment.tracks.size() == 1);
    CHECK(fragment.tracks[0].id == audio_track_id);
    std::uint64_t time = fragment.tracks[0].decode_time;
    for (const ReadSample& sample : fragment.tracks[0].samples) {
      REQUIRE(number_of(sample.bytes) == static_cast<int>(heard.size()));
      heard.push_back({time, sample.duration});
      time += sample.duration;
    }
  }
  return heard;
}

TEST_CASE("sound is counted in samples, whatever its times lose to milliseconds") {
  for (const std::uint32_t rate : {44'100u, 48'000u, 22'050u}) {
    std::vector<std::int64_t> times;
    for (int i = 0; i < 3'000; ++i) times.push_back(500 + std::int64_t{1'024} * i * 1'000 / rate + i % 3);
    const auto heard = package(times, rate, 9);
    REQUIRE(heard.size() == 2'997);
    for (std::size_t i = 0; i < heard.size(); ++i) {
      CHECK(heard[i].decode_time == rate / 2 + i * 1'024);
      CHECK(heard[i].duration == 1'024);
    }
  }
}

TEST_CASE("a drifting sound clock is followed within two frames") {
  for (const double clock : {0.99, 1.01}) {
    std::vector<std::int64_t> times;
    for (int i = 0; i < 3'000; ++i) times.push_back(static_cast<std::int64_t>(i * 1'024 / 44.1 * clock));
    const auto heard = package(times, 44'100, 9);
    for (std::size_t i = 0; i < heard.size(); ++i)
      CHECK(std::abs(static_cast<double>(heard[i].decode_time) - times[i] * 44.1) < 2 * 1'024);
  }
}

TEST_CASE("holes in the sound, and sound that overlaps, keep the times after them") {
  for (const std::int64_t hole_ms : {200, 900, -300}) {
    for (const int at : {18, 22}) {  // at the start of a fragment, and within one
      CAPTURE(hole_ms);
      CAPTURE(at);
      std::vector<std::int64_t> times;
      for (int i = 0; i < 270; ++i)
        times.push_back(1'000 + std::int64_t{1'024} * i * 1'000 / 48'000 + (i < at ? 0 : hole_ms));
      const auto heard = package(times, 48'000, 9);
      REQUIRE(heard.size() == 270);
      for (std::size_t i = 0; i < heard.size(); ++i) {
        const bool settled = i < static_cast<std::size_t>(at) || i >= static_cast<std::size_t>(at) + 18;
        if (settled) CHECK(std::abs(static_cast<double>(heard[i].decode_time) - times[i] * 48.0) < 2 * 1'024);
      }
    }
  }
}

TEST_CASE("two tracks in a fragment, either of them in others") {
  FragmentWriter writer;
  Chain chain;
  int number = 0;
  for (int round = 0; round < 40; ++round) {
    const bool pictures = round % 4 != 1, sound = round % 4 != 2;
    // The buffer grows, and the room for the moof is too small now and then.
    const int count = round % 5 == 4 ? 120 : 4;
    const std::size_t size = round % 7 == 6 ? 9'000 : 60;
    const int first = number;
    std::int64_t time = round * 400;
    for (int i = 0; i < count; ++i, ++number, time += 3) {
      if (pictures) writer.add_video(avc, sample_of(number, size), time * 90, time * 90, i == 0);
      if (sound) writer.add_audio(aac(48'000), sample_of(number + 1, 30), time * 48, 144);
    }
    const std::size_t told = writer.size_bytes();
    chain.forget();
    const auto fragment = chain.read(writer.finish(std::nullopt));
    const std::size_t expected = (pictures ? 1u : 0u) + (sound ? 1u : 0u);
    REQUIRE(fragment.tracks.size() == expected);
    std::size_t sum = 0;
    for (const auto& track : fragment.tracks) {
      REQUIRE(track.samples.size() == static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) {
        const int expected_number = first + i + (track.id == audio_track_id ? 1 : 0);
        CHECK(number_of(track.samples[i].bytes) == expected_number);
        sum += track.samples[i].bytes.size() + FragmentWriter::sample_cost;
      }
    }
    CHECK(sum == told);
  }
  CHECK(writer.finish(std::nullopt).empty());
  CHECK(writer.sequence_number() == 40);
}

TEST_CASE("a sample that does not fit into a fragment is refused, and the fragment stays whole") {
  FragmentWriter writer;
  // Its bytes are never looked at.
  const Bytes huge(static_cast<const std::uint8_t*>(nullptr), FragmentWriter::fragment_size_max);
  CHECK_FALSE(writer.add_video(avc, huge, 0, 0, true));
  CHECK_FALSE(writer.add_audio(aac(48'000), huge, 0, 1'024));
  CHECK(writer.finish(std::nullopt).empty());
  const auto sample = sample_of(1);
  CHECK(writer.add_video(avc, sample, 0, 0, true));
  CHECK_FALSE(writer.add_video(avc, huge, 3'000, 3'000, false));
  const ReadFragment fragment = read_fragment(writer.finish(3'000).bytes());
  CHECK(fragment.tracks.size() == 1);
  CHECK(fragment.tracks.front().samples.size() == 1);
}

TEST_CASE("presentation times that are hours away stay within their field") {
  FragmentWriter writer;
  const auto sample = sample_of(1);
  CHECK(writer.add_video(avc, sample, 0, std::int64_t{1} << 40, true));
  CHECK(writer.add_video(avc, sample, 3'000, -(std::int64_t{1} << 40), false));
  const Slice bytes = writer.finish(6'000);
  const ReadFragment fragment = read_fragment(bytes.bytes());
  CHECK(fragment.tracks.front().samples[0].composition_offset == INT32_MAX);
  CHECK(fragment.tracks.front().samples[1].composition_offset == INT32_MIN);
}

TEST_CASE("small samples count with their metadata, and a small fragment keeps no large block") {
  FragmentWriter writer;
  const std::uint8_t byte = 0x65;
  for (int i = 0; i < 1'000; ++i) CHECK(writer.add_video(avc, Bytes(&byte, 1), i, i, true));
  CHECK(writer.size_bytes() >= 33'000);
  CHECK(writer.finish(1'000).size() <= writer.sample_cost * 1'000);
}

}  // namespace
}  // namespace srs::mp4

// Tracks of fragmented MP4 from a publisher's configurations and frames: an input is the codec, the
// configuration and frames, each with its length in front. Whatever is accepted can be written: boxes fill
// their parents, and subsamples cover their sample.
#include "codec/table.h"
#include "core/byte_reader.h"
#include "mp4/fragment_writer.h"
#include "target.h"

namespace {

using srs::ByteReader;
using srs::Bytes;
using srs::codec::AudioCodec;
using srs::codec::VideoCodec;

void check_boxes(Bytes bytes) {
  while (!bytes.empty()) {
    ByteReader reader(bytes);
    const std::uint32_t size = reader.u32();
    MUST_HOLD(size >= 8 && size <= bytes.size());
    bytes = bytes.subspan(size);
  }
}

srs::mp4::Encryption encryption() {
  srs::mp4::Encryption one;
  one.key.fill(1);
  return one;
}

void check_subsamples(const srs::mp4::VideoTrack& track, Bytes sample) {
  std::vector<srs::mp4::Subsample> list;
  srs::mp4::find_subsamples(track, sample, list);
  std::size_t sum = 0;
  for (const auto& one : list) sum += one.clear_bytes + one.protected_bytes;
  MUST_HOLD(sum == sample.size());
  MUST_HOLD(list.size() <= 42);
}

void video(VideoCodec codec, Bytes record, ByteReader& input) {
  auto track = srs::mp4::describe_video(codec, record);
  if (!track) return;
  const bool slices = srs::codec::row(codec).nal != nullptr;
  srs::mp4::FragmentWriter writer;
  if (slices) writer.encrypt(encryption());
  std::int64_t time = 0;
  while (input.remaining() > 0) {
    const Bytes head = input.bytes(2);
    if (head.size() < 2) break;
    Bytes frame = input.bytes(std::min<std::size_t>(head[0], input.remaining()));
    if (const auto bare_picture = srs::codec::row(codec).bare_picture) frame = bare_picture(frame);
    srs::mp4::update_size(*track, frame);
    if (slices) check_subsamples(*track, frame);
    time += static_cast<std::int64_t>(head[1]) * 900 - 9'000;
    writer.add_video(*track, frame, time, time + head[1], head[1] & 1);
    if (head[1] % 4 == 0) check_boxes(writer.finish(std::nullopt).bytes());
  }
  check_boxes(writer.finish(time).bytes());
  check_boxes(srs::mp4::init_section(&*track, nullptr, slices ? std::optional(encryption()) : std::nullopt));
}

void audio(AudioCodec codec, Bytes record, ByteReader& input) {
  auto track = srs::mp4::describe_audio(codec, record);
  if (!track) return;
  srs::mp4::FragmentWriter writer;
  std::int64_t time = 0;
  while (input.remaining() > 0) {
    const Bytes head = input.bytes(2);
    if (head.size() < 2) break;
    const Bytes frame = input.bytes(std::min<std::size_t>(head[0], input.remaining()));
    srs::mp4::update_format(*track, frame);
    const std::uint32_t samples = srs::mp4::samples_in(*track, frame);
    time += static_cast<std::int64_t>(head[1]) * 200 - 2'000;
    if (track->sample_rate > 0 && samples > 0) writer.add_audio(*track, frame, time, samples);
    if (head[1] % 4 == 0) check_boxes(writer.finish(std::nullopt).bytes());
  }
  check_boxes(writer.finish(std::nullopt).bytes());
  check_boxes(srs::mp4::init_section(nullptr, &*track, encryption()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader input({data, size});
  const unsigned codec = input.u8();
  const Bytes record = input.bytes(std::min<std::size_t>(input.u8(), input.remaining()));
  constexpr VideoCodec videos[] = {VideoCodec::avc, VideoCodec::hevc, VideoCodec::av1, VideoCodec::vp9};
  constexpr AudioCodec audios[] = {AudioCodec::aac, AudioCodec::opus, AudioCodec::flac,
                                   AudioCodec::mp3, AudioCodec::ac3,  AudioCodec::eac3};
  if (codec < 4)
    video(videos[codec], record, input);
  else if (codec < 10)
    audio(audios[codec - 4], record, input);
  return 0;
}

// Segments as fragmented MP4: an input is a sequence of configurations, frames, parts and segments. In every
// output, boxes fill their parents and samples fill their mdat.
#include "srs-hls/mux/fmp4_muxer.h"

#include "boxes.h"

using namespace srs;
using codec::AudioCodec;
using codec::VideoCodec;

namespace {

constexpr VideoCodec videos[] = {VideoCodec::avc, VideoCodec::hevc, VideoCodec::av1, VideoCodec::vp9};
constexpr AudioCodec audios[] = {AudioCodec::aac, AudioCodec::opus, AudioCodec::flac,
                                 AudioCodec::mp3, AudioCodec::ac3,  AudioCodec::eac3};
constexpr std::size_t most_events = 1'000;

enum Event { set_video, set_audio, next_segment, next_part, video_frame, audio_frame, encryption, events };

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const bool encrypts = choices.flag();
  hls::Fmp4Muxer muxer(encrypts);
  std::int64_t time_ms = choices.u32();
  bool begun = false, has_video = false, has_audio = false;
  std::size_t written = 0;
  for (std::size_t i = 0; choices.more() && i < most_events; ++i) {
    const std::uint8_t what = choices.u8();
    const auto event = static_cast<Event>(what % events);
    if (event == set_video)
      has_video |= muxer.configure_video(videos[what / events % std::size(videos)], choices.some()).ok();
    if (event == set_audio)
      has_audio |= muxer.configure_audio(audios[what / events % std::size(audios)], choices.some()).ok();
    if (event == encryption && encrypts) muxer.encrypt(hls::SampleEncryption{});
    if (event == next_segment || event == next_part) {
      const Slice part = muxer.end_part(choices.flag() ? std::optional(time_ms) : std::nullopt);
      fuzz::check_fragment(part.bytes());
      MUST_HOLD((written == 0 || !part.empty()) && muxer.size_bytes() == 0);
      written = 0;
      if (event == next_segment) muxer.begin_segment();
      begun |= event == next_segment;
      fuzz::check_boxes(muxer.init_section().bytes());
    }
    if (!begun || (event != video_frame && event != audio_frame)) continue;
    const Bytes body = choices.many();
    time_ms += choices.time_step_ms();
    const hls::MediaTime time{time_ms, time_ms + static_cast<std::int8_t>(choices.u8()), what};
    if (event == video_frame && has_video) muxer.write_video(body, time, (what & 0x40) != 0);
    if (event == audio_frame && has_audio) muxer.write_audio(body, time);
    written = muxer.size_bytes();
  }
  fuzz::check_fragment(muxer.end_part(std::nullopt).bytes());
  hls::Fmp4Muxer next(encrypts);
  next.restore(muxer.state());
  // Times before 0 are not kept: they mean "none".
  MUST_HOLD(next.state() == muxer.state() || muxer.state().find('-') != std::string::npos);
  return 0;
}

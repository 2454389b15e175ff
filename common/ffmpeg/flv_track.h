// FlvTrack turns FFmpeg packets of one stream, copied or fresh from an encoder, into FLV tags.
//
// A sequence header comes before the first packet, and whenever the codec's configuration changes. Video
// begins at a key frame: pictures before it cannot be decoded.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "codec/parameter_sets.h"
#include "ffmpeg/interleaver.h"
#include "ffmpeg/objects.h"

namespace srs::ffmpeg {

// The codec, if its row in codec/table.h says that it is copied as it is; otherwise unknown.
codec::VideoCodec copied_video_codec(const AVCodecParameters& parameters);
codec::AudioCodec copied_audio_codec(const AVCodecParameters& parameters);

class FlvTrack {
 public:
  // parameters: those of a stream whose codec is one of the copied ones.
  FlvTrack(const AVCodecParameters& parameters, AVRational time_base, AVRational frame_rate);

  // Appends the tags of one packet, which is consumed. An error means that this packet is unusable; the next
  // may be fine.
  Result<void> add(AVPacket& packet, std::vector<TimedTag>& tags);

 private:
  struct Times {
    std::int64_t dts_ms;
    std::int32_t composition_ms;
  };

  Result<void> add_video(const AVPacket& packet, std::vector<TimedTag>& tags);
  Result<void> add_audio(AVPacket& packet, std::vector<TimedTag>& tags);
  Result<void> strip_adts(AVPacket& packet);
  void set_configuration(Bytes extradata);
  void update_configuration(const AVPacket& packet);
  Times times_of(const AVPacket& packet);
  Slice video_payload(const AVPacket& packet, bool key_frame, std::int32_t composition_ms) const;
  void append_header(std::int64_t dts_ms, std::vector<TimedTag>& tags);

  FfmpegPtr<AVCodecParameters> parameters_;
  AVRational time_base_;
  AVRational frame_rate_;
  codec::VideoCodec video_;
  codec::AudioCodec audio_;
  bool annex_b_ = false;
  codec::ParameterSets sets_;
  std::vector<std::uint8_t> record_;      // body of the sequence header; empty: not known yet
  bool header_due_ = true;                // record_ has not been sent
  bool started_ = false;                  // a key frame has been seen
  std::optional<std::int64_t> next_dts_;  // in time_base_, for packets that have no time
  FfmpegPtr<AVBSFContext> adts_filter_;
  std::uint32_t adts_signature_ = 0;  // the bits of the ADTS header that make the configuration
};

}  // namespace srs::ffmpeg

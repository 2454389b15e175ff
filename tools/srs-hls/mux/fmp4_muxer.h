// Fmp4Muxer: segments as fragmented MP4 (RFC 8216 section 3.3), of the codecs whose row in codec/table.h has
// a sample entry.
//
// Each part is one fragment with one traf a track. Times are the stream's own, absolute: the same after a
// restart. A segment has one initialization section: frames of a new configuration are left out until the
// next segment begins.
#pragma once

#include <optional>

#include "mp4/fragment_writer.h"
#include "srs-hls/mux/segment_muxer.h"

namespace srs::hls {

class Fmp4Muxer : public SegmentMuxer {
 public:
  // encrypts: samples will be encrypted. Codecs that cannot be are refused from the start.
  explicit Fmp4Muxer(bool encrypts = false) : encrypts_(encrypts) {}

  std::string_view container() const override { return "fMP4"; }
  std::string_view suffix() const override { return ".m4s"; }
  bool supports(codec::VideoCodec codec) const override;
  bool supports(codec::AudioCodec codec) const override;
  Result<void> configure_video(codec::VideoCodec codec, Bytes record) override;
  Result<void> configure_audio(codec::AudioCodec codec, Bytes record) override;
  void exclude_video() override;
  void exclude_audio() override;
  bool encrypt(const std::optional<SampleEncryption>& encryption) override;
  Slice init_section() const override;

  void begin_segment() override;
  bool write_video(Bytes body, MediaTime time, bool key_frame) override;
  bool write_audio(Bytes body, MediaTime time) override;
  Slice end_part(std::optional<std::int64_t> next_dts_ms) override;
  std::size_t size_bytes() const override { return writer_.size_bytes(); }

  std::string state() const override;
  void restore(std::string_view state) override;

 private:
  const bool encrypts_;
  mp4::FragmentWriter writer_;
  std::optional<mp4::VideoTrack> video_;
  std::optional<mp4::AudioTrack> audio_;
  std::optional<mp4::VideoTrack> next_video_;  // from the next segment on
  std::optional<mp4::AudioTrack> next_audio_;
  bool no_video_next_ = false, no_audio_next_ = false;
  std::optional<mp4::Encryption> encryption_, next_encryption_;
  mutable Slice init_;  // of the current configuration; empty: not made yet
};

}  // namespace srs::hls

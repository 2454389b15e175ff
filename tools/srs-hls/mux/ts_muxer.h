// TsMuxer: segments as MPEG-TS (RFC 8216 section 3.2), of the codecs whose row in codec/table.h has a stream
// type: H.264; AAC as ADTS, MP3, AC-3, E-AC-3.
//
// Times: PTS and DTS are the stream's milliseconds in 90 kHz plus a constant, so that they are the same after
// a restart; the PCR stays pcr_lead behind them. Consecutive AAC frames share a PES packet with the time of
// the first frame, as long as the other frames' times follow from it to the millisecond. This loses nothing,
// and does not leave a TS packet half empty per frame.
#pragma once

#include <optional>
#include <vector>

#include "codec/aac.h"
#include "codec/table.h"
#include "srs-hls/mux/avc_access_unit.h"
#include "srs-hls/mux/segment_muxer.h"
#include "srs-hls/mux/ts_packets.h"

namespace srs::hls {

class TsMuxer : public SegmentMuxer {
 public:
  // PTS 0 of the stream in 90 kHz. Leaves room for negative composition times.
  static constexpr Ticks time_base = 90'000;
  static constexpr Ticks pcr_lead = 63'000;

  std::string_view container() const override { return "MPEG-TS"; }
  std::string_view suffix() const override { return ".ts"; }
  bool supports(codec::VideoCodec codec) const override { return codec::row(codec).ts.type != 0; }
  bool supports(codec::AudioCodec codec) const override { return codec::row(codec).ts.type != 0; }
  Result<void> configure_video(codec::VideoCodec codec, Bytes record) override;
  Result<void> configure_audio(codec::AudioCodec codec, Bytes record) override;
  void exclude_video() override;
  void exclude_audio() override;

  void begin_segment() override;
  bool write_video(Bytes body, MediaTime time, bool key_frame) override;
  bool write_audio(Bytes body, MediaTime time) override;
  bool encrypt(const std::optional<SampleEncryption>& encryption) override { return !encryption; }
  Slice init_section() const override { return {}; }
  Slice end_part(std::optional<std::int64_t> next_dts_ms) override;
  std::size_t size_bytes() const override { return packets_.size() + audio_.size(); }

  std::string state() const override;
  void restore(std::string_view state) override;

 private:
  void write_tables();
  void tracks_changed();
  // The PCR, if the last one is at least `interval` old.
  std::optional<Ticks> due_pcr(Ticks dts, Ticks interval);
  // Whether the AAC frame fits into the pending PES packet.
  bool joins(std::size_t frame_size, Ticks pts) const;
  bool add_aac(Bytes frame, Ticks pts);
  void flush_audio();

  TsPackets packets_;
  std::optional<codec::TsStream> video_stream_;  // in the PMT
  std::optional<codec::TsStream> audio_stream_;
  std::uint8_t pmt_version_ = 0;
  std::uint16_t pcr_pid_ = video_pid;
  std::optional<Ticks> last_pcr_;

  AvcAccessUnit access_unit_;
  std::optional<codec::AacConfig> aac_;
  std::vector<std::uint8_t> audio_;  // ADTS frames of the pending PES packet
  Ticks audio_pts_ = 0;
  Ticks audio_dts_ = 0;
  std::size_t audio_frames_ = 0;
  bool first_audio_ = true;  // of the segment
};

}  // namespace srs::hls

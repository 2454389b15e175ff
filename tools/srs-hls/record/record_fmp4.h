// RecordFmp4: recordings as fragmented MP4: an initialization section, and a fragment every few seconds.
//
// Each file has a muxer of its own, so that its times begin at 0 and the next configuration does not affect
// the current file.
#pragma once

#include <optional>
#include <vector>

#include "srs-hls/mux/fmp4_muxer.h"
#include "srs-hls/record/record_format.h"

namespace srs::hls {

class RecordFmp4 : public RecordFormat {
 public:
  RecordFmp4(const std::string& path, const cli::Log& log)
      : tracks_(path + ": recording", {notes_, notes_}, 0, log) {}

  std::string_view suffix() const override { return ".mp4"; }
  std::int64_t piece_ms() const override { return 2'000; }
  std::optional<Frame> parse(const media::Message& message) override { return tracks_.parse(message); }
  bool has(Track track) const override { return tracks_.has(track); }
  bool known(Track track) const override { return tracks_.known(track); }
  std::uint64_t configuration() const override { return tracks_.configuration(); }
  RecordDescription describe() const override;
  void begin(std::int64_t base_ms) override;
  void add(const Frame& frame) override;
  std::size_t size_bytes() const override { return muxer_ ? muxer_->size_bytes() : 0; }
  Content flush(std::optional<std::int64_t> next_picture_ms) override;
  std::optional<RecordPatch> finish(std::uint64_t /*size_bytes*/,
                                    std::chrono::milliseconds /*duration*/) override {
    return {};
  }

 private:
  // Keeps the configurations for the muxers of the following files.
  class Notes : public Fmp4Muxer {
   public:
    std::string_view container() const override { return "recording"; }
    Result<void> configure_video(codec::VideoCodec codec, Bytes record) override;
    Result<void> configure_audio(codec::AudioCodec codec, Bytes record) override;
    void configure(Fmp4Muxer& muxer) const;

   private:
    codec::VideoCodec video_ = codec::VideoCodec::unknown;
    codec::AudioCodec audio_ = codec::AudioCodec::unknown;
    std::vector<std::uint8_t> video_record_, audio_record_;
  };

  Notes notes_;
  Tracks tracks_;
  std::optional<Fmp4Muxer> muxer_;
  std::int64_t base_ms_ = 0;
  bool has_head_ = false;
};

}  // namespace srs::hls

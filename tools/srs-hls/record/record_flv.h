// RecordFlv: recordings as FLV files: the stream's own tags, all tracks of them.
//
// A file begins with the metadata and the sequence headers; times count from 0 and do not go back. Which
// tracks there are stands in the file header, so that is what a configuration is here.
#pragma once

#include <vector>

#include "record/record_format.h"

namespace srs::hls {

class RecordFlv : public RecordFormat {
 public:
  std::string_view suffix() const override { return ".flv"; }
  std::int64_t piece_ms() const override { return 500; }
  std::optional<Frame> take(const media::Message& message) override;
  bool has(Track track) const override { return has_[static_cast<int>(track)]; }
  bool known(Track track) const override { return has(track); }
  std::uint64_t configuration() const override { return (has_[0] ? 1u : 0u) + (has_[1] ? 2u : 0u); }
  RecordDescription describe() const override;
  void begin(std::int64_t base_ms) override;
  void add(const Frame& frame) override;
  std::size_t size_bytes() const override { return size_bytes_; }
  Content flush(std::optional<std::int64_t> next_picture_ms) override;

 private:
  void take_header(const media::Message& message, Slice& known, TrackInfo& info);
  void set_aside(const media::Message& message);
  void append(flv::TagType type, std::int64_t timestamp_ms, const Slice& payload);

  bool has_[2] = {false, false};
  TrackInfo video_, audio_;
  Slice metadata_, video_header_, audio_header_;
  std::vector<media::Message> aside_;  // headers and scripts that go in front of the next frame
  std::size_t aside_bytes_ = 0;
  std::int64_t base_ms_ = 0;
  std::int64_t newest_ms_[2] = {0, 0};  // by track, in the file
  Content pieces_;
  std::size_t size_bytes_ = 0;
};

}  // namespace srs::hls

// RecordFlv: recordings as FLV files: the stream's own tags, all tracks of them.
//
// A file begins with the metadata and the sequence headers; times count from 0 and do not go back. The file
// header names the tracks, so the configuration is the set of tracks. When a file is finished, its metadata
// gets the duration and the key frame positions (FlvIndex).
#pragma once

#include <optional>
#include <vector>

#include "srs-hls/record/flv_headers.h"
#include "srs-hls/record/flv_index.h"
#include "srs-hls/record/record_format.h"

namespace srs::hls {

class RecordFlv : public RecordFormat {
 public:
  // segment: the planned duration of files, which sizes their index.
  explicit RecordFlv(std::chrono::milliseconds segment);

  std::string_view suffix() const override { return ".flv"; }
  std::int64_t piece_ms() const override { return 500; }
  std::optional<Frame> parse(const media::Message& message) override;
  bool has(Track track) const override { return has_[static_cast<int>(track)]; }
  bool known(Track track) const override { return has(track); }
  std::uint64_t configuration() const override { return (has_[0] ? 1u : 0u) + (has_[1] ? 2u : 0u); }
  RecordDescription describe() const override;
  void begin(std::int64_t base_ms) override;
  void add(const Frame& frame) override;
  std::size_t size_bytes() const override { return size_bytes_; }
  Content flush(std::optional<std::int64_t> next_picture_ms) override;
  std::optional<RecordPatch> finish(std::uint64_t size_bytes, std::chrono::milliseconds duration) override;

 private:
  void keep_header(const media::Message& message);
  bool is_key(const media::Message& message) const;
  void set_aside(const media::Message& message);
  void append(flv::TagType type, std::int64_t timestamp_ms, const Slice& payload);

  bool has_[2] = {false, false};
  const std::size_t slots_;
  amf::Object metadata_;
  FlvHeaders headers_;
  std::vector<media::Message> aside_;  // headers and scripts that go before the next frame
  std::size_t aside_bytes_ = 0;
  std::int64_t base_ms_ = 0;
  std::int64_t newest_ms_[2] = {0, 0};  // by track, in the file
  std::optional<FlvIndex> index_;       // of the open file
  std::uint64_t position_ = 0;          // of the next tag in the file
  Content pieces_;
  std::size_t size_bytes_ = 0;
};

}  // namespace srs::hls

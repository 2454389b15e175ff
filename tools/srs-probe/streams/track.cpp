#include "srs-probe/streams/track.h"

#include <algorithm>

namespace srs::probe {

void Track::on_frame(const Frame& frame) {
  if (frames_++ == 0) {
    first_ms_ = frame.decoding_ms;
  } else {
    advanced_ms_ += std::max<std::int64_t>(0, frame.decoding_ms - last_ms_);
  }
  last_ms_ = frame.decoding_ms;
  if (headers_ == 0) ++frames_before_header_;
  rate_.add(frame.decoding_ms, frame.size_bytes);
  gaps_.add(frame.decoding_ms);
  if (!is_video()) return;
  gops_.add(frame.decoding_ms, frame.key_frame);
  reorder_.add(frame.decoding_ms, frame.offset_ms);
}

void Track::on_description(TrackDescription description, Bytes record) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: a record may be of any size
  for (const std::uint8_t byte : record) hash = (hash ^ byte) * 0x100000001b3;
  if (headers_++ > 0 && hash != record_hash_) ++header_changes_;
  record_hash_ = hash;
  description_ = std::move(description);
}

void Track::on_in_band_description(TrackDescription description) {
  if (description_.width > 0) ++in_band_changes_;
  description_ = std::move(description);
}

void Track::on_corrupt(std::int64_t at_ms, const std::string& why) {
  if (corrupt_++ > 0) return;
  first_corrupt_ms_ = at_ms;
  first_corrupt_ = why;
}

double Track::duration_ms() const {
  return static_cast<double>(advanced_ms_ + (frames_ > 0 ? gaps_.median_interval_ms() : 0));
}

double Track::frame_rate() const {
  return frames_ > 1 && advanced_ms_ > 0
             ? static_cast<double>(frames_ - 1) * 1000 / static_cast<double>(advanced_ms_)
             : 0;
}

}  // namespace srs::probe

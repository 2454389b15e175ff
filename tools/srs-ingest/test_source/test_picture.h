// TestPicture: draws the frames of the test source: moving colour bars, a ball, a band of noise (so that the
// encoder reaches its bit rate), and two lines of text.
//
// Drawn here rather than by FFmpeg's filters: that needs no font file and costs little.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ffmpeg/objects.h"

namespace srs::ingest {

class TestPicture {
 public:
  // Both even, at least 64.
  TestPicture(int width, int height);

  // Draws over the whole frame. `clock` and `counter` may hold digits, capital letters of
  // "UTC FRAME" and "-:. "; other characters are blank.
  void draw(AVFrame& frame, std::int64_t number, std::string_view clock, std::string_view counter);

 private:
  void draw_bars(AVFrame& frame, std::int64_t number);
  void draw_noise(AVFrame& frame);
  void draw_ball(AVFrame& frame, std::int64_t number) const;
  void draw_text(AVFrame& frame, std::string_view text, int top, int scale) const;
  void fill(AVFrame& frame, int left, int top, int width, int height, std::uint8_t luma) const;

  int width_;
  int height_;
  int noise_top_;  // the noise band reaches from here to the bottom
  std::uint64_t random_ = 0x9e3779b97f4a7c15;
  // One row of each plane, twice as wide as the picture: scrolling is an offset.
  std::vector<std::uint8_t> bars_[3];
};

}  // namespace srs::ingest

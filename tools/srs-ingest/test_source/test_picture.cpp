#include "srs-ingest/test_source/test_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace srs::ingest {
namespace {

struct Colour {
  std::uint8_t y, u, v;
};
// 75 % bars, ITU-R BT.601, limited range.
constexpr std::array<Colour, 8> bar_colours{{{180, 128, 128},
                                             {162, 44, 142},
                                             {131, 156, 44},
                                             {112, 72, 58},
                                             {84, 184, 198},
                                             {65, 100, 212},
                                             {35, 212, 114},
                                             {60, 128, 128}}};

constexpr std::uint8_t black = 16;
constexpr std::uint8_t white = 235;

// Glyphs of 5 by 7 dots, one byte per row, the leftmost dot in bit 4.
struct Glyph {
  char letter;
  std::array<std::uint8_t, 7> rows;
};
constexpr int glyph_width = 5;
constexpr int glyph_height = 7;
constexpr int glyph_step = 6;
constexpr Glyph glyphs[] = {
    {'0', {0x0e, 0x11, 0x11, 0x15, 0x11, 0x11, 0x0e}}, {'1', {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e}},
    {'2', {0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f}}, {'3', {0x1e, 0x01, 0x01, 0x0e, 0x01, 0x01, 0x1e}},
    {'4', {0x11, 0x11, 0x11, 0x1f, 0x01, 0x01, 0x01}}, {'5', {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e}},
    {'6', {0x0e, 0x10, 0x10, 0x1e, 0x11, 0x11, 0x0e}}, {'7', {0x1f, 0x01, 0x01, 0x02, 0x04, 0x04, 0x04}},
    {'8', {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e}}, {'9', {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x01, 0x0e}},
    {'-', {0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00}}, {':', {0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00}},
    {'.', {0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c}}, {'U', {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e}},
    {'T', {0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04}}, {'C', {0x0f, 0x10, 0x10, 0x10, 0x10, 0x10, 0x0f}},
    {'F', {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10}}, {'R', {0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11}},
    {'A', {0x04, 0x0a, 0x11, 0x11, 0x1f, 0x11, 0x11}}, {'M', {0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11}},
    {'E', {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f}},
};

const Glyph* find_glyph(char letter) {
  const auto found = std::find_if(std::begin(glyphs), std::end(glyphs),
                                  [letter](const Glyph& glyph) { return glyph.letter == letter; });
  return found == std::end(glyphs) ? nullptr : found;
}

// Back and forth: 0 .. span .. 0.
int bounce(std::int64_t position, int span) {
  if (span <= 0) return 0;
  const auto within = static_cast<int>(position % (2 * span));
  return within < span ? within : 2 * span - within;
}

}  // namespace

TestPicture::TestPicture(int width, int height)
    : width_(width), height_(height), noise_top_(height * 7 / 8 & ~1) {
  for (int plane = 0; plane < 3; ++plane) {
    const int row = plane == 0 ? width : width / 2;
    bars_[plane].resize(static_cast<std::size_t>(row) * 2);
    for (int x = 0; x < 2 * row; ++x) {
      const Colour& colour =
          bar_colours[static_cast<std::size_t>(x % row) * bar_colours.size() / static_cast<std::size_t>(row)];
      bars_[plane][static_cast<std::size_t>(x)] = plane == 0 ? colour.y : plane == 1 ? colour.u : colour.v;
    }
  }
}

void TestPicture::draw(AVFrame& frame, std::int64_t number, std::string_view clock,
                       std::string_view counter) {
  draw_bars(frame, number);
  draw_noise(frame);
  draw_ball(frame, number);
  const int scale = std::max(1, width_ * 4 / 5 / (static_cast<int>(clock.size()) * glyph_step));
  const int line = (glyph_height + 3) * scale;
  const int top = std::max(0, height_ / 2 - line);
  draw_text(frame, clock, top, scale);
  draw_text(frame, counter, top + line, scale);
}

void TestPicture::draw_bars(AVFrame& frame, std::int64_t number) {
  // Two luma pixels a frame, so that chroma moves by whole ones.
  const auto offset = static_cast<int>(number % (width_ / 2));
  for (int plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    const std::uint8_t* row = bars_[plane].data() + (plane == 0 ? 2 * offset : offset);
    for (int y = 0; y < noise_top_ >> shift; ++y)
      std::memcpy(frame.data[plane] + y * frame.linesize[plane], row,
                  static_cast<std::size_t>(width_ >> shift));
  }
}

void TestPicture::draw_noise(AVFrame& frame) {
  for (int y = noise_top_; y < height_; ++y) {
    std::uint8_t* row = frame.data[0] + y * frame.linesize[0];
    for (int x = 0; x < width_; ++x) {
      if (x % 8 == 0) {  // xorshift: eight pixels from each number
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
      }
      row[x] = static_cast<std::uint8_t>(96 + (random_ >> (x % 8 * 8) & 63));
    }
  }
  for (int plane = 1; plane < 3; ++plane)
    for (int y = noise_top_ / 2; y < height_ / 2; ++y)
      std::memset(frame.data[plane] + y * frame.linesize[plane], 128, static_cast<std::size_t>(width_ / 2));
}

void TestPicture::draw_ball(AVFrame& frame, std::int64_t number) const {
  const int radius = std::max(4, height_ / 16);
  const int centre_x = radius + bounce(number * width_ / 256, width_ - 2 * radius);
  const int centre_y = radius + bounce(number * height_ / 160, noise_top_ - 2 * radius);
  for (int dy = -radius + 1; dy < radius; ++dy) {
    const int half = static_cast<int>(std::sqrt(radius * radius - dy * dy));
    fill(frame, centre_x - half, centre_y + dy, 2 * half, 1, white);
  }
}

void TestPicture::draw_text(AVFrame& frame, std::string_view text, int top, int scale) const {
  const int text_width = static_cast<int>(text.size()) * glyph_step * scale;
  int left = std::max(0, (width_ - text_width) / 2);
  fill(frame, left - scale, top - scale, text_width + scale, (glyph_height + 2) * scale, black);
  for (const char letter : text) {
    if (const Glyph* glyph = find_glyph(letter)) {
      for (int row = 0; row < glyph_height; ++row)
        for (int column = 0; column < glyph_width; ++column)
          if (glyph->rows[static_cast<std::size_t>(row)] >> (glyph_width - 1 - column) & 1)
            fill(frame, left + column * scale, top + row * scale, scale, scale, white);
    }
    left += glyph_step * scale;
  }
}

// A grey rectangle, clipped to the picture.
void TestPicture::fill(AVFrame& frame, int left, int top, int width, int height, std::uint8_t luma) const {
  const int right = std::min(left + width, width_);
  const int bottom = std::min(top + height, height_);
  left = std::max(left, 0);
  top = std::max(top, 0);
  if (left >= right) return;
  for (int y = top; y < bottom; ++y)
    std::memset(frame.data[0] + y * frame.linesize[0] + left, luma, static_cast<std::size_t>(right - left));
  for (int plane = 1; plane < 3; ++plane)
    for (int y = top / 2; y < (bottom + 1) / 2; ++y)
      std::memset(frame.data[plane] + y * frame.linesize[plane] + left / 2, 128,
                  static_cast<std::size_t>((right + 1) / 2 - left / 2));
}

}  // namespace srs::ingest

// BoxWriter: the boxes of ISO 14496-12, nested as the code is.
//
//     Box moov(to, "moov");
//     { FullBox mvhd(to, "mvhd", 0, 0); to.u32(...); }
//
// A box fills in its size when it goes out of scope.
#pragma once

#include <string_view>

#include "core/byte_writer.h"

namespace srs::mp4 {

class Box {
 public:
  Box(ByteWriter& to, std::string_view type) : to_(to), start_(to.size()) {
    to.u32(0);
    to.text(type);
  }
  ~Box() { store_u32(to_.at(start_), static_cast<std::uint32_t>(to_.size() - start_)); }
  Box(const Box&) = delete;
  Box& operator=(const Box&) = delete;

 private:
  ByteWriter& to_;
  const std::size_t start_;
};

class FullBox {
 public:
  FullBox(ByteWriter& to, std::string_view type, unsigned version, std::uint32_t flags) : box_(to, type) {
    to.u8(version);
    to.u24(flags);
  }

 private:
  Box box_;
};

}  // namespace srs::mp4

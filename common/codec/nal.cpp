#include "codec/nal.h"

#include <algorithm>

namespace srs::codec {
namespace {

// The index of the next 00 00 01, or data.size().
std::size_t find_start_code(Bytes data) {
  static constexpr std::uint8_t start_code[] = {0, 0, 1};
  const auto found = std::search(data.begin(), data.end(), std::begin(start_code), std::end(start_code));
  return static_cast<std::size_t>(found - data.begin());
}

}  // namespace

std::vector<std::uint8_t> unescape_nal(Bytes nal) {
  std::vector<std::uint8_t> plain;
  plain.reserve(nal.size());
  int zeros = 0;
  for (const std::uint8_t byte : nal) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    plain.push_back(byte);
  }
  return plain;
}

std::optional<Bytes> LengthPrefixedNals::next() {
  while (!data_.empty()) {
    if (data_.size() < length_size_) break;
    std::size_t size = 0;
    for (unsigned i = 0; i < length_size_; ++i) size = size << 8 | data_[i];
    if (size > data_.size() - length_size_) break;
    const Bytes nal = data_.subspan(length_size_, size);
    data_ = data_.subspan(length_size_ + size);
    if (!nal.empty()) return nal;
  }
  failed_ = failed_ || !data_.empty();
  data_ = {};
  return std::nullopt;
}

AnnexBNals::AnnexBNals(Bytes data) : data_(data.subspan(std::min(find_start_code(data) + 3, data.size()))) {}

std::optional<Bytes> AnnexBNals::next() {
  while (!data_.empty()) {
    const std::size_t end = find_start_code(data_);
    Bytes nal = data_.first(end);
    data_ = data_.subspan(std::min(end + 3, data_.size()));
    // A unit never ends in a zero byte: these belong to the start code behind it.
    while (!nal.empty() && nal.back() == 0) nal = nal.first(nal.size() - 1);
    if (!nal.empty()) return nal;
  }
  return std::nullopt;
}

}  // namespace srs::codec

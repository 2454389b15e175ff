#include "srs-hls/mux/avc_access_unit.h"

#include <algorithm>

#include "codec/nal.h"

namespace srs::hls {
namespace {

using codec::AvcNalType;

constexpr std::uint8_t start_code[] = {0, 0, 0, 1};
constexpr std::size_t nals_max = 8'192;
// primary_pic_type 7: any slices.
constexpr std::uint8_t delimiter[] = {0, 0, 0, 1, 9, 0xf0};

bool is(Bytes nal, AvcNalType type) {
  return codec::avc_nal_type(nal[0]) == type;
}

}  // namespace

void AvcAccessUnit::configure(const codec::AvcConfig& config) {
  nal_length_size_ = config.nal_length_size;
  parameter_sets_.clear();
  const auto append = [&](const std::vector<std::vector<std::uint8_t>>& sets) {
    for (const auto& set : sets) {
      if (set.empty()) continue;
      parameter_sets_.insert(parameter_sets_.end(), std::begin(start_code), std::end(start_code));
      parameter_sets_.insert(parameter_sets_.end(), set.begin(), set.end());
    }
  };
  append(config.sps);
  append(config.pps);
}

std::span<const Bytes> AvcAccessUnit::build(Bytes body, bool key_frame) {
  nals_.clear();
  pieces_.clear();
  size_bytes_ = 0;
  codec::LengthPrefixedNals reader(body, nal_length_size_);
  while (const auto nal = reader.next()) {
    // No real picture has so many, and each entry costs more than its bytes.
    if (nals_.size() == nals_max) return {};
    nals_.push_back(*nal);
  }
  if (nals_.empty()) return {};
  auto first = nals_.begin();
  if (is(*first, AvcNalType::aud)) {
    add_nal(*first++);
  } else {
    add(delimiter);
  }
  const auto carries = [&](AvcNalType type) {
    return std::any_of(first, nals_.end(), [type](Bytes nal) { return is(nal, type); });
  };
  if (key_frame && !parameter_sets_.empty() && !(carries(AvcNalType::sps) && carries(AvcNalType::pps)))
    add(parameter_sets_);
  while (first != nals_.end()) add_nal(*first++);
  return pieces_;
}

void AvcAccessUnit::add(Bytes piece) {
  pieces_.push_back(piece);
  size_bytes_ += piece.size();
}

void AvcAccessUnit::add_nal(Bytes nal) {
  add(start_code);
  add(nal);
}

}  // namespace srs::hls

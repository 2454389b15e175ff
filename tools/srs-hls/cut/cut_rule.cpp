#include "srs-hls/cut/cut_rule.h"

#include <algorithm>

namespace srs::hls {
namespace {

int round_to_seconds(CutRule::Duration duration) {
  return static_cast<int>((duration.count() + 500) / 1000);
}

}  // namespace

int CutRule::target_duration_for(Duration first_segment) const {
  const int asked = static_cast<int>((target_.count() + 999) / 1000);
  const Duration longest = std::max(longest_gop_awaited, 2 * target_);
  return std::max({asked, round_to_seconds(std::min(first_segment, longest)), 1});
}

void CutRule::on_gop(Duration gop) {
  longest_gop_ = std::max(longest_gop_, gop);
}

// The longest duration that still rounds to the target duration.
CutRule::Duration CutRule::longest_segment() const {
  if (target_duration_s_ == 0) return std::max(longest_gop_awaited, 2 * target_);
  return Duration(target_duration_s_ * 1000 + 499);
}

bool CutRule::cut_at_key_frame(Duration so_far) const {
  if (so_far >= target_) return true;
  if (target_duration_s_ == 0) return false;
  // GOPs longer than a segment have to be cut somewhere anyway.
  if (longest_gop_ > longest_segment()) return so_far >= target_ / 2;
  return so_far + longest_gop_ > longest_segment();
}

}  // namespace srs::hls

#include "codec/parameter_sets.h"

#include <algorithm>

#include "codec/nal.h"
#include "codec/table.h"

namespace srs::codec {
namespace {

constexpr std::size_t max_set_size = 0xffff;  // the records count in 16 bits

}  // namespace

bool is_annex_b(Bytes extradata) {
  if (extradata.size() < 4) return false;
  const bool long_code = extradata[0] == 0 && extradata[1] == 0 && extradata[2] == 0 && extradata[3] == 1;
  return long_code || (extradata[0] == 0 && extradata[1] == 0 && extradata[2] == 1);
}

std::size_t length_prefixed_size(Bytes annex_b) {
  std::size_t size = 0;
  AnnexBNals nals(annex_b);
  while (const auto nal = nals.next()) size += 4 + nal->size();
  return size;
}

void to_length_prefixed(Bytes annex_b, BoundedWriter& to) {
  AnnexBNals nals(annex_b);
  while (const auto nal = nals.next()) {
    to.u32(nal->size());
    to.bytes(*nal);
  }
}

bool is_annex_b_picture(Bytes picture, unsigned length_size) {
  if (!is_annex_b(picture)) return false;
  LengthPrefixedNals nals(picture, length_size);
  while (nals.next()) {
  }
  return nals.failed();
}

ParameterSets::ParameterSets(VideoCodec codec) : syntax_(row(codec).nal) {}

bool ParameterSets::keep(std::vector<ParameterSet>& sets, std::uint32_t id, Bytes nal) {
  if (id == no_set_id || nal.size() > max_set_size) return false;
  const auto found =
      std::find_if(sets.begin(), sets.end(), [id](const ParameterSet& set) { return set.id == id; });
  const std::size_t replaced = found == sets.end() ? 0 : found->nal.size();
  if (replaced > 0 && std::equal(found->nal.begin(), found->nal.end(), nal.begin(), nal.end())) return false;
  if (bytes_ - replaced + nal.size() > max_bytes) return false;
  bytes_ += nal.size() - replaced;
  const std::size_t place = static_cast<std::size_t>(found - sets.begin());
  if (found == sets.end())
    sets.push_back({id, {nal.begin(), nal.end()}});
  else
    found->nal.assign(nal.begin(), nal.end());
  if (&sets == &sps_) {
    newest_sps_ = place;
    ++sps_changes_;
  }
  return true;
}

bool ParameterSets::scan(Bytes annex_b) {
  bool changed = false;
  AnnexBNals nals(annex_b);
  while (const auto nal = nals.next()) changed |= scan_nal(*nal);
  return changed;
}

bool ParameterSets::scan(Bytes length_prefixed, unsigned length_size) {
  bool changed = false;
  LengthPrefixedNals nals(length_prefixed, length_size);
  while (const auto nal = nals.next()) changed |= scan_nal(*nal);
  return changed;
}

bool ParameterSets::scan_nal(Bytes nal) {
  if (syntax_ == nullptr) return false;
  const SetId set = syntax_->set_id(nal);
  switch (set.kind) {
    case SetKind::none:
      return false;
    case SetKind::vps:
      return keep(vps_, set.id, nal);
    case SetKind::sps:
      return keep(sps_, set.id, nal);
    case SetKind::pps:
      return keep(pps_, set.id, nal);
  }
  return false;
}

Result<std::size_t> ParameterSets::parse_record(Bytes record) {
  if (syntax_ == nullptr) return Error{Errc::unsupported, "the codec has no parameter sets"};
  auto nals = syntax_->sets_in_record(record);
  if (!nals) return std::move(nals).error();
  ParameterSets fresh(*syntax_);
  std::size_t count = 0;
  for (const Nal& nal : *nals)
    if (!nal.empty()) fresh.scan_nal(nal), ++count;
  *this = std::move(fresh);
  return count;
}

bool ParameterSets::complete() const {
  if (syntax_ == nullptr) return false;
  return (!syntax_->has_vps || !vps_.empty()) && !sps_.empty() && !pps_.empty();
}

Result<std::vector<std::uint8_t>> ParameterSets::record(unsigned length_size) const {
  if (!complete()) return Error{Errc::invalid_data, "the parameter sets are not complete"};
  return syntax_->build_record({vps_, sps_, pps_}, length_size);
}

}  // namespace srs::codec

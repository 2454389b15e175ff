#include "srs-probe/streams/in_band_sets.h"

#include "codec/table.h"
#include "srs-probe/streams/codec_description.h"

namespace srs::probe {
void InBandSets::configure(codec::VideoCodec codec, Bytes record) {
  sets_.reset();
  codec_ = codec;
  if (codec::row(codec).nal == nullptr) return;
  sets_.emplace(codec);
  [[maybe_unused]] const auto count = sets_->parse_record(record);  // invalid sets are ignored
}

std::optional<TrackDescription> InBandSets::scan(codec::VideoCodec codec, Bytes picture,
                                                 unsigned length_size) {
  if (codec::row(codec).nal == nullptr) return {};
  if (!sets_ || codec_ != codec) {
    codec_ = codec;
    sets_.emplace(codec);
  }
  const std::uint64_t before = sets_->sps_changes();
  if (length_size == 0)
    sets_->scan(picture);
  else
    sets_->scan(picture, length_size);
  if (sets_->sps_changes() == before) return {};
  auto description = describe_sps(codec, sets_->newest_sps());
  return description ? std::optional(*std::move(description)) : std::nullopt;
}

}  // namespace srs::probe

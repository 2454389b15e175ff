#include "srs-probe/streams/codec_description.h"

#include "codec/table.h"

namespace srs::probe {
namespace {

TrackDescription description_of(std::string_view codec, const codec::Description& from) {
  TrackDescription to;
  to.codec = codec;
  to.codec_string = from.codec_string;
  to.profile = from.profile;
  to.level = from.level;
  to.width = from.width;
  to.height = from.height;
  to.bit_depth = from.bit_depth;
  to.frame_rate = from.frame_rate;
  to.sample_rate = from.sample_rate;
  to.channels = from.channels;
  return to;
}

template <class Row>
Result<TrackDescription> describe(const Row& row, Bytes record) {
  if (row.describe == nullptr) return description_of(row.name, {});
  auto description = row.describe(record);
  if (!description) return std::move(description).error();
  if (description->picture_error) return *std::move(description->picture_error);
  return description_of(row.name, *description);
}

}  // namespace

Result<TrackDescription> describe_video(codec::VideoCodec codec, Bytes record) {
  return describe(codec::row(codec), record);
}

Result<TrackDescription> describe_audio(codec::AudioCodec codec, Bytes record) {
  return describe(codec::row(codec), record);
}

Result<TrackDescription> describe_sps(codec::VideoCodec codec, Bytes nal) {
  const codec::VideoRow& row = codec::row(codec);
  if (row.nal == nullptr) return Error{Errc::unsupported, "the codec has no parameter sets"};
  auto description = row.nal->describe_sps(nal);
  if (!description) return std::move(description).error();
  return description_of(row.name, *description);
}

unsigned nal_length_size(codec::VideoCodec codec, Bytes record) {
  const codec::VideoRow& row = codec::row(codec);
  if (row.nal == nullptr) return 0;
  const auto description = row.describe(record);
  return description ? description->nal_length_size : 0;
}

}  // namespace srs::probe

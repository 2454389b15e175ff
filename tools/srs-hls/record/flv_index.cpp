#include "srs-hls/record/flv_index.h"

#include <algorithm>
#include <string_view>

namespace srs::hls {
namespace {

constexpr std::string_view of_the_whole[] = {"duration",     "filesize",
                                             "keyframes",    "lasttimestamp",
                                             "hasKeyframes", "lastkeyframetimestamp",
                                             "canSeekToEnd", "lastkeyframelocation",
                                             "hasCuePoints", "datasize"};

std::size_t values_in(const amf::Value* array) {
  return array != nullptr && array->as_array() != nullptr ? array->as_array()->values.size() : 0;
}

}  // namespace

// Drops the publisher's members that describe a whole file: they are wrong for this one.
FlvIndex::FlvIndex(amf::Object metadata, std::size_t slots)
    : metadata_(std::move(metadata)), slots_(std::min(slots, slots_max)) {
  std::erase_if(metadata_.members, [](const amf::Member& member) {
    return std::find(std::begin(of_the_whole), std::end(of_the_whole), member.first) !=
           std::end(of_the_whole);
  });
}

std::optional<FlvIndex> FlvIndex::parse(Bytes payload) {
  ByteReader reader(payload);
  const auto name = amf::decode(reader);
  auto value = amf::decode(reader);
  if (!name || !value || name->as_string() == nullptr || *name->as_string() != "onMetaData") return {};
  amf::Object* const object = value->as_object();
  const amf::Value* const key_frames = value->find("keyframes");
  if (object == nullptr || value->find("duration") == nullptr) return {};
  std::size_t values = 0;
  if (key_frames != nullptr)
    for (const char* array : {"filepositions", "times", "spacer"})
      values += values_in(key_frames->find(array));
  FlvIndex index(std::move(*object), values / 2);
  // Only what payload() makes fits in place.
  if (index.payload(0, {}).size() != payload.size()) return {};
  return index;
}

void FlvIndex::add_key_frame(std::int64_t time_ms, std::uint64_t position) {
  if (slots_ == 0 || ++passed_ < stride_) return;
  passed_ = 0;
  if (key_frames_.size() == slots_) thin_out();
  key_frames_.push_back({time_ms, position});
}

void FlvIndex::thin_out() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < key_frames_.size(); i += 2) key_frames_[kept++] = key_frames_[i];
  key_frames_.resize(kept);
  stride_ *= 2;
}

std::vector<std::uint8_t> FlvIndex::payload(std::uint64_t size_bytes,
                                            std::chrono::milliseconds duration) const {
  amf::Object object{{}, true};
  object.members.emplace_back("duration", static_cast<double>(duration.count()) / 1'000);
  object.members.emplace_back("filesize", static_cast<double>(size_bytes));
  object.members.insert(object.members.end(), metadata_.members.begin(), metadata_.members.end());
  if (slots_ > 0) {
    amf::StrictArray positions, times, spacer;
    for (const KeyFrame& one : key_frames_) {
      if (one.position >= size_bytes) break;
      positions.values.emplace_back(static_cast<double>(one.position));
      times.values.emplace_back(static_cast<double>(one.time_ms) / 1'000);
    }
    spacer.values.assign(2 * (slots_ - times.values.size()), amf::Value(0.0));
    object.members.emplace_back("keyframes", amf::Value::object({{"filepositions", std::move(positions)},
                                                                 {"times", std::move(times)},
                                                                 {"spacer", std::move(spacer)}}));
  }
  return amf::encode_all({amf::Value("onMetaData"), amf::Value(std::move(object))});
}

}  // namespace srs::hls

// Reads FLV recordings: their tags, metadata and index.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "amf/value.h"
#include "flv/reader.h"
#include "media/message.h"

namespace srs::hls {

// The tags of an FLV file, in order.
inline std::vector<flv::Tag> tags_of(const std::string& text) {
  flv::Reader reader;
  std::vector<flv::Tag> tags;
  reader.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  for (;;) {
    auto tag = reader.next();
    REQUIRE(tag.ok());
    if (!*tag) return tags;
    tags.push_back(**tag);
  }
}

// A file's onMetaData.
inline amf::Value metadata_in(const std::string& text) {
  const auto tags = tags_of(text);
  REQUIRE(!tags.empty());
  ByteReader reader(tags[0].payload.bytes());
  REQUIRE(*amf::decode(reader)->as_string() == "onMetaData");
  return *amf::decode(reader);
}

struct IndexEntry {
  double time_s, position;
};

inline std::vector<IndexEntry> index_in(const amf::Value& metadata) {
  const amf::Value* const key_frames = metadata.find("keyframes");
  REQUIRE(key_frames);
  const auto& times = key_frames->find("times")->as_array()->values;
  const auto& positions = key_frames->find("filepositions")->as_array()->values;
  REQUIRE(times.size() == positions.size());
  std::vector<IndexEntry> entries;
  for (std::size_t i = 0; i < times.size(); ++i)
    entries.push_back({*times[i].as_number(), *positions[i].as_number()});
  return entries;
}

// Whether an index entry points at a tag of this kind.
inline bool is_at(const std::string& text, const IndexEntry& entry, media::MessageKind kind) {
  const auto at = static_cast<std::size_t>(entry.position);
  if (at + flv::tag_header_size >= text.size()) return false;
  const Bytes payload(reinterpret_cast<const std::uint8_t*>(text.data()) + at + flv::tag_header_size,
                      std::min<std::size_t>(text.size() - at - flv::tag_header_size, 64));
  return media::classify(static_cast<flv::TagType>(text[at]), payload) == kind;
}

}  // namespace srs::hls

// An independent parser of boxes and fragments, to test the writers of MP4; anything that does not fit ends
// the test. Borrows the bytes.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_reader.h"

namespace srs::mp4 {

struct ReadBox {
  std::string type;
  Bytes whole;
  Bytes content;  // without size and type
};

inline std::vector<ReadBox> boxes(Bytes bytes) {
  std::vector<ReadBox> found;
  while (!bytes.empty()) {
    ByteReader reader(bytes);
    const std::uint32_t size = reader.u32();
    const Bytes type = reader.bytes(4);
    REQUIRE(size > 7u);
    REQUIRE(size <= bytes.size());
    found.push_back({std::string(type.begin(), type.end()), bytes.first(size), bytes.subspan(8, size - 8)});
    bytes = bytes.subspan(size);
  }
  return found;
}

// How many bytes of a box's content come before the boxes in it.
inline std::size_t head_of(const std::string& type) {
  if (type == "stsd") return 8;
  if (type == "avc1" || type == "hvc1" || type == "av01" || type == "vp09" || type == "encv") return 78;
  if (type == "mp4a" || type == "Opus" || type == "fLaC" || type == "ac-3" || type == "ec-3" ||
      type == "enca")
    return 28;
  return 0;
}

inline bool has_box(Bytes bytes, const std::string& type) {
  for (const ReadBox& box : boxes(bytes))
    if (box.type == type) return true;
  return false;
}

// "moov/trak/mdia"; "trak2" is the second one of its kind.
inline ReadBox find_box(Bytes bytes, std::string_view path) {
  const std::string_view name = path.substr(0, path.find('/'));
  int number = name.size() == 5 ? name[4] - '0' : 1;
  for (const ReadBox& box : boxes(bytes)) {
    if (box.type != name.substr(0, 4) || --number > 0) continue;
    if (name.size() == path.size()) return box;
    return find_box(box.content.subspan(head_of(box.type)), path.substr(name.size() + 1));
  }
  FAIL("no box ", std::string(path));
  return {};
}

struct ReadSample {
  std::uint32_t duration = 0;
  std::uint32_t flags = 0;
  std::int32_t composition_offset = 0;
  Bytes bytes;
  std::vector<std::pair<std::size_t, std::size_t>> subsamples;  // clear, protected

  bool sync() const { return (flags & 0x10000) == 0; }
};

struct ReadTrack {
  std::uint32_t id = 0;
  std::uint64_t decode_time = 0;
  std::vector<ReadSample> samples;

  std::uint64_t end() const {
    std::uint64_t time = decode_time;
    for (const ReadSample& sample : samples) time += sample.duration;
    return time;
  }
};

struct ReadFragment {
  std::uint32_t sequence_number = 0;
  std::vector<ReadTrack> tracks;

  const ReadTrack* track(std::uint32_t id) const {
    for (const ReadTrack& one : tracks)
      if (one.id == id) return &one;
    return nullptr;
  }
};

namespace reading {

// trun (8.8.8), with the defaults of tfhd; data offsets count from the start of moof, which is that of all.
inline void read_trun(Bytes content, Bytes fragment, std::uint32_t duration, std::uint32_t flags,
                      ReadTrack& track) {
  ByteReader reader(content);
  const std::uint32_t with = reader.u32() & 0xffffff;
  const std::uint32_t count = reader.u32();
  REQUIRE((with & 1) != 0);
  std::size_t at = reader.u32();
  const std::uint32_t first_flags = (with & 4) != 0 ? reader.u32() : flags;
  for (std::uint32_t i = 0; i < count; ++i) {
    ReadSample sample;
    sample.duration = (with & 0x100) != 0 ? reader.u32() : duration;
    REQUIRE((with & 0x200) != 0);
    const std::uint32_t size = reader.u32();
    sample.flags = (with & 0x400) != 0 ? reader.u32() : i == 0 ? first_flags : flags;
    if ((with & 0x800) != 0) sample.composition_offset = static_cast<std::int32_t>(reader.u32());
    REQUIRE(at + size <= fragment.size());
    sample.bytes = fragment.subspan(at, size);
    at += size;
    track.samples.push_back(sample);
  }
  REQUIRE_FALSE(reader.failed());
  REQUIRE(reader.remaining() == 0);
}

// senc, and saiz and saio, which must point to it.
inline void read_auxiliary(Bytes traf, Bytes fragment, ReadTrack& track) {
  const Bytes senc = find_box(traf, "senc").content, saiz = find_box(traf, "saiz").content;
  ByteReader reader(senc), sizes(saiz), offset(find_box(traf, "saio").content);
  CHECK((reader.u32() & 2) != 0);
  REQUIRE(reader.u32() == track.samples.size());
  sizes.skip(4);
  CHECK(sizes.u8() == 0);
  REQUIRE(sizes.u32() == track.samples.size());
  offset.skip(4);
  CHECK(offset.u32() == 1);
  const std::uint32_t at = offset.u32();
  CHECK(fragment.data() + at == senc.data() + 8);
  for (ReadSample& sample : track.samples) {
    const std::size_t before = reader.position();
    for (unsigned count = reader.u16(); count > 0; --count) {
      const std::size_t clear = reader.u16();
      sample.subsamples.emplace_back(clear, reader.u32());
    }
    CHECK(reader.position() - before == sizes.u8());
  }
  REQUIRE_FALSE(reader.failed());
  REQUIRE(reader.remaining() == 0);
  REQUIRE(sizes.remaining() == 0);
}

inline ReadTrack read_traf(Bytes traf, Bytes fragment) {
  ReadTrack track;
  ByteReader tfhd(find_box(traf, "tfhd").content), tfdt(find_box(traf, "tfdt").content);
  const std::uint32_t with = tfhd.u32() & 0xffffff;
  CHECK((with & 0x020000) != 0);  // default-base-is-moof
  track.id = tfhd.u32();
  const std::uint32_t duration = (with & 8) != 0 ? tfhd.u32() : 0;
  REQUIRE((with & 0x10) == 0);
  const std::uint32_t flags = (with & 0x20) != 0 ? tfhd.u32() : 0;
  REQUIRE(tfhd.remaining() == 0);
  REQUIRE(tfdt.u32() == 0x01000000u);
  track.decode_time = tfdt.u64();
  read_trun(find_box(traf, "trun").content, fragment, duration, flags, track);
  if (has_box(traf, "senc")) read_auxiliary(traf, fragment, track);
  return track;
}

}  // namespace reading

// moof and mdat; checks that the samples fill mdat without a gap in their order.
inline ReadFragment read_fragment(Bytes fragment) {
  const auto top = boxes(fragment);
  REQUIRE(top.size() == 2);
  REQUIRE(top[0].type == "moof");
  REQUIRE(top[1].type == "mdat");
  ReadFragment read;
  ByteReader mfhd(find_box(top[0].content, "mfhd").content);
  mfhd.skip(4);
  read.sequence_number = mfhd.u32();
  for (const ReadBox& box : boxes(top[0].content))
    if (box.type == "traf") read.tracks.push_back(reading::read_traf(box.content, fragment));
  const std::uint8_t* at = top[1].content.data();
  for (const ReadTrack& track : read.tracks)
    for (const ReadSample& sample : track.samples) {
      CHECK(sample.bytes.data() == at);
      at += sample.bytes.size();
    }
  CHECK(at == top[1].content.data() + top[1].content.size());
  return read;
}

}  // namespace srs::mp4

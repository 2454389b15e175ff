// ISO 14496-12 boxes for a reader that trusts nothing: children fill their parents, and the samples of a
// fragment fill its mdat.
#pragma once

#include <cstdint>
#include <string_view>

#include "choices.h"
#include "target.h"

namespace srs::fuzz {

// Calls visit(type, content) for each box; they must fill `bytes` to the last one.
template <class Visit>
void each_box(Bytes bytes, Visit visit) {
  ByteReader reader(bytes);
  while (reader.remaining() > 0) {
    MUST_HOLD(reader.remaining() >= 8);
    const std::uint32_t size = reader.u32();
    const Bytes type = reader.bytes(4);
    MUST_HOLD(size >= 8 && size - 8 <= reader.remaining());
    visit(text_of(type), reader.bytes(size - 8));
  }
}

inline bool is_container(std::string_view type) {
  for (const std::string_view one :
       {"moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf", "edts"})
    if (type == one) return true;
  return false;
}

inline void check_boxes(Bytes bytes) {
  each_box(bytes, [](std::string_view type, Bytes content) {
    if (is_container(type)) check_boxes(content);
  });
}

struct Run {
  std::uint32_t offset = 0;  // of the first sample, from the start of the moof
  std::uint64_t size = 0;
  std::uint32_t samples = 0;
};

inline Run read_trun(Bytes trun) {
  ByteReader reader(trun);
  const std::uint32_t flags = reader.u32() & 0xffffff;
  Run run;
  run.samples = reader.u32();
  MUST_HOLD((flags & 0x001) != 0 && (flags & 0x200) != 0);
  run.offset = reader.u32();
  if ((flags & 0x004) != 0) reader.u32();
  for (std::uint32_t i = 0; i < run.samples; ++i) {
    if ((flags & 0x100) != 0) reader.u32();
    run.size += reader.u32();
    if ((flags & 0x400) != 0) reader.u32();
    if ((flags & 0x800) != 0) reader.u32();
    MUST_HOLD(!reader.failed());
  }
  MUST_HOLD(reader.remaining() == 0);
  return run;
}

// One moof and its mdat, or nothing.
inline void check_fragment(Bytes fragment) {
  if (fragment.empty()) return;
  check_boxes(fragment);
  std::size_t boxes = 0, moof_size = 0;
  std::uint64_t next = 0, samples_size = 0;
  each_box(fragment, [&](std::string_view type, Bytes content) {
    ++boxes;
    if (type == "mdat") {
      MUST_HOLD(boxes == 2 && content.size() == samples_size);
      return;
    }
    MUST_HOLD(type == "moof" && boxes == 1);
    moof_size = content.size() + 8;
    next = moof_size + 8;
    each_box(content, [&](std::string_view inner, Bytes traf) {
      if (inner != "traf") return;
      each_box(traf, [&](std::string_view name, Bytes trun) {
        if (name != "trun") return;
        const Run run = read_trun(trun);
        MUST_HOLD(run.samples > 0 && run.offset == next);
        next += run.size;
        samples_size += run.size;
      });
    });
  });
  MUST_HOLD(boxes == 2);
}

}  // namespace srs::fuzz

// Finds the end and the content of an unfinished recording.
#include <algorithm>
#include <map>
#include <optional>

#include "flv/payload.h"
#include "flv/tag.h"
#include "media/message.h"
#include "mp4/init_section.h"
#include "srs-hls/record/flv_index.h"
#include "srs-hls/record/record_recovery.h"

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

// Heads of fragments and files have some kilobytes.
constexpr std::uint64_t head_bytes_max = 4u << 20;

std::string type_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Calls visit(type, content) for each whole box.
template <class Visit>
void each_box(Bytes bytes, Visit visit) {
  ByteReader reader(bytes);
  while (reader.remaining() >= 8) {
    const std::uint32_t size = reader.u32();
    const std::string type = type_of(reader.bytes(4));
    if (size < 8 || size - 8 > reader.remaining()) return;
    visit(type, reader.bytes(size - 8));
  }
}

// ISO 14496-12 8.8; only the output of our own writer has to be understood.
class Fragments {
 public:
  void read_moov(Bytes moov) {
    each_box(moov, [&](const std::string& type, Bytes trak) {
      if (type != "trak") return;
      std::uint32_t id = 0, timescale = 0;
      each_box(trak, [&](const std::string& inner, Bytes content) {
        if (inner == "tkhd") id = number_after_times(content);
        if (inner != "mdia") return;
        each_box(content, [&](const std::string& name, Bytes mdhd) {
          if (name == "mdhd") timescale = number_after_times(mdhd);
        });
      });
      timescales_[id] = timescale;
    });
  }

  // Its values count only once its mdat is complete.
  void read_moof(Bytes moof) {
    pending_ms_ = end_ms_;
    pending_keys_ = 0;
    each_box(moof, [&](const std::string& type, Bytes traf) {
      if (type == "traf") read_traf(traf);
    });
  }
  void commit() {
    end_ms_ = pending_ms_;
    keys_ += std::exchange(pending_keys_, 0);
  }
  milliseconds end() const { return milliseconds(end_ms_); }
  std::uint64_t keys() const { return keys_; }

 private:
  struct Defaults {
    std::uint32_t duration = 0, flags = 0;
  };

  // The track's id in tkhd, the timescale in mdhd: both after two times of 4 or 8 bytes.
  static std::uint32_t number_after_times(Bytes content) {
    ByteReader reader(content);
    const bool wide = reader.u8() == 1;
    reader.skip(3 + (wide ? 16u : 8u));
    return reader.u32();
  }

  void read_traf(Bytes traf) {
    std::uint32_t id = 0;
    std::uint64_t time = 0;
    Defaults defaults;
    each_box(traf, [&](const std::string& type, Bytes content) {
      ByteReader reader(content);
      const std::uint8_t version = reader.u8();
      const std::uint32_t flags = reader.u24();
      if (type == "tfhd") {
        id = reader.u32();
        if (flags & 0x1) reader.u64();
        if (flags & 0x2) reader.u32();
        if (flags & 0x8) defaults.duration = reader.u32();
        if (flags & 0x10) reader.u32();
        if (flags & 0x20) defaults.flags = reader.u32();
      } else if (type == "tfdt") {
        time = version == 1 ? reader.u64() : reader.u32();
      } else if (type == "trun") {
        time += read_trun(reader, flags, defaults, id == mp4::video_track_id);
      }
    });
    const auto timescale = timescales_.find(id);
    if (timescale == timescales_.end() || timescale->second == 0) return;
    const double seconds = static_cast<double>(time) / timescale->second;
    if (seconds < 1e9) pending_ms_ = std::max(pending_ms_, static_cast<std::int64_t>(seconds * 1'000 + 0.5));
  }

  std::uint64_t read_trun(ByteReader& reader, std::uint32_t flags, const Defaults& defaults, bool video) {
    std::uint64_t lasts = 0;
    const std::uint32_t count = reader.u32();
    if (flags & 0x1) reader.u32();
    std::optional<std::uint32_t> first_flags;
    if (flags & 0x4) first_flags = reader.u32();
    for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
      lasts += flags & 0x100 ? reader.u32() : defaults.duration;
      if (flags & 0x200) reader.u32();
      std::uint32_t sample_flags = flags & 0x400 ? reader.u32() : defaults.flags;
      if (i == 0 && first_flags) sample_flags = *first_flags;
      if (flags & 0x800) reader.u32();
      constexpr std::uint32_t is_no_sync_sample = 0x10000;
      if (video && !(sample_flags & is_no_sync_sample)) ++pending_keys_;
      if (flags == 0 || !(flags & 0xf00)) break;  // no per-sample fields: the sample count may be anything
    }
    return lasts;
  }

  std::map<std::uint32_t, std::uint32_t> timescales_;
  std::int64_t end_ms_ = 0, pending_ms_ = 0;
  std::uint64_t keys_ = 0, pending_keys_ = 0;
};

}  // namespace

Result<ScannedRecording> scan_fmp4(const AppendFile& file) {
  ScannedRecording scanned;
  Fragments fragments;
  for (std::uint64_t at = 0;;) {
    auto head = file.read(at, 8);
    if (!head) return std::move(head).error();
    ByteReader reader(*head);
    const std::uint64_t size = reader.u32();
    const std::string type = type_of(reader.bytes(4));
    if (reader.failed() || size < 8 || size > file.size_bytes() - at) break;
    if ((type == "moov" || type == "moof") && size <= head_bytes_max) {
      auto box = file.read(at + 8, static_cast<std::size_t>(size - 8));
      if (!box) return std::move(box).error();
      if (type == "moov")
        fragments.read_moov(*box);
      else
        fragments.read_moof(*box);
    }
    at += size;
    if (type == "mdat") fragments.commit();
    if (type != "moof") scanned.whole_bytes = at;
  }
  scanned.duration = fragments.end();
  scanned.key_frames = fragments.keys();
  return scanned;
}

namespace {

// The index that our own writer reserves at the beginning.
std::optional<FlvIndex> read_index(const AppendFile& file) {
  auto head = file.read(flv::file_header_size, flv::tag_header_size);
  if (!head) return {};
  ByteReader reader(*head);
  const auto type = static_cast<flv::TagType>(reader.u8());
  const std::uint32_t size = reader.u24();
  if (reader.failed() || type != flv::TagType::script || size > head_bytes_max) return {};
  const auto payload = file.read(flv::file_header_size + flv::tag_header_size, size);
  return payload && payload->size() == size ? FlvIndex::parse(*payload) : std::nullopt;
}

}  // namespace

Result<ScannedRecording> scan_flv(const AppendFile& file) {
  ScannedRecording scanned;
  std::optional<FlvIndex> index = read_index(file);
  std::int64_t newest_ms[2] = {0, 0}, lasts_ms[2] = {0, 0};
  media::TimestampUnwrapper timestamps;
  constexpr std::size_t peeked_bytes = 16;  // of the payload
  bool is_first = true;
  for (std::uint64_t at = flv::file_header_size; at <= file.size_bytes();) {
    scanned.whole_bytes = at;
    auto head = file.read(at, flv::tag_header_size + peeked_bytes);
    if (!head) return std::move(head).error();
    ByteReader reader(*head);
    const auto type = static_cast<flv::TagType>(reader.u8());
    const std::uint32_t size = reader.u24();
    const std::uint32_t timestamp_ms = reader.u24() | static_cast<std::uint32_t>(reader.u8()) << 24;
    reader.skip(3);
    if (reader.failed() || flv::tag_header_size + size + flv::tag_trailer_size > file.size_bytes() - at)
      break;
    const Bytes payload = reader.bytes(std::min<std::size_t>(size, reader.remaining()));
    const int track = type == flv::TagType::audio ? 1 : 0;
    if (type != flv::TagType::script) {
      media::Message message;
      message.kind = media::classify(type, payload);
      const std::int64_t time_ms = timestamps.unwrap(timestamp_ms, message.is_frame());
      if (time_ms > newest_ms[track])
        lasts_ms[track] = std::min<std::int64_t>(time_ms - newest_ms[track], 1'000);
      newest_ms[track] = std::max(newest_ms[track], time_ms);
      const bool is_key = message.kind == media::MessageKind::key_frame;
      if (is_key) ++scanned.key_frames;
      const bool is_header = std::exchange(is_first, false);
      if (index && (is_key || is_header)) index->add_key_frame(newest_ms[0], at);
    }
    at += flv::tag_header_size + size + flv::tag_trailer_size;
  }
  scanned.duration = milliseconds(std::max(newest_ms[0] + lasts_ms[0], newest_ms[1] + lasts_ms[1]));
  if (index && scanned.whole_bytes > flv::file_header_size)
    scanned.head = RecordPatch{flv::file_header_size + flv::tag_header_size,
                               index->payload(scanned.whole_bytes, scanned.duration)};
  return scanned;
}

}  // namespace srs::hls

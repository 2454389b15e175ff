#include "mp4/init_section.h"

#include <algorithm>

#include "codec/table.h"
#include "mp4/box_writer.h"

namespace srs::mp4 {
namespace {

void write_matrix(ByteWriter& to) {
  for (const std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u}) to.u32(value);
}

void write_ftyp(ByteWriter& to) {
  const Box ftyp(to, "ftyp");
  to.text("iso6");
  to.u32(1);
  for (const char* brand : {"iso6", "mp41", "cmfc", "dash"}) to.text(brand);
}

void write_mvhd(ByteWriter& to) {
  const FullBox mvhd(to, "mvhd", 0, 0);
  to.u32(0);  // creation
  to.u32(0);  // modification
  to.u32(1'000);
  to.u32(0);        // duration: in the fragments
  to.u32(0x10000);  // rate 1.0
  to.u16(0x0100);   // volume 1.0
  to.u16(0);
  to.u64(0);
  write_matrix(to);
  for (int i = 0; i < 6; ++i) to.u32(0);
  to.u32(audio_track_id + 1);
}

// width and height are 16.16 fixed point.
void write_tkhd(ByteWriter& to, std::uint32_t id, bool sound, std::uint32_t width, std::uint32_t height) {
  const FullBox tkhd(to, "tkhd", 0, 7);  // enabled, in the movie, in the preview
  to.u32(0);
  to.u32(0);
  to.u32(id);
  to.u32(0);
  to.u32(0);  // duration
  to.u64(0);
  to.u16(0);  // layer
  to.u16(0);  // alternate group
  to.u16(sound ? 0x0100 : 0);
  to.u16(0);
  write_matrix(to);
  to.u32(width);
  to.u32(height);
}

void write_mdhd(ByteWriter& to, std::uint32_t timescale) {
  const FullBox mdhd(to, "mdhd", 0, 0);
  to.u32(0);
  to.u32(0);
  to.u32(timescale);
  to.u32(0);
  to.u16(0x55c4);  // "und"
  to.u16(0);
}

void write_hdlr(ByteWriter& to, bool sound) {
  const FullBox hdlr(to, "hdlr", 0, 0);
  to.u32(0);
  to.text(sound ? "soun" : "vide");
  for (int i = 0; i < 3; ++i) to.u32(0);
  to.text(sound ? "sound" : "video");
  to.u8(0);
}

void write_dinf(ByteWriter& to) {
  const Box dinf(to, "dinf");
  const FullBox dref(to, "dref", 0, 0);
  to.u32(1);
  const FullBox url(to, "url ", 0, 1);  // in this file
}

// ISO 23001-7 8.2, and ISO 14496-12 8.12: what the sample entry was before it was encrypted.
void write_sinf(ByteWriter& to, std::string_view original, const Encryption& encryption, bool sound) {
  const Box sinf(to, "sinf");
  {
    const Box frma(to, "frma");
    to.text(original);
  }
  {
    const FullBox schm(to, "schm", 0, 0);
    to.text("cbcs");
    to.u32(0x10000);
  }
  const Box schi(to, "schi");
  const FullBox tenc(to, "tenc", 1, 0);
  to.u8(0);
  to.u8(sound ? 0 : crypt_blocks << 4 | skip_blocks);
  to.u8(1);  // protected
  to.u8(0);  // no initialization vector for each sample: a constant one
  to.bytes(encryption.key_id);
  to.u8(encryption.iv.size());
  to.bytes(encryption.iv);
}

void write_box(ByteWriter& to, const codec::Mp4Entry& mp4, Bytes content) {
  if (mp4.version == codec::Mp4Entry::plain) {
    const Box box(to, mp4.box);
    to.bytes(content);
  } else {
    const FullBox box(to, mp4.box, static_cast<unsigned>(mp4.version), 0);
    to.bytes(content);
  }
}

// Colour and shape of the pixels: ISO 14496-12 12.1.4 and 12.1.5.
void write_picture(ByteWriter& to, const VideoTrack& track) {
  if (track.colour) {
    const Box colr(to, "colr");
    to.text("nclx");
    to.u16(track.colour->primaries);
    to.u16(track.colour->transfer);
    to.u16(track.colour->matrix);
    to.u8(track.colour->full_range ? 0x80 : 0);
  }
  if (track.aspect.width == track.aspect.height) return;
  const Box pasp(to, "pasp");
  to.u32(track.aspect.width);
  to.u32(track.aspect.height);
}

// The width as shown, if pixels are not square, in 16.16 fixed point.
std::uint32_t shown_width(const VideoTrack& track) {
  const std::uint64_t width =
      (std::uint64_t{track.width} << 16) * track.aspect.width / std::max(track.aspect.height, 1u);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(width, 0xffffffff));
}

void write_entry(ByteWriter& to, const VideoTrack& track, const std::optional<Encryption>& encryption) {
  const codec::Mp4Entry& mp4 = codec::row(track.codec).mp4;
  const Box entry(to, encryption ? "encv" : mp4.entry);
  to.u32(0);
  to.u16(0);
  to.u16(1);  // data reference
  for (int i = 0; i < 4; ++i) to.u32(0);
  to.u16(track.width);
  to.u16(track.height);
  to.u32(0x480000);  // 72 dpi
  to.u32(0x480000);
  to.u32(0);
  to.u16(1);  // frame count
  for (int i = 0; i < 8; ++i) to.u32(0);
  to.u16(0x18);  // depth
  to.u16(0xffff);
  write_box(to, mp4, track.record);
  write_picture(to, track);
  if (encryption) write_sinf(to, mp4.entry, *encryption, false);
}

// A descriptor of ISO 14496-1 7.2.6.1, its size in one byte.
class Descriptor {
 public:
  Descriptor(ByteWriter& to, unsigned tag) : to_(to), start_(to.size()) {
    to.u8(tag);
    to.u8(0);
  }
  ~Descriptor() { *to_.at(start_ + 1) = static_cast<std::uint8_t>(to_.size() - start_ - 2); }

 private:
  ByteWriter& to_;
  const std::size_t start_;
};

// ISO 14496-14 5.6. AudioSpecificConfigs are far shorter than the 127 bytes that one size byte allows.
void write_esds(ByteWriter& to, std::uint8_t object_type, Bytes config) {
  constexpr std::size_t config_max = 80;
  const FullBox esds(to, "esds", 0, 0);
  const Descriptor stream(to, 3);
  to.u16(0);
  to.u8(0);
  {
    const Descriptor decoder(to, 4);
    to.u8(object_type);
    to.u8(5 << 2 | 1);  // sound
    to.u24(0);
    to.u32(0);
    to.u32(0);
    if (!config.empty()) {
      const Descriptor specific(to, 5);
      to.bytes(config.first(std::min(config.size(), config_max)));
    }
  }
  const Descriptor sync_layer(to, 6);
  to.u8(2);
}

void write_entry(ByteWriter& to, const AudioTrack& track, const std::optional<Encryption>& encryption) {
  const codec::Mp4Entry& mp4 = codec::row(track.codec).mp4;
  const Box entry(to, encryption ? "enca" : mp4.entry);
  to.u32(0);
  to.u16(0);
  to.u16(1);
  to.u64(0);
  to.u16(track.channels);
  to.u16(track.sample_bits);
  to.u32(0);
  to.u32(track.sample_rate <= 0xffff ? track.sample_rate << 16 : 0);
  if (mp4.box == "esds")
    write_esds(to, mp4.object_type, track.record);
  else
    write_box(to, mp4, track.record);
  if (encryption) write_sinf(to, mp4.entry, *encryption, true);
}

template <class Track>
void write_stbl(ByteWriter& to, const Track& track, const std::optional<Encryption>& encryption) {
  const Box stbl(to, "stbl");
  {
    const FullBox stsd(to, "stsd", 0, 0);
    to.u32(1);
    write_entry(to, track, encryption);
  }
  for (const char* empty : {"stts", "stsc", "stco"}) {
    const FullBox box(to, empty, 0, 0);
    to.u32(0);
  }
  const FullBox stsz(to, "stsz", 0, 0);
  to.u32(0);
  to.u32(0);
}

template <class Track>
void write_mdia(ByteWriter& to, const Track& track, std::uint32_t timescale, bool sound,
                const std::optional<Encryption>& encryption) {
  const Box mdia(to, "mdia");
  write_mdhd(to, timescale);
  write_hdlr(to, sound);
  const Box minf(to, "minf");
  if (sound) {
    const FullBox smhd(to, "smhd", 0, 0);
    to.u32(0);
  } else {
    const FullBox vmhd(to, "vmhd", 0, 1);
    to.u64(0);
  }
  write_dinf(to);
  write_stbl(to, track, encryption);
}

void write_trex(ByteWriter& to, std::uint32_t id) {
  const FullBox trex(to, "trex", 0, 0);
  to.u32(id);
  to.u32(1);  // the only sample entry
  to.u32(0);
  to.u32(0);
  to.u32(0);
}

}  // namespace

std::vector<std::uint8_t> init_section(const VideoTrack* video, const AudioTrack* audio,
                                       const std::optional<Encryption>& encryption) {
  if (video != nullptr && video->width == 0) video = nullptr;
  if (audio != nullptr && audio->sample_rate == 0) audio = nullptr;
  if (video == nullptr && audio == nullptr) return {};
  ByteWriter to;
  write_ftyp(to);
  {
    const Box moov(to, "moov");
    write_mvhd(to);
    if (video != nullptr) {
      const Box trak(to, "trak");
      write_tkhd(to, video_track_id, false, shown_width(*video), video->height << 16);
      write_mdia(to, *video, video_timescale, false, encryption);
    }
    if (audio != nullptr) {
      const Box trak(to, "trak");
      write_tkhd(to, audio_track_id, true, 0, 0);
      write_mdia(to, *audio, audio->sample_rate, true, encryption);
    }
    const Box mvex(to, "mvex");
    if (video != nullptr) write_trex(to, video_track_id);
    if (audio != nullptr) write_trex(to, audio_track_id);
  }
  return to.release();
}

}  // namespace srs::mp4

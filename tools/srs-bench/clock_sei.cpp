#include "clock_sei.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "flv/payload.h"

namespace srs::bench {
namespace {

constexpr std::array<std::uint8_t, 16> uuid = {0x5b, 0x1f, 0xa2, 0xc7, 0x6e, 0x94, 0x4d, 0x38,
                                               0xb1, 0x73, 0x9d, 0x2a, 0xe8, 0x46, 0x71, 0xcf};
constexpr std::size_t time_size = 9;
constexpr std::uint8_t user_data_unregistered = 5;
constexpr std::uint8_t payload_size = uuid.size() + time_size;
constexpr std::uint8_t stop_bit = 0x80;
constexpr std::uint8_t avc_sei[] = {6};
constexpr std::uint8_t hevc_prefix_sei[] = {39 << 1, 1};

Bytes sei_header(bool hevc) {
  return hevc ? Bytes(hevc_prefix_sei) : Bytes(avc_sei);
}

bool is_access_unit_delimiter(Bytes nal, bool hevc) {
  return hevc ? codec::hevc_nal_type(nal[0]) == codec::HevcNalType::aud
              : codec::avc_nal_type(nal[0]) == codec::AvcNalType::aud;
}

struct Picture {
  Bytes nals;
  std::size_t offset = 0;  // of the first NAL unit's length in the payload
  bool hevc = false;
};

// Of multitrack packets none: what stands behind a track there is the next one.
std::optional<Picture> picture_in(Bytes payload) {
  const auto video = flv::parse_video(payload);
  if (!video || video->kind != flv::PacketKind::coded_frames || video->multitrack || video->body.empty())
    return std::nullopt;
  if (video->codec != codec::VideoCodec::avc && video->codec != codec::VideoCodec::hevc) return std::nullopt;
  return Picture{video->body, payload.size() - video->body.size(), video->codec == codec::VideoCodec::hevc};
}

// The time in a NAL unit of ours.
std::optional<UtcMicroseconds> read_clock(Bytes nal, bool hevc) {
  ByteReader reader(nal);
  const Bytes header = sei_header(hevc);
  const Bytes type = reader.take(header.size());
  // Of a HEVC unit's second byte the layer and the temporal id may differ.
  if (type.empty() || type[0] != header[0]) return std::nullopt;
  if (reader.u8() != user_data_unregistered || reader.u8() != payload_size) return std::nullopt;
  const Bytes id = reader.take(uuid.size());
  if (!std::equal(id.begin(), id.end(), uuid.begin(), uuid.end())) return std::nullopt;
  std::int64_t time = 0;
  for (const std::uint8_t byte : reader.take(time_size)) time = time << 7 | (byte & 0x7f);
  if (reader.failed()) return std::nullopt;
  return UtcMicroseconds(std::chrono::microseconds(time));
}

void append_clock(std::vector<std::uint8_t>& to, UtcMicroseconds time, bool hevc, NalFraming framing) {
  const Bytes header = sei_header(hevc);
  const std::size_t size = header.size() + 2 + payload_size + 1;
  for (unsigned i = framing.length_size(); i-- > 0;) to.push_back(static_cast<std::uint8_t>(size >> 8 * i));
  to.insert(to.end(), header.begin(), header.end());
  to.push_back(user_data_unregistered);
  to.push_back(payload_size);
  to.insert(to.end(), uuid.begin(), uuid.end());
  const auto count = static_cast<std::uint64_t>(time.time_since_epoch().count());
  for (unsigned i = time_size; i-- > 0;)
    to.push_back(static_cast<std::uint8_t>(0x80 | (count >> 7 * i & 0x7f)));
  to.push_back(stop_bit);
}

}  // namespace

void NalFraming::learn(Bytes payload) {
  const auto video = flv::parse_video(payload);
  if (!video || video->kind != flv::PacketKind::sequence_start) return;
  if (video->codec == codec::VideoCodec::avc) {
    if (const auto config = codec::parse_avc_config(video->body)) length_size_ = config->nal_length_size;
  } else if (video->codec == codec::VideoCodec::hevc) {
    if (const auto config = codec::parse_hevc_config(video->body)) length_size_ = config->nal_length_size;
  }
}

std::optional<std::vector<std::uint8_t>> with_clock(Bytes payload, UtcMicroseconds time, NalFraming framing) {
  const auto picture = picture_in(payload);
  if (!picture) return std::nullopt;
  codec::LengthPrefixedNals nals(picture->nals, framing.length_size());
  const auto first = nals.next();
  if (!first) return std::nullopt;
  std::size_t offset = picture->offset;
  if (is_access_unit_delimiter(*first, picture->hevc))
    offset = static_cast<std::size_t>(first->data() + first->size() - payload.data());
  std::vector<std::uint8_t> stamped;
  stamped.reserve(payload.size() + 64);
  const auto place = payload.begin() + static_cast<std::ptrdiff_t>(offset);
  stamped.insert(stamped.end(), payload.begin(), place);
  append_clock(stamped, time, picture->hevc, framing);
  stamped.insert(stamped.end(), place, payload.end());
  return stamped;
}

std::optional<FoundClock> find_clock(Bytes payload, NalFraming framing) {
  const auto picture = picture_in(payload);
  if (!picture) return std::nullopt;
  codec::LengthPrefixedNals nals(picture->nals, framing.length_size());
  // In the first place, or behind one unit.
  for (int i = 0; i < 2; ++i) {
    const auto nal = nals.next();
    if (!nal) return std::nullopt;
    if (const auto time = read_clock(*nal, picture->hevc))
      return FoundClock{*time, static_cast<std::size_t>(nal->data() - payload.data()) - framing.length_size(),
                        nal->size() + framing.length_size()};
  }
  return std::nullopt;
}

std::optional<UtcMicroseconds> find_clock_in_bytes(Bytes bytes, std::size_t& end) {
  static constexpr std::size_t head = 2;
  std::size_t from = head;
  while (from + uuid.size() + time_size <= bytes.size()) {
    const void* const found =
        ::memmem(bytes.data() + from, bytes.size() - from - time_size, uuid.data(), uuid.size());
    if (found == nullptr) return std::nullopt;
    const auto at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
    from = at + uuid.size();
    if (bytes[at - 2] != user_data_unregistered || bytes[at - 1] != payload_size) continue;
    std::int64_t time = 0;
    for (const std::uint8_t byte : bytes.subspan(from, time_size)) time = time << 7 | (byte & 0x7f);
    end = from + time_size;
    return UtcMicroseconds(std::chrono::microseconds(time));
  }
  return std::nullopt;
}

}  // namespace srs::bench

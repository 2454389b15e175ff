#include "srs-bench/content/clock_sei.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codec/nal.h"
#include "codec/table.h"
#include "flv/payload.h"

namespace srs::bench {
namespace {

constexpr std::array<std::uint8_t, 16> uuid = {0x5b, 0x1f, 0xa2, 0xc7, 0x6e, 0x94, 0x4d, 0x38,
                                               0xb1, 0x73, 0x9d, 0x2a, 0xe8, 0x46, 0x71, 0xcf};
constexpr std::size_t time_size = 9;
constexpr std::uint8_t user_data_unregistered = 5;
constexpr std::uint8_t payload_size = uuid.size() + time_size;
constexpr std::uint8_t stop_bit = 0x80;

struct Picture {
  Bytes nals;
  std::size_t offset = 0;                    // of the first NAL unit's length field in the payload
  const codec::NalSyntax* syntax = nullptr;  // never null
};

// Nothing for multitrack packets, where the next track follows the picture.
std::optional<Picture> picture_in(Bytes payload) {
  const auto video = flv::parse_video(payload);
  if (!video || video->kind != flv::PacketKind::coded_frames || video->multitrack || video->body.empty())
    return std::nullopt;
  const codec::NalSyntax* const syntax = codec::row(video->codec).nal;
  if (syntax == nullptr) return std::nullopt;
  return Picture{video->body, payload.size() - video->body.size(), syntax};
}

// The time in one of our NAL units. header: of SEI units.
std::optional<UtcMicroseconds> read_clock(Bytes nal, Bytes header) {
  ByteReader reader(nal);
  const Bytes type = reader.bytes(header.size());
  // The second byte of an HEVC unit may differ in layer and temporal id.
  if (type.empty() || type[0] != header[0]) return std::nullopt;
  if (reader.u8() != user_data_unregistered || reader.u8() != payload_size) return std::nullopt;
  const Bytes id = reader.bytes(uuid.size());
  if (!std::equal(id.begin(), id.end(), uuid.begin(), uuid.end())) return std::nullopt;
  std::int64_t time = 0;
  for (const std::uint8_t byte : reader.bytes(time_size)) time = time << 7 | (byte & 0x7f);
  if (reader.failed()) return std::nullopt;
  return UtcMicroseconds(std::chrono::microseconds(time));
}

void append_clock(std::vector<std::uint8_t>& to, UtcMicroseconds time, Bytes header, NalFraming framing) {
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
  const codec::VideoRow& row = codec::row(video->codec);
  if (row.nal == nullptr) return;
  if (const auto description = row.describe(video->body)) length_size_ = description->nal_length_size;
}

std::optional<std::vector<std::uint8_t>> embed_clock(Bytes payload, UtcMicroseconds time,
                                                     NalFraming framing) {
  const auto picture = picture_in(payload);
  if (!picture) return std::nullopt;
  codec::LengthPrefixedNals nals(picture->nals, framing.length_size());
  const auto first = nals.next();
  if (!first) return std::nullopt;
  std::size_t offset = picture->offset;
  if (picture->syntax->is_delimiter((*first)[0]))
    offset = static_cast<std::size_t>(first->data() + first->size() - payload.data());
  std::vector<std::uint8_t> stamped;
  stamped.reserve(payload.size() + 64);
  const auto place = payload.begin() + static_cast<std::ptrdiff_t>(offset);
  stamped.insert(stamped.end(), payload.begin(), place);
  append_clock(stamped, time, picture->syntax->sei_header, framing);
  stamped.insert(stamped.end(), place, payload.end());
  return stamped;
}

std::optional<FoundClock> find_clock(Bytes payload, NalFraming framing) {
  const auto picture = picture_in(payload);
  if (!picture) return std::nullopt;
  codec::LengthPrefixedNals nals(picture->nals, framing.length_size());
  // It is the first or the second unit.
  for (int i = 0; i < 2; ++i) {
    const auto nal = nals.next();
    if (!nal) return std::nullopt;
    if (const auto time = read_clock(*nal, picture->syntax->sei_header))
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

#include "flv/reader.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/byte_writer.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::flv;

namespace {

struct Written {
  TagType type;
  std::uint32_t timestamp_ms;
  std::uint32_t stream_id;
  std::vector<std::uint8_t> payload;
  bool framed = true;

  bool operator==(const Written&) const = default;
};

std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t seed) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + i * 7 + i / 256);
  return bytes;
}

// An FLV file of tags; those that are not framed get a PreviousTagSize of 0, as FFmpeg's RTMP reader writes.
std::vector<std::uint8_t> file_of(const std::vector<Written>& tags) {
  ByteWriter writer;
  std::uint8_t header[file_header_size];
  store_file_header(header, true, true);
  writer.bytes(header);
  for (const Written& tag : tags) {
    std::uint8_t start[tag_header_size], end[tag_trailer_size] = {};
    store_tag_header(start, tag.type, tag.payload.size(), tag.timestamp_ms, tag.stream_id);
    if (tag.framed) store_tag_trailer(end, tag.payload.size());
    writer.bytes(start);
    writer.bytes(tag.payload);
    writer.bytes(end);
  }
  return writer.release();
}

std::vector<Written> sample_tags() {
  return {
      {TagType::script, 0, 0, pattern(200, 1)},
      {TagType::video, 0, 0, pattern(5000, 2)},
      {TagType::audio, 0xfffffffe, 1, pattern(300, 3), false},
      {TagType::audio, 0x01020304, max_stream_id, {}},
      {TagType::video, 40, 7, pattern(70000, 4)},
  };
}

// Returns all whole tags; fails the test on an error.
void drain(Reader& reader, std::vector<Written>& into) {
  for (;;) {
    auto tag = reader.next();
    REQUIRE(tag);
    if (!*tag) return;
    const Tag& read = **tag;
    into.push_back({read.type,
                    read.timestamp_ms,
                    read.stream_id,
                    {read.payload.data(), read.payload.data() + read.payload.size()},
                    read.framed});
  }
}

std::vector<Written> read_in_pieces(const std::vector<std::uint8_t>& file, std::size_t piece) {
  Reader reader;
  std::vector<Written> tags;
  for (std::size_t at = 0; at < file.size(); at += piece) {
    reader.append(Bytes(file).subspan(at, std::min(piece, file.size() - at)));
    drain(reader, tags);
  }
  CHECK(reader.pending() == 0);
  CHECK(reader.offset() == file.size());
  return tags;
}

// The error from these bytes, after any whole tags.
std::string error_of(const std::vector<std::uint8_t>& bytes) {
  Reader reader;
  reader.append(bytes);
  for (;;) {
    auto tag = reader.next();
    if (!tag) return tag.error().message;
    if (!*tag) return "";
  }
}

}  // namespace

TEST_CASE("an FLV file in pieces of any size gives the same tags") {
  const auto tags = sample_tags();
  const auto file = file_of(tags);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{13}, std::size_t{4096}, file.size()}) {
    CAPTURE(piece);
    CHECK(read_in_pieces(file, piece) == tags);
  }
}

TEST_CASE("the file header is known before the first tag") {
  Reader reader;
  reader.append(bytes_of("464c5601 05 00000009 000000"));
  REQUIRE(reader.next());
  CHECK_FALSE(reader.file_header());
  reader.append(bytes_of("00"));
  REQUIRE(reader.next());
  REQUIRE(reader.file_header());
  CHECK(reader.file_header()->has_audio);
  CHECK(reader.file_header()->has_video);

  Reader longer;  // a header with four bytes more, video only
  longer.append(bytes_of("464c5601 01 0000000d 11223344 00000000 12 000001 000000 00 000000 05 0000000c"));
  std::vector<Written> tags;
  drain(longer, tags);
  CHECK_FALSE(longer.file_header()->has_audio);
  CHECK(tags == std::vector<Written>{{TagType::script, 0, 0, {5}}});
}

TEST_CASE("a tag larger than a block") {
  const std::vector<Written> tags = {
      {TagType::audio, 0, 0, pattern(100, 1)},
      {TagType::video, 1, 0, pattern(3 * Reader::block_size + 12345, 2)},
      {TagType::audio, 2, 0, pattern(100, 3)},
  };
  const auto file = file_of(tags);
  CHECK(read_in_pieces(file, 10007) == tags);
  CHECK(read_in_pieces(file, file.size()) == tags);
}

TEST_CASE("tags stay whole while the reader goes on") {
  Reader reader;
  const auto tags = sample_tags();
  const auto file = file_of(tags);
  reader.append(file);
  std::vector<Tag> held;
  while (auto tag = *reader.next()) held.push_back(*tag);
  for (int i = 0; i < 40; ++i) {
    reader.append(Bytes(file).subspan(file_header_size));
    while (*reader.next()) continue;
  }
  REQUIRE(held.size() == tags.size());
  for (std::size_t i = 0; i < held.size(); ++i) {
    CHECK(std::ranges::equal(held[i].payload.bytes(), tags[i].payload));
    if (!held[i].framed) continue;
    // What `framed` promises: header and trailer are around the payload.
    const auto whole = file_of({tags[i]});
    const Bytes around(held[i].payload.data() - tag_header_size, whole.size() - file_header_size);
    CHECK(std::ranges::equal(around, Bytes(whole).subspan(file_header_size)));
  }
}

TEST_CASE("a wrong PreviousTagSize is no error and leaves the tag unframed") {
  auto file = file_of({{TagType::video, 0, 0, {1, 2, 3}}, {TagType::video, 1, 0, {4}}});
  file[file_header_size + tag_header_size + 3 + 3] ^= 1;
  Reader reader;
  reader.append(file);
  std::vector<Written> tags;
  drain(reader, tags);
  REQUIRE(tags.size() == 2);
  CHECK_FALSE(tags[0].framed);
  CHECK(tags[1].framed);
}

TEST_CASE("a corrupt tag is an error with its byte offset") {
  auto file = file_of(sample_tags());
  const std::size_t second = file_header_size + tag_header_size + 200 + tag_trailer_size;
  file[second] = 0x47;
  CHECK(error_of(file) == "corrupt FLV: unknown tag type at byte offset 228");
  CHECK(second == 228);
  CHECK(error_of(bytes_of("00000020 66747970")) ==
        "not FLV: the input does not start with the FLV signature at byte offset 0");
  CHECK(error_of(bytes_of("46 00")) ==
        "not FLV: the input does not start with the FLV signature at byte offset 0");
  CHECK(error_of(bytes_of("464c5601 05 00000008 00000000")) == "not FLV: wrong header size at byte offset 0");
  CHECK(error_of(bytes_of("464c5601 05 ffffffff 00000000")) == "not FLV: wrong header size at byte offset 0");
}

TEST_CASE("an error stays an error") {
  Reader reader;
  reader.append(bytes_of("464c5601 05 00000009 00000000 00 000001 000000 00 000000 05 0000000c"));
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.next());
  reader.append(file_of({}));
  CHECK_FALSE(reader.next());
}

TEST_CASE("a truncated last tag stays pending") {
  const std::vector<Written> tags = {{TagType::video, 0, 0, pattern(50, 1)},
                                     {TagType::audio, 1, 0, pattern(9, 2)}};
  const auto file = file_of(tags);
  const std::size_t last = file.size() - (tag_header_size + 9 + tag_trailer_size);
  for (std::size_t size = last; size < file.size(); ++size) {
    CAPTURE(size);
    Reader reader;
    reader.append(Bytes(file).first(size));
    std::vector<Written> read;
    drain(reader, read);
    CHECK(read.size() == 1);
    CHECK(reader.pending() == size - last);
    CHECK(reader.offset() == last);
  }
}

TEST_CASE("an empty input") {
  Reader reader;
  CHECK(reader.pending() == 0);
  const auto tag = reader.next();
  REQUIRE(tag);
  CHECK_FALSE(*tag);
}

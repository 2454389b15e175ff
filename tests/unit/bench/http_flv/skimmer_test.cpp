// Skimmers must report the same messages however the bytes are split, and keep as much of them as configured.
#include <doctest/doctest.h>

#include <algorithm>

#include "rtmp/command.h"
#include "rtmp/message_encoder.h"
#include "srs-bench/http_flv/flv_skimmer.h"
#include "srs-bench/http_flv/http_flv_dialog.h"
#include "srs-bench/rtmp/chunk_skimmer.h"
#include "unit/bytes_of.h"

using namespace srs;
using namespace srs::bench;
using media::MessageKind;

namespace {

struct Seen {
  MessageKind kind;
  std::uint32_t timestamp_ms;
  bool operator==(const Seen&) const = default;
};

class Notes : public MediaListener {
 public:
  void on_media(const MediaMessage& message) override {
    seen.push_back({message.kind, message.timestamp_ms});
    payloads.push_back({message.payload.begin(), message.payload.end()});
  }
  std::vector<Seen> seen;
  std::vector<std::vector<std::uint8_t>> payloads;
};

class ChunkNotes : public ChunkListener {
 public:
  Result<void> on_message(rtmp::MessageType type, std::uint32_t timestamp_ms, Bytes kept) override {
    messages.push_back({type, timestamp_ms, {kept.begin(), kept.end()}});
    return {};
  }
  struct Message {
    rtmp::MessageType type;
    std::uint32_t timestamp_ms;
    std::vector<std::uint8_t> kept;
    bool operator==(const Message&) const = default;
  };
  std::vector<Message> messages;
};

std::vector<std::uint8_t> payload_of(std::string_view start, std::size_t size) {
  std::vector<std::uint8_t> payload = bytes_of(start);
  payload.resize(std::max(size, payload.size()), 0xee);
  return payload;
}

void append_tag(ByteWriter& to, flv::TagType type, std::uint32_t timestamp_ms,
                const std::vector<std::uint8_t>& payload) {
  std::uint8_t header[flv::tag_header_size];
  flv::store_tag_header(header, type, payload.size(), timestamp_ms, 0);
  to.bytes(header);
  to.bytes(payload);
  to.u32(flv::tag_header_size + payload.size());
}

std::vector<std::uint8_t> sample_flv() {
  ByteWriter writer;
  std::uint8_t header[flv::file_header_size];
  flv::store_file_header(header, true, true);
  writer.bytes(header);
  append_tag(writer, flv::TagType::script, 0, payload_of("02 000a 6f6e4d65746144617461", 200));
  append_tag(writer, flv::TagType::video, 0, payload_of("17 00 000000 01", 40));
  append_tag(writer, flv::TagType::video, 0x12345678, payload_of("17 01 000000", 30'000));
  append_tag(writer, flv::TagType::audio, 0x12345679, payload_of("af 01", 7));
  append_tag(writer, flv::TagType::audio, 0x1234567a, {});
  append_tag(writer, flv::TagType::video, 0x1234567b, payload_of("27 01 000000", 24));
  append_tag(writer, flv::TagType::video, 0x1234567c, payload_of("27 01 000000", 25));
  return writer.release();
}

const std::vector<Seen> sample_seen{{MessageKind::metadata, 0},
                                    {MessageKind::video_header, 0},
                                    {MessageKind::key_frame, 0x12345678},
                                    {MessageKind::audio_frame, 0x12345679},
                                    {MessageKind::audio_frame, 0x1234567a},
                                    {MessageKind::video_frame, 0x1234567b},
                                    {MessageKind::video_frame, 0x1234567c}};

// Feeds pieces of the given size.
template <class Skimmer>
Result<void> feed(Skimmer& skimmer, Bytes bytes, std::size_t piece) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece, bytes.size());
    // A buffer of its own, so that sanitizers detect reads beyond the end.
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    if (auto fed = skimmer.feed(copy); !fed) return fed;
    bytes = bytes.subspan(size);
  }
  return {};
}

constexpr std::size_t pieces[] = {1, 2, 3, 7, 11, 64, 1000, 100'000};

}  // namespace

TEST_CASE("FLV is skimmed the same in any pieces, with whole payloads or their heads") {
  const auto flv = sample_flv();
  for (const std::size_t piece : pieces)
    for (const Keep keep : {Keep::heads, Keep::whole}) {
      Notes notes;
      FlvSkimmer skimmer(notes, keep);
      CHECK(feed(skimmer, flv, piece).ok());
      CHECK(notes.seen == sample_seen);
      CHECK(notes.payloads[2] == payload_of("17 01 000000", keep == Keep::heads ? peeked_bytes : 30'000));
      CHECK(notes.payloads[3] == payload_of("af 01", 7));
      CHECK(notes.payloads[4].empty());
    }
}

TEST_CASE("other data than FLV is an error") {
  Notes notes;
  FlvSkimmer html(notes);
  CHECK_FALSE(html.feed(bytes_of("3c68746d6c3e 3c68746d6c3e")).ok());
  auto flv = sample_flv();
  flv[13] = 0x77;  // the first tag's type
  FlvSkimmer corrupt(notes);
  CHECK_FALSE(corrupt.feed(flv).ok());
  CHECK(notes.seen.empty());
}

TEST_CASE("HTTP-FLV, plain and chunked") {
  const auto flv = sample_flv();
  const std::string header = "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n";
  std::string plain = header + "\r\n" + std::string(flv.begin(), flv.end());
  std::string chunked = header + "Transfer-Encoding: Chunked\r\n\r\n";
  for (std::size_t at = 0; at < flv.size();) {
    const std::size_t size = std::min<std::size_t>(at % 977 + 1, flv.size() - at);
    char line[32];
    std::snprintf(line, sizeof line, "%zX;x=y\r\n", size);
    chunked += line +
               std::string(flv.begin() + static_cast<std::ptrdiff_t>(at),
                           flv.begin() + static_cast<std::ptrdiff_t>(at + size)) +
               "\r\n";
    at += size;
  }
  chunked += "0\r\n\r\n";
  for (const std::string& response : {plain, chunked})
    for (const std::size_t piece : pieces)
      for (const Keep keep : {Keep::heads, Keep::whole}) {
        Notes notes;
        auto url = net::parse_url("http://h/live/x.flv?a=b");
        HttpFlvDialog dialog(*url, notes, keep);
        CHECK(feed(dialog, Bytes(reinterpret_cast<const std::uint8_t*>(response.data()), response.size()),
                   piece)
                  .ok());
        CHECK(notes.seen == sample_seen);
        CHECK(dialog.ended() == (&response != &plain && response == chunked));
      }
}

TEST_CASE("the HTTP request, and refusals") {
  Notes notes;
  auto url = net::parse_url("http://h:81/live/x.flv?a=b");
  HttpFlvDialog dialog(*url, notes);
  const auto output = dialog.take_output();
  CHECK(std::string(output.begin(), output.end())
            .starts_with("GET /live/x.flv?a=b HTTP/1.1\r\nHost: h:81\r\n"));
  CHECK(dialog.take_output().empty());
  const std::string refusal = "HTTP/1.1 404 Not Found\r\n\r\n";
  const auto refused =
      dialog.feed(Bytes(reinterpret_cast<const std::uint8_t*>(refusal.data()), refusal.size()));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message == "HTTP 404");
}

TEST_CASE("RTMP chunks are skimmed the same in any pieces, with whole payloads or their heads") {
  using enum rtmp::MessageType;
  std::vector<std::uint8_t> bytes;
  const auto put = [&](rtmp::MessageType type, std::uint32_t chunk_stream, std::uint32_t at,
                       const std::vector<std::uint8_t>& payload, std::size_t chunk_size) {
    rtmp::append_message(bytes, {type, chunk_stream, 1, at}, payload, chunk_size);
  };
  const auto command = payload_of("02 0001 61", 600);
  put(command_amf0, 3, 0, command, 128);
  put(set_chunk_size, 2, 0, bytes_of("00001000"), 128);
  put(video, 6, 40, payload_of("17 01", 30'000), 4096);
  put(audio, 4, 0x01020304, payload_of("af 01", 9000), 4096);  // with extended timestamps
  put(audio, 4, 50, {}, 4096);
  put(video, 6, 60, payload_of("27 01", 24), 4096);
  for (const std::size_t piece : pieces)
    for (const Keep keep : {Keep::heads, Keep::whole}) {
      ChunkNotes notes;
      ChunkSkimmer skimmer(notes, keep);
      REQUIRE(feed(skimmer, bytes, piece).ok());
      REQUIRE(notes.messages.size() == 5);
      CHECK(notes.messages[0].kept == command);
      CHECK(notes.messages[1].timestamp_ms == 40);
      CHECK(notes.messages[1].kept == payload_of("17 01", keep == Keep::heads ? peeked_bytes : 30'000));
      CHECK(notes.messages[2].timestamp_ms == 0x01020304);
      CHECK(notes.messages[3].kept.empty());
      CHECK(notes.messages[4] == ChunkNotes::Message{video, 60, payload_of("27 01", 24)});
    }
}

TEST_CASE("RTMP chunk headers that leave things out") {
  // Type 0 at 1000, types 1 and 2 with deltas, a type 3 that begins a message, chunk stream ids of 2 and 3
  // bytes.
  const auto bytes = bytes_of(
      "04 0003e8 000002 08 01000000 af01"
      "44 000014 000003 08 af01aa"
      "84 00000a af01bb"
      "c4 af01cc"
      "00 10 000007 000001 08 01000000 af"
      "01 1001 000008 000001 08 01000000 af");
  for (const std::size_t piece : pieces) {
    ChunkNotes notes;
    ChunkSkimmer skimmer(notes);
    REQUIRE(feed(skimmer, bytes, piece).ok());
    std::vector<std::uint32_t> times;
    for (const auto& message : notes.messages) times.push_back(message.timestamp_ms);
    CHECK(times == std::vector<std::uint32_t>{1000, 1020, 1030, 1040, 7, 8});
  }
}

TEST_CASE("RTMP times over 2^24, 2^31 and 2^32: in full, as differences, and continued") {
  // Type 0 right before; type 1 with a delta; type 2; type 3 begins a message with that delta again.
  const auto times_of = [](const std::string& hex, std::size_t piece) {
    ChunkNotes notes;
    ChunkSkimmer skimmer(notes);
    REQUIRE(feed(skimmer, bytes_of(hex), piece).ok());
    std::vector<std::uint32_t> times;
    for (const auto& message : notes.messages) times.push_back(message.timestamp_ms);
    return times;
  };
  using Times = std::vector<std::uint32_t>;
  for (const std::size_t piece : pieces) {
    CAPTURE(piece);
    CHECK(times_of("06 fffffe 000001 09 01000000 aa  46 000001 000001 09 bb  86 000001 cc  c6 dd", piece) ==
          Times{0xfffffe, 0xffffff, 0x1000000, 0x1000001});
    CHECK(times_of("06 ffffff 000001 09 01000000 00ffffff aa  46 000001 000001 09 bb  c6 cc", piece) ==
          Times{0xffffff, 0x1000000, 0x1000001});
    CHECK(times_of("06 ffffff 000001 09 01000000 7fffffff aa  46 000001 000001 09 bb  c6 cc", piece) ==
          Times{0x7fffffff, 0x80000000, 0x80000001});
    CHECK(times_of("06 ffffff 000001 09 01000000 ffffffff aa  46 000001 000001 09 bb  86 000028 cc  c6 dd",
                   piece) == Times{0xffffffff, 0, 0x28, 0x50});
    // Differences that need the extended field: a gap of five hours, and a step back.
    CHECK(times_of("06 000064 000001 09 01000000 aa  46 ffffff 000001 09 01000000 bb", piece) ==
          Times{100, 0x1000064});
    CHECK(times_of("06 000064 000001 09 01000000 aa  46 ffffff 000001 09 fffffff6 bb", piece) ==
          Times{100, 90});
  }
}

TEST_CASE("a continued chunk without the extended timestamp it should have") {
  std::vector<std::uint8_t> bytes = bytes_of("06 ffffff 000084 09 01000000 01000000");
  const auto start = payload_of("2701", 128);
  bytes.insert(bytes.end(), start.begin(), start.end());
  const auto rest = bytes_of("c6 eeeeeeee");
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  ChunkNotes notes;
  ChunkSkimmer skimmer(notes);
  REQUIRE(skimmer.feed(bytes).ok());
  REQUIRE(notes.messages.size() == 1);
  CHECK(notes.messages[0].timestamp_ms == 0x01000000);
}

TEST_CASE("a chunk size of zero and too many chunk streams are errors, and no bit flip does harm") {
  ChunkNotes notes;
  ChunkSkimmer zero(notes);
  CHECK_FALSE(zero.feed(bytes_of("02 000000 000004 01 00000000 00000000")).ok());
  ChunkSkimmer many(notes);
  bool failed = false;
  for (int id = 0; id < 100 && !failed; ++id) {
    auto header = bytes_of("00 00 000000 000001 08 01000000 af");
    header[1] = static_cast<std::uint8_t>(id);
    failed = !many.feed(header).ok();
  }
  CHECK(failed);
  std::vector<std::uint8_t> bytes;
  rtmp::append_message(bytes, {rtmp::MessageType::video, 6, 1, 0x01020304}, payload_of("17 01", 300), 128);
  for_each_flipped_bit(bytes, [](const std::vector<std::uint8_t>& flipped) {
    ChunkNotes ignored;
    ChunkSkimmer skimmer(ignored);
    [[maybe_unused]] const auto fed = skimmer.feed(flipped);
  });
}

TEST_CASE("unfinished messages are kept up to 32 MiB, those that are over not at all") {
  ChunkNotes notes;
  ChunkSkimmer skimmer(notes, Keep::whole);
  constexpr std::size_t size = 12u << 20;
  const std::vector<std::uint8_t> payload(size);
  const auto send = [&](std::uint32_t chunk_stream, std::size_t bytes) {
    std::vector<std::uint8_t> wire;
    rtmp::append_message(wire, {rtmp::MessageType::video, chunk_stream, 1, 0}, payload, size);
    wire.resize(wire.size() - (size - bytes));
    return skimmer.feed(wire).ok();
  };
  ByteWriter chunk_size;
  chunk_size.u32(size);
  std::vector<std::uint8_t> wire;
  rtmp::append_message(wire, {rtmp::MessageType::set_chunk_size, 2, 0, 0}, chunk_size.view(), 128);
  REQUIRE(skimmer.feed(wire).ok());
  for (std::uint32_t chunk_stream = 4; chunk_stream < 20; ++chunk_stream) CHECK(send(chunk_stream, size));
  CHECK(notes.messages.size() == 16);
  // A truncated chunk can only be the last one of a connection, so these are whole chunks of half a message.
  const auto begin = [&](std::uint32_t chunk_stream) {
    std::vector<std::uint8_t> half;
    rtmp::append_message(half, {rtmp::MessageType::video, chunk_stream, 1, 0}, payload, size / 2);
    half.resize(half.size() - size / 2 - 1);
    return skimmer.feed(half).ok();
  };
  chunk_size = ByteWriter();
  chunk_size.u32(size / 2);
  wire.clear();
  rtmp::append_message(wire, {rtmp::MessageType::set_chunk_size, 2, 0, 0}, chunk_size.view(), 128);
  REQUIRE(skimmer.feed(wire).ok());
  int begun = 0;
  while (begun < 16 && begin(20 + static_cast<std::uint32_t>(begun))) ++begun;
  CHECK(begun == 5);
}

// MessageLog with its wires, for a stream whose tracks start, stop and return: an input is a sequence of
// messages. Each wire holds whole tags, or packets without a gap in their numbers; a track's timestamps never
// go back where the stream's do not, and added messages (silence, repeated headers) are bounded.
#include "choices.h"
#include "flv/reader.h"
#include "log/flv_wire.h"
#include "log/message_log.h"
#include "log/message_reader.h"
#include "log/packet_reader.h"
#include "log/wire_reader.h"
#include "target.h"
#include "unit/log/cutting_wire.h"

using namespace srs;
using namespace srs::media;
using flv::TagType;

namespace {

constexpr std::size_t most_messages = 2'000;
// Per message: a hundred frames of silence, 16 KiB of headers.
constexpr std::size_t made_at_most = 100 * 64 + 20 * 1024;

Message make(std::size_t kind, Bytes body, std::int64_t time_ms) {
  static constexpr std::uint8_t metadata[] = {2,   0,   10,  'o', 'n', 'M', 'e', 't', 'a', 'D',
                                              'a', 't', 'a', 3,   0,   8,   'h', 'a', 's', 'A',
                                              'u', 'd', 'i', 'o', 1,   1,   0,   0,   9};
  static constexpr std::uint8_t heads[][6] = {
      {0x17, 1, 0, 0, 0}, {0x27, 1, 0, 0, 0}, {0xaf, 1}, {0x17, 0, 0, 0, 0}, {0xaf, 0, 0x12, 0x10}};
  static constexpr std::size_t sizes[] = {5, 5, 2, 5, 4};
  if (kind == 5) return make_message(TagType::script, time_ms, Slice::copy_of(metadata));
  std::vector<std::uint8_t> bytes;
  if (kind < 5) bytes.assign(heads[kind], heads[kind] + sizes[kind]);
  bytes.insert(bytes.end(), body.begin(), body.end());
  const bool is_audio = kind == 2 || kind == 4 || kind == 7;
  return make_message(is_audio ? TagType::audio : TagType::video, time_ms, Slice::copy_of(bytes));
}

void check(const log::WireLog& log) {
  log::WireReader wire(log);
  wire.refresh();
  const log::WireStart* start = wire.newest_start();
  if (start == nullptr) return;
  flv::Reader reader;
  std::uint8_t header[flv::file_header_size];
  flv::store_file_header(header, true, true);
  reader.append(header);
  const log::WirePrelude first = log::prelude(wire.encoder(), *start);
  for (const Slice* part : {&first.metadata, &first.codecs, &first.key_frames}) reader.append(part->bytes());
  for (log::WireOffset at = start->offset; at < wire.head();) {
    const Slice piece = wire.next_slice(at);
    MUST_HOLD(!piece.empty());
    reader.append(piece.bytes());
    at += piece.size();
  }
  for (;;) {
    auto tag = reader.next();
    MUST_HOLD(tag.ok());
    if (!*tag) break;
  }
  MUST_HOLD(reader.pending() == 0);
}

// Whole messages, each track numbered without a gap, each packet found by its number.
void check(const std::shared_ptr<log::PacketLog>& wire) {
  log::PacketReader reader(wire);
  reader.refresh();
  log::Offset at = reader.tail();
  std::uint64_t next[log::max_packet_tracks] = {};
  bool seen[log::max_packet_tracks] = {}, ended = true;
  log::Packet packets[16];
  while (const std::size_t count = reader.gather(at, packets)) {
    for (const log::Packet& packet : std::span(packets).first(count)) {
      MUST_HOLD(packet.offset == at++);
      MUST_HOLD(packet.first == ended);
      MUST_HOLD(!seen[packet.track] || packet.index == next[packet.track]);
      seen[packet.track] = true;
      next[packet.track] = packet.index + 1;
      ended = packet.marker;
      const auto found = reader.find(packet.track, packet.index);
      MUST_HOLD(found && found->offset == packet.offset);
    }
  }
  MUST_HOLD(at == reader.head() && ended);
}

// Every start is a message that decoding can begin at, and has headers.
void check(const log::MessageLog& log) {
  log::MessageReader reader(log.messages());
  reader.refresh();
  log::Offset at = reader.tail();
  for (auto run = reader.from(at); !run.empty(); run = reader.from(at))
    for (const Message& message : run) {
      const log::MessageStart* start = reader.start_at(at++);
      MUST_HOLD((start != nullptr) >= (message.kind == MessageKind::key_frame));
      MUST_HOLD(start == nullptr || (start->headers && start->timestamp_ms == message.timestamp_ms));
    }
  MUST_HOLD(at == reader.head());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const log::FlvWire wire;
  const log::CuttingFormat cut(20), cut_late(20);
  log::MessageLog log({"live/a", ""}, {});
  const auto packets = log.packets(cut);
  const auto with_fillers = log.wire(wire);
  const auto bare = log.wire(wire.bare());
  std::int64_t time_ms = choices.u32();
  for (std::size_t i = 0; choices.more() && i < most_messages; ++i) {
    const std::size_t kind = choices.below(8);
    time_ms += choices.time_step_ms();
    if (time_ms < 0) time_ms = 0;
    const log::WireOffset before = with_fillers->head();
    const Message message = make(kind, choices.some(), time_ms);
    log.append(message);
    MUST_HOLD(with_fillers->head() - before <= message.payload.size() + 64 + made_at_most);
    MUST_HOLD(bare->head() <= with_fillers->head());
  }
  check(*with_fillers);
  check(*bare);
  const log::FlvWire annotated(log::Annotations::sent);
  check(*log.wire(annotated));
  check(log);
  check(packets);
  check(log.packets(cut_late));
  return 0;
}

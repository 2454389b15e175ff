// Both handshakes: the number of consumed bytes is the same however they are split.
#include "rtmp/handshake.h"

#include <algorithm>

#include "choices.h"
#include "target.h"

using namespace srs;
using namespace srs::rtmp;

namespace {

struct Outcome {
  bool failed = false;
  bool done = false;
  std::size_t used = 0;
  std::size_t reply_size = 0;

  bool operator==(const Outcome&) const = default;
};

template <class Handshake, class TakeReply>
Outcome read(Bytes bytes, fuzz::PieceSizes sizes, TakeReply take_reply) {
  Handshake handshake;
  Outcome outcome;
  while (!bytes.empty() && !outcome.failed && !handshake.done()) {
    const Bytes piece = bytes.first(std::min(sizes.next(), bytes.size()));
    const auto used = handshake.feed(piece);
    outcome.failed = !used;
    if (!used) break;
    MUST_HOLD(*used == piece.size() || handshake.done());
    outcome.used += *used;
    outcome.reply_size += take_reply(handshake).size();
    bytes = bytes.subspan(*used);
  }
  outcome.done = handshake.done();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  const auto server_reply = [](ServerHandshake& handshake) { return handshake.take_reply(); };
  const auto client_output = [](ClientHandshake& handshake) { return handshake.take_output(); };
  const fuzz::PieceSizes whole(SIZE_MAX);
  for (const auto sizes : {fuzz::PieceSizes(100), fuzz::PieceSizes(1000), fuzz::PieceSizes::said_by(bytes)}) {
    MUST_HOLD(read<ServerHandshake>(bytes, sizes, server_reply) ==
              read<ServerHandshake>(bytes, whole, server_reply));
    MUST_HOLD(read<ClientHandshake>(bytes, sizes, client_output) ==
              read<ClientHandshake>(bytes, whole, client_output));
  }
  return 0;
}

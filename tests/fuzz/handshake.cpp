// Both handshakes: however the bytes are cut, the same number of them is taken.
#include "rtmp/handshake.h"

#include <algorithm>

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
Outcome read(Bytes bytes, std::size_t piece_size, TakeReply take_reply) {
  Handshake handshake;
  Outcome outcome;
  while (!bytes.empty() && !outcome.failed && !handshake.done()) {
    const Bytes piece = bytes.first(std::min(piece_size, bytes.size()));
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
  for (const std::size_t piece_size : {100, 1000}) {
    MUST_HOLD(read<ServerHandshake>(bytes, piece_size, server_reply) ==
              read<ServerHandshake>(bytes, SIZE_MAX, server_reply));
    MUST_HOLD(read<ClientHandshake>(bytes, piece_size, client_output) ==
              read<ClientHandshake>(bytes, SIZE_MAX, client_output));
  }
  return 0;
}

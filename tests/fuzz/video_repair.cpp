// VideoRepair: an input is a sequence of payloads, some with a header of ours. Nothing but configurations is
// output that was not input; configurations are readable, and no picture precedes one.
#include "media/video_repair.h"

#include <set>
#include <string>

#include "choices.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "target.h"

using namespace srs;
using namespace srs::media;

namespace {

constexpr std::size_t most_messages = 500;

std::vector<std::uint8_t> head_of(std::size_t choice) {
  switch (choice) {
    case 0:
      return {0x17, 0, 0, 0, 0};
    case 1:
      return {0x17, 1, 0, 0, 0};
    case 2:
      return {0x27, 1, 0, 0, 0};
    case 3:
      return {0x90, 'h', 'v', 'c', '1'};
    case 4:
      return {0x91, 'h', 'v', 'c', '1', 0, 0, 0};
    case 5:
      return {0xa3, 'h', 'v', 'c', '1'};
    case 6:
      return {0x96, 0, 'a', 'v', 'c', '1', 1};
    case 7:
      return {0x96, 1, 'a', 'v', 'c', '1', 1, 0, 0, 0};
    default:
      return {};
  }
}

void check_made(const Message& header) {
  const auto video = flv::parse_video(header.payload.bytes());
  MUST_HOLD(video && video->kind == flv::PacketKind::sequence_start);
  if (video->codec == codec::VideoCodec::avc) {
    const auto config = codec::parse_avc_config(video->body);
    MUST_HOLD(config && !config->sps.empty() && codec::parse_avc_sps(config->sps.front()));
  } else {
    const auto config = codec::parse_hevc_config(video->body);
    MUST_HOLD(config && !config->sps.empty() && codec::parse_hevc_sps(config->sps.front()));
  }
}

std::string text_of(const Message& message) {
  const Bytes bytes = message.payload.bytes();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  VideoRepair repair;
  std::vector<Message> out;
  std::set<std::string> came;  // configurations: one may be held back for a while
  for (std::size_t i = 0; choices.more() && i < most_messages; ++i) {
    std::vector<std::uint8_t> payload = head_of(choices.below(10));
    const Bytes body = choices.many();
    payload.insert(payload.end(), body.begin(), body.end());
    const Message message = make_message(flv::TagType::video, 1'000, Slice::copy_of(payload));
    out.clear();
    repair.process(message, out);
    MUST_HOLD(out.size() <= 3);
    for (std::size_t made = 0; made + 1 < out.size(); ++made)
      if (!came.contains(text_of(out[made]))) check_made(out[made]);
    if (message.kind == MessageKind::video_header) came.insert(text_of(message));
    for (const Message& each : out) {
      MUST_HOLD(each.is_video());
      MUST_HOLD(came.contains(text_of(each)) ||
                each.payload.size() <= 2 * payload.size() + 2 * codec::ParameterSets::max_bytes);
    }
    repair.pop_note();
  }
  return 0;
}

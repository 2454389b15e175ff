// A pipe and everything behind it in the tools: the output is well formed whatever the input.
//
// Two bytes of the input choose how it is split and whether a chain like a relay's follows: each stream in a
// MessageLog, its wires (FLV and RTMP) read through WireReaders. The rest is the pipe's bytes.
#include "pipe/pipe_reader.h"

#include <map>
#include <memory>

#include "choices.h"
#include "flv/reader.h"
#include "log/flv_wire.h"
#include "log/message_log.h"
#include "log/wire_reader.h"
#include "media/stream_path.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/message_encoder.h"
#include "target.h"

using namespace srs;
using namespace srs::media;

namespace {

const log::FlvWire flv_wire;
const rtmp::RtmpWire rtmp_wire;

// Reads a wire like a player's connection.
class WirePlayer {
 public:
  virtual ~WirePlayer() = default;
  explicit WirePlayer(std::shared_ptr<log::WireLog> log) : log_(std::move(log)), reader_(*log_) {}

  void play() {
    reader_.refresh();
    MUST_HOLD(reader_.tail() <= reader_.head());
    const bool lost_place = at_ < reader_.tail();
    if (!started_ || lost_place) {
      const log::WireStart* const start = reader_.newest_start();
      at_ = start ? start->offset : reader_.head();
      if (!start) return;
      MUST_HOLD(start->offset >= reader_.tail() && start->offset < reader_.head());
      begin();
      started_ = true;
      const log::WirePrelude front = log::prelude(log_->encoder(), *start);
      parse(front.metadata.bytes());
      parse(front.codecs.bytes());
    }
    while (at_ < reader_.head()) {
      iovec pieces[3];
      const std::size_t count = reader_.gather(at_, pieces, 3);
      MUST_HOLD(count > 0);
      for (std::size_t i = 0; i < count; ++i) {
        parse({static_cast<const std::uint8_t*>(pieces[i].iov_base), pieces[i].iov_len});
        at_ += pieces[i].iov_len;
      }
    }
    MUST_HOLD(at_ == reader_.head() && whole());
    reader_.release_before(reader_.tail());
  }

 protected:
  virtual void begin() = 0;
  virtual void parse(Bytes bytes) = 0;
  // No incomplete message is left.
  virtual bool whole() const = 0;

 private:
  const std::shared_ptr<log::WireLog> log_;
  log::WireReader reader_;
  log::WireOffset at_ = 0;
  bool started_ = false;
};

class FlvPlayer : public WirePlayer {
 public:
  using WirePlayer::WirePlayer;

 private:
  void begin() override {
    reader_ = {};
    std::uint8_t header[flv::file_header_size];
    flv::store_file_header(header, true, true);
    reader_.append(header);
  }
  void parse(Bytes bytes) override {
    reader_.append(bytes);
    for (;;) {
      const auto tag = reader_.next();
      MUST_HOLD(tag.ok());
      if (!*tag) return;
      MUST_HOLD((*tag)->stream_id == 0 && (*tag)->framed);
      MUST_HOLD(classify((*tag)->type, (*tag)->payload.bytes()) != MessageKind::annotation);
    }
  }
  bool whole() const override { return reader_.pending() == 0; }

  flv::Reader reader_;
};

class RtmpPlayer : public WirePlayer {
 public:
  using WirePlayer::WirePlayer;

 private:
  void begin() override {
    reader_ = rtmp::ChunkReader();
    static constexpr std::uint8_t set_chunk_size[] = {2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0xea, 0x60};
    static_assert(rtmp::wire_chunk_size == 0xea60);
    parse(set_chunk_size);
  }
  void parse(Bytes bytes) override {
    fed_ += bytes.size();
    for (;;) {
      const auto message = reader_.next(bytes);
      MUST_HOLD(message.ok());
      if (!*message) return;
      whole_at_ = fed_ - bytes.size();
      MUST_HOLD((*message)->type == rtmp::MessageType::set_chunk_size ||
                (*message)->message_stream_id == rtmp::media_stream_id);
    }
  }
  bool whole() const override { return fed_ == whole_at_; }

  rtmp::ChunkReader reader_;
  std::size_t fed_ = 0, whole_at_ = 0;
};

struct Stream {
  explicit Stream(const StreamInfo& info)
      : log(info, {.max_bytes = 100'000, .max_time = std::chrono::milliseconds(10'000)}) {}

  log::MessageLog log;
  std::unique_ptr<WirePlayer> flv, rtmp;
};

class Sink : public pipe::PipeSink {
 public:
  explicit Sink(unsigned players) : players_(players) {}

  void on_begin(pipe::ChannelId channel, const StreamInfo& info) override {
    const auto path = parse_stream_path(info.path);
    MUST_HOLD(path.ok() && *path == info.path);
    MUST_HOLD(streams_.emplace(channel, std::make_unique<Stream>(info)).second);
  }
  void on_message(pipe::ChannelId channel, Message message) override {
    const auto found = streams_.find(channel);
    MUST_HOLD(found != streams_.end());
    MUST_HOLD(message.payload.size() <= flv::max_payload_size);
    MUST_HOLD(script_name(message.payload.bytes()) != "onStream" || message.type != flv::TagType::script);
    Stream& stream = *found->second;
    stream.log.append(std::move(message));
    if ((players_ & 1) && !stream.flv) stream.flv = std::make_unique<FlvPlayer>(stream.log.wire(flv_wire));
    if ((players_ & 2) && !stream.rtmp)
      stream.rtmp = std::make_unique<RtmpPlayer>(stream.log.wire(rtmp_wire));
    // Slow players find that the log has moved on.
    if ((players_ & 4) && ++count_ % 16 != 0) return;
    if (stream.flv) stream.flv->play();
    if (stream.rtmp) stream.rtmp->play();
  }
  void on_end(pipe::ChannelId channel, EndReason) override { MUST_HOLD(streams_.erase(channel) == 1); }

  bool empty() const { return streams_.empty(); }

 private:
  const unsigned players_;
  unsigned count_ = 0;
  std::map<pipe::ChannelId, std::unique_ptr<Stream>> streams_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const std::size_t piece_size = std::size_t{1} << choices.below(20);
  Sink sink(choices.u8());
  pipe::PipeReader reader(sink, "");
  Bytes bytes = choices.rest();
  bool failed = false;
  while (!bytes.empty() && !failed) {
    const auto room = reader.prepare();
    const Bytes piece = bytes.first(std::min({bytes.size(), piece_size, room.size()}));
    std::copy(piece.begin(), piece.end(), room.begin());
    bytes = bytes.subspan(piece.size());
    failed = !reader.commit(piece.size());
  }
  [[maybe_unused]] const auto finished = reader.finish();
  MUST_HOLD(sink.empty());
  return 0;
}

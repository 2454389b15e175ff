// How a ClientSession publishes.
#include "media/message.h"
#include "rtmp/client_session.h"

namespace srs::rtmp {

asio::awaitable<Result<void>> ClientSession::publish(std::chrono::milliseconds timeout) {
  const Deadline deadline = deadline_in(timeout);
  publishing_ = true;
  const std::string name = stream_.substr(0, stream_.find('?'));
  connection_.outbox().command("releaseStream", next_transaction_++, {amf::Null{}, name});
  connection_.outbox().command("FCPublish", next_transaction_++, {amf::Null{}, name});
  auto created = co_await create_stream(deadline);
  if (!created) co_return std::move(created).error();
  connection_.outbox().command("publish", next_transaction_++, {amf::Null{}, stream_, "live"}, stream_id_);
  co_return co_await wait_for_status("NetStream.Publish.Start", deadline);
}

// One turn: a talkative server must not hold the thread.
Result<void> ClientSession::process_turn() {
  connection_.begin_turn();
  for (;;) {
    auto message = connection_.poll();
    if (!message) return std::move(message).error();
    if (!*message) return {};
    if (auto handled = on_message(**message); !handled) return handled;
  }
}

Result<std::vector<std::uint8_t>> ClientSession::poll_publishing() {
  if (auto handled = process_turn(); !handled) return std::move(handled).error();
  return connection_.outbox().take();
}

asio::awaitable<Result<void>> ClientSession::write_media(std::span<const MediaMessage> messages,
                                                         std::chrono::milliseconds timeout) {
  if (auto handled = process_turn(); !handled) co_return std::move(handled).error();
  for (const MediaMessage& message : messages) {
    if (message.type != flv::TagType::script || media::script_name(message.payload.bytes()) != "onMetaData") {
      connection_.outbox().media(message, stream_id_);
      continue;
    }
    ByteWriter writer;
    amf::encode(amf::Value("@setDataFrame"), writer);
    writer.bytes(message.payload.bytes());
    connection_.outbox().media({message.type, message.timestamp_ms, Slice::copy_of(writer.view())},
                               stream_id_);
  }
  co_return co_await connection_.flush(deadline_in(timeout));
}

std::vector<std::uint8_t> ClientSession::farewell() {
  Outbox& outbox = connection_.outbox();
  if (publishing_)
    outbox.command("FCUnpublish", next_transaction_++, {amf::Null{}, stream_.substr(0, stream_.find('?'))});
  outbox.command("deleteStream", next_transaction_++, {amf::Null{}, static_cast<double>(stream_id_)});
  return outbox.take();
}

}  // namespace srs::rtmp

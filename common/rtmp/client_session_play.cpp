// How a ClientSession plays.
#include "rtmp/client_session.h"

namespace srs::rtmp {
namespace {

constexpr std::uint32_t buffer_ms = 3000;  // as players commonly announce

}  // namespace

asio::awaitable<Result<void>> ClientSession::play(std::chrono::milliseconds timeout) {
  const Deadline deadline = deadline_in(timeout);
  auto created = co_await create_stream(deadline);
  if (!created) co_return std::move(created).error();
  playing_ = true;
  connection_.reader().set_limit(ChunkReader::media_bytes);
  connection_.reader().keep_media(true);
  Outbox& outbox = connection_.outbox();
  outbox.user_control(UserControl::set_buffer_length, stream_id_, buffer_ms);
  outbox.command("play", next_transaction_++, {amf::Null{}, stream_, -2.0}, stream_id_);
  co_return co_await wait_for_status("NetStream.Play.Start", deadline);
}

asio::awaitable<Result<std::optional<MediaMessage>>> ClientSession::read_media(
    std::chrono::milliseconds timeout) {
  const Deadline deadline = deadline_in(timeout);
  for (;;) {
    if (connection_.is_turn_over() && media_.has_more()) co_await connection_.yield_turn();
    if (auto ready = media_.next()) {
      if (media_.has_more()) connection_.count_part();
      co_return std::move(ready);
    }
    if (ended_) co_return std::optional<MediaMessage>{};
    auto message = co_await connection_.read(deadline);
    if (!message) co_return std::move(message).error();
    auto handled = on_message(*message);
    if (!handled) co_return std::move(handled).error();
  }
}

}  // namespace srs::rtmp

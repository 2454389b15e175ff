#include "srs-relay/push/push_session.h"

namespace srs::relay {

PushSession::PushSession(Worker& worker, std::shared_ptr<Stream> stream, std::string name,
                         rtmp::ClientSession client, const cli::Log& log)
    : PlayerSession(worker, std::move(stream), std::move(name), log),
      client_(std::move(client)),
      transport_(client_.socket()) {}

void PushSession::start(const FoundStream& found) {
  client_.connection().forget_deadline();
  PlayerSession::start(found, {});
}

// Another relay gets everything that is kept of the stream and drops what it already has: after a broken
// connection nobody knows how much has arrived, and a short break should lose nothing.
const log::WireStart* PushSession::choose_start(const log::WireReader& wire) {
  const bool from_the_beginning = client_.accepts_annotations() && !std::exchange(begun_, true);
  return from_the_beginning ? wire.oldest_start() : wire.newest_start();
}

PlayerSession::Input PushSession::read_input() {
  auto answer = client_.poll_publishing();
  if (!answer) {
    if (why_.message.empty() && !finished()) why_ = answer.error();
    return Input::gone;
  }
  if (!answer->empty() && !finished()) reply(wire(), Slice::copy_of(*answer));
  if (client_.reconnect_request()) report_over();
  return client_.has_more_input() ? Input::more : Input::quiet;
}

void PushSession::on_closed() {
  over_ = true;
  report_over();
}

void PushSession::report_over() {
  if (const auto report = std::exchange(on_over, nullptr)) report();
}

}  // namespace srs::relay

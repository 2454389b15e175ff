#include "srs-ingest/sources/stdin_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace srs::ingest {
namespace {

constexpr int pipe_size = 1 << 20;
constexpr int poll_ms = 200;  // the longest time until a stop is noticed

}  // namespace

StdinStreams::StdinStreams(pipe::PipeWriter& writer, Options options, const cli::Log& log,
                           std::stop_token stop)
    : writer_(writer),
      options_(std::move(options)),
      log_(log),
      stop_(std::move(stop)),
      reader_(*this, options_.plain_path) {}

Result<void> StdinStreams::run() {
  ::fcntl(STDIN_FILENO, F_SETPIPE_SZ, pipe_size);  // fails on anything but a pipe, which is fine
  Result<void> so_far;
  while (so_far.ok()) {
    if (stop_.stop_requested()) return {};
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    if (::poll(&ready, 1, poll_ms) == 0) continue;
    const auto room = reader_.prepare();
    const ssize_t size = ::read(STDIN_FILENO, room.data(), room.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) so_far = system_error("cannot read stdin", errno);
    if (size <= 0) break;
    so_far = reader_.commit(static_cast<std::size_t>(size));
    if (only_ended_) return {};
  }
  auto finished = reader_.finish();
  if (so_far && finished && !options_.only_path.empty() && !only_began_)
    return Error{Errc::not_found, options_.only_path + " is not in it"};
  return so_far ? finished : so_far;
}

void StdinStreams::on_begin(pipe::ChannelId channel, const media::StreamInfo& info) {
  if (!options_.only_path.empty()) {
    if (info.path != options_.only_path || only_began_) return;
    only_began_ = true;
  }
  if (writer_.carries(info.path))
    return log_.warning("{}: left out of stdin, since it comes from another input", info.path);
  if (channel == 0 && options_.may_be_plain) writer_.use_plain_mode();
  StreamOutput::Options output;
  output.info = info;
  output.on_full = options_.on_full;
  output.paced = output.clock = options_.paced;
  output.log = output.repair_log = &log_;
  outputs_[channel] = std::make_unique<StreamOutput>(writer_, output, stop_);
}

void StdinStreams::on_message(pipe::ChannelId channel, media::Message message) {
  const auto found = outputs_.find(channel);
  if (found != outputs_.end()) found->second->forward(std::move(message));
}

void StdinStreams::on_end(pipe::ChannelId channel, media::EndReason reason) {
  const auto found = outputs_.find(channel);
  if (found == outputs_.end()) return;
  // A stream that was cut is not ended on our output either, so that the next stage sees it.
  if (reason != media::EndReason::cut) found->second->end(reason);
  outputs_.erase(found);
  only_ended_ = !options_.only_path.empty();
}

}  // namespace srs::ingest

#include "srs-ingest/ingest.h"

#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "core/block_signals.h"
#include "pipe/finish_output.h"
#include "pipe/pipe_input.h"

namespace srs::ingest {

Ingest::Ingest(const Options& options, OpenWithFfmpeg open_with_ffmpeg, const cli::Log& log)
    : options_(options),
      open_with_ffmpeg_(open_with_ffmpeg),
      log_(log),
      admission_(options.connections.limits()),
      gate_(io_, log),
      inherited_(service::inherit_sockets()),
      certificates_(io_, options.tls, log),
      listeners_(io_, log, {options.share_ports, inherited_.get(), &certificates_}),
      reload_(io_, log),
      notify_(io_, [this] {
        return fmt::format("{} streams published, {} sources", publications_ ? publications_->streams() : 0,
                           running_sources_);
      }) {}

int Ingest::run() {
  const bool reads_stdin = std::any_of(options_.sources.begin(), options_.sources.end(),
                                       [](const auto& source) { return source.argument == "-"; });
  for (const int fd : {STDOUT_FILENO, reads_stdin ? STDIN_FILENO : -1}) {
    const std::string refusal = fd < 0 ? std::string() : pipe::refuse_terminal(fd);
    if (refusal.empty()) continue;
    log_.error("{}", refusal);
    return cli::exit_usage;
  }
  listeners_.set_admission(admission_);
  open_output();
  open_publications();
  signals_.emplace(io_, [this] { stop(); });
  if (options_.access.has_files()) reload_.add([this] { gate_.reload(); });
  gate::warn_if_open(options_.access, options_.listen, log_);
  Result<void> opened = open_tls();
  if (opened) opened = gate_.open(options_.access, {"srs-ingest", {}});
  if (opened) opened = open_listeners();
  if (opened) opened = open_admin();
  if (opened) opened = open_sources();
  if (!opened) {
    fail(opened.error().message);
    if (opened.error().code == Errc::usage) status_ = cli::exit_usage;
    stop();
  } else {
    if (inherited_) service::warn_of_unused_sockets(*inherited_, log_);
    notify_.ready();
  }
  io_.run();
  return finish();
}

void Ingest::open_output() {
  pipe::PipeWriter::Options output;
  output.mode = options_.is_plain() ? pipe::PipeMode::plain : pipe::PipeMode::channels;
  output.annotates_files = options_.annotations;
  output.loops = {&io_};
  writer_ = std::make_unique<pipe::PipeWriter>(STDOUT_FILENO, output, log_, [this](const Error& error) {
    asio::post(io_,
               [this, error] { pipe::after_own_signal(io_, [this, error] { on_output_failed(error); }); });
  });
}

void Ingest::on_output_failed(const Error& error) {
  if (std::exchange(output_failed_, true)) return;
  if (!signals_->received() || error.code != Errc::closed) fail(error.message);
  stop();
}

void Ingest::open_publications() {
  PublishedStreams::Options streams;
  streams.on_full = on_full_for(true);
  streams.is_reserved = [this](const std::string& path) { return is_of_a_source(path); };
  streams.on_end = [this] { on_published_stream_end(); };
  streams.log = &log_;
  published_streams_.emplace(*writer_, std::move(streams));
  live::Publications::Options publishing;
  publishing.grace = options_.grace;
  publishing.takeover = options_.takeover;
  publishing.only_path = options_.stream;
  publishing.limits = options_.stream_limits;
  publishing.rate = options_.publisher_rate;
  publications_.emplace(io_, *published_streams_, std::move(publishing), log_);
  for (const ProtocolEntry& entry : protocols())
    protocols_.push_back(entry.make({io_, *publications_, gate_, log_}));
}

Result<void> Ingest::open_tls() {
  auto trust = net::TlsContext::client(options_.tls.authorities);
  if (!trust) return std::move(trust).error().in("--tls-ca");
  trust_ = *std::move(trust);
  gate_.set_trust(trust_);
  if (options_.tls.has_certificates()) reload_.add([this] { certificates_.reload(); });
  return certificates_.open();
}

Result<void> Ingest::open_listeners() {
  for (const net::Url& url : options_.listen) {
    Protocol& protocol = *protocols_[find_protocol(url.scheme).value()];
    auto opened = listeners_.open(url, [&protocol](net::Socket socket, net::Ticket ticket) {
      protocol.serve(std::move(socket), std::move(ticket));
    });
    if (!opened) return opened;
  }
  return {};
}

Result<void> Ingest::open_admin() {
  if (!options_.admin.wanted()) return {};
  instrument_.emplace(
      *writer_, *publications_, [this] { return publisher_connections(); },
      [this] { return std::string(stopping_ ? "the program ends" : ""); });
  admin_.emplace(io_, admin::AdminServer::Tool{"srs-ingest", &admission_, &gate_}, *instrument_, log_,
                 net::ListenOptions{options_.share_ports, inherited_.get(), &certificates_});
  return admin_->open(options_.admin);
}

Result<void> Ingest::open_sources() {
  for (const SourceOption& option : options_.sources) {
    if (option.argument == "-") {
      open_stdin(option);
      continue;
    }
    if (!options_.stream.empty() && option.path != options_.stream) {
      log_.warning("{}: left out, since --stream asks for {} only", option.path, options_.stream);
      continue;
    }
    auto source = open_source(option.argument, open_with_ffmpeg_, log_, trust_);
    if (!source) return std::move(source).error();
    const bool is_live = (*source)->is_live() || options_.realtime;
    SourceRunner::Options runner;
    runner.output.info = {option.path, (*source)->display()};
    runner.output.on_full = on_full_for(is_live);
    runner.output.paced = options_.realtime && !(*source)->is_live();
    runner.output.clock = is_live;
    runner.output.repair_log = &log_;
    if (!(*source)->tells_tracks()) runner.output.log = &log_;
    runner.loop = options_.loop;
    runner.reconnect = options_.reconnect;
    ++running_sources_;
    runners_.emplace_back(*std::move(source), *writer_, runner, log_, [this](Result<void> result) {
      asio::post(io_, [this, result = std::move(result)]() mutable { on_source_done(std::move(result)); });
    });
  }
  end_if_idle();
  return {};
}

void Ingest::open_stdin(const SourceOption& source) {
  StdinStreams::Options options;
  if (source.named) options.plain_path = source.path;
  options.only_path = options_.stream;
  options.on_full = on_full_for(options_.realtime);
  options.paced = options_.realtime;
  options.may_be_plain = options_.is_plain() || (options_.listen.empty() && options_.sources.size() == 1);
  ++running_sources_;
  stdin_thread_ = std::jthread([this, options](const std::stop_token& stop) {
    block_signals();
    auto result = StdinStreams(*writer_, options, log_, stop).run();
    if (!result) result = std::move(result).error().in("stdin");
    asio::post(io_, [this, result = std::move(result)]() mutable { on_source_done(std::move(result)); });
  });
}

pipe::OnFull Ingest::on_full_for(bool is_live) const {
  return options_.on_full.value_or(is_live ? pipe::OnFull::drop_gop : pipe::OnFull::block);
}

std::size_t Ingest::publisher_connections() const {
  std::size_t count = 0;
  for (const auto& protocol : protocols_) count += protocol->connections();
  return count;
}

bool Ingest::is_of_a_source(const std::string& path) const {
  return std::any_of(options_.sources.begin(), options_.sources.end(),
                     [&](const SourceOption& source) { return source.path == path; });
}

// Plain FLV holds one stream: with it, all is said.
void Ingest::on_published_stream_end() {
  if (!options_.stream.empty()) stop();
}

void Ingest::on_source_done(Result<void> result) {
  --running_sources_;
  if (!result) fail(result.error().message);
  end_if_idle();
}

void Ingest::fail(const std::string& message) {
  log_.error("{}", message);
  status_ = cli::exit_failed;
}

void Ingest::end_if_idle() {
  if (running_sources_ == 0 && (stopping_ || listeners_.empty())) stop();
}

// Ends listeners, publishers and sources; the last source that is done ends run().
void Ingest::stop() {
  if (!stopping_) {
    stopping_ = true;
    notify_.stopping();
    listeners_.close();
    publications_->stop();
    for (const auto& protocol : protocols_) protocol->close();
    for (SourceRunner& runner : runners_) runner.stop();
    stdin_thread_.request_stop();
    if (signals_->received() || output_failed_) writer_->stop_waiting();
  }
  if (running_sources_ == 0) io_.stop();
}

int Ingest::finish() {
  if (!output_failed_) {
    if (status_ == cli::exit_done) writer_->write_header_if_none();
    if (auto finished = pipe::finish_output(*writer_, io_, *signals_); !finished)
      fail(finished.error().message);
    output_failed_ = true;  // whatever came of it has been told
  }
  signals_->cancel();
  reload_.cancel();
  gate_.close();
  certificates_.close();
  if (admin_) admin_->close();
  notify_.cancel();
  io_.restart();
  io_.run_for(std::chrono::seconds(1));  // connections that were cut off say goodbye
  return status_;
}

}  // namespace srs::ingest

#include "relay.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "media/finish_output.h"
#include "media/pipe_input.h"
#include "net/spawn.h"

namespace srs::relay {
namespace {

// At the end of the input players get this long to take what is left of their streams.
constexpr std::chrono::seconds end_time{3};
constexpr std::chrono::milliseconds pass_poll{2};

}  // namespace

Relay::Relay(const Options& options, const cli::Log& log)
    : options_(options),
      log_(log),
      admission_(options.connections.limits()),
      inherited_(service::take_sockets()),
      listeners_(io_, log, {options.share_ports, inherited_.get()}),
      notify_(io_, [this] { return status(); }),
      reload_(io_, log),
      drain_(io_, workers_, log),
      end_timer_(io_) {}

int Relay::run() {
  for (const int fd : {options_.read_stdin ? STDIN_FILENO : -1, options_.pass ? STDOUT_FILENO : -1}) {
    const std::string refusal = fd < 0 ? std::string() : media::refuse_terminal(fd);
    if (refusal.empty()) continue;
    log_.error("{}", refusal);
    return cli::exit_usage;
  }
  listeners_.set_admission(admission_);
  // Before anybody is told that we listen: who hears it may send one at once.
  signals_.emplace(
      io_, [this] { end(); }, [this] { drain(); });
  open_pass();
  hub_.emplace(io_, options_.stream_options, pass_.get(), workers_, options_.node, log_);
  open_workers();
  if (options_.push.wanted()) open_pushes();
  if (options_.accept_publish) open_publishers();
  Result<void> opened = open_origins();
  if (opened) opened = open_cluster();
  if (opened) opened = open_listeners();
  if (opened) opened = open_admin();
  if (!opened) {
    log_.error("{}", opened.error().message);
    return cli::exit_failed;
  }
  start_workers();
  tell_ready();
  if (options_.read_stdin) net::spawn(io_.get_executor(), read_stdin(), "stdin", log_);
  io_.run();
  return finish();
}

void Relay::open_pass() {
  if (!options_.pass) return;
  pass_ = std::make_unique<media::PipeWriter>(
      STDOUT_FILENO, media::PipeWriter::Options{}, log_, [this](const Error& error) {
        asio::post(io_,
                   [this, error] { media::after_own_signal(io_, [this, error] { on_pass_failed(error); }); });
      });
}

void Relay::open_publishers() {
  publish_sink_.emplace(*hub_);
  rtmp::Publishers::Options publishing;
  publishing.grace = options_.grace;
  publishing.node = options_.node;
  publishing.limits = options_.stream_limits;
  publishing.budget = budget_;
  if (options_.takeover_kick) publishing.takeover = rtmp::Publishers::Takeover::kick;
  publishers_.emplace(io_, *publish_sink_, publishing, log_);
  for (const auto& worker : workers_)
    worker->rtmp_players().take_publisher = [this](std::shared_ptr<rtmp::ServerSession> session,
                                                   rtmp::Request request) {
      session->move_to(io_.get_executor());
      asio::post(io_, [this, session, request] {
        net::spawn(io_.get_executor(), publishers_->serve(session, request), "publisher", log_);
      });
    };
}

Result<void> Relay::open_origins() {
  if (!options_.is_edge()) return {};
  http_.emplace(io_);
  origins_.emplace(io_, options_.origins, *http_, log_);
  if (auto loaded = origins_->load(); !loaded) return loaded;
  if (!options_.origins.file.empty()) {
    reload_.add([this] {
      const auto loaded = origins_->load();
      if (!loaded) return log_.error("{}: the origins stay as they were", loaded.error().message);
      log_.info("{}: read again, {} origins in all", options_.origins.file, origins_->size());
    });
  }
  PullOptions pull = options_.pull;
  pull.budget = budget_;
  pulls_.emplace(io_, pull, *hub_, *origins_, *http_, log_);
  hub_->set_upstream(&*pulls_);
  origins_->start();
  return {};
}

Result<void> Relay::open_admin() {
  if (!options_.admin.wanted()) return {};
  RelayInstrument::Parts parts;
  if (origins_) parts.origins = &*origins_;
  if (cluster_) parts.cluster = &*cluster_;
  if (pulls_) parts.pulls = &*pulls_;
  if (pusher_) parts.pusher = &*pusher_;
  if (publishers_) parts.publishers = &*publishers_;
  parts.pass = pass_.get();
  parts.not_ready = [this] {
    if (drain_.running() || ending_) return std::string("draining");
    const bool ends = pass_failed_ && !goes_on_without_stdin();
    return std::string(ends ? "the next stage of the pipeline is gone" : "");
  };
  instrument_.emplace(*hub_, workers_, std::move(parts));
  admin_.emplace(io_, admin::AdminServer::Tool{"srs-relay", &admission_}, *instrument_, log_,
                 net::ListenOptions{options_.share_ports, inherited_.get()});
  return admin_->open(options_.admin);
}

Result<void> Relay::open_cluster() {
  if (!options_.cluster.wanted()) return {};
  auto registry = options_.cluster.registry_options(options_.node, log_);
  if (!registry) return std::move(registry).error();
  cluster_.emplace(io_, *std::move(registry), options_.cluster.advertise_pulled, options_.origins.balance,
                   *hub_, log_);
  pulls_->set_cluster(&*cluster_);
  return {};
}

void Relay::open_workers() {
  Worker::Options options = options_.worker;
  options.budget = budget_;
  for (std::size_t i = 0; i < options_.threads; ++i)
    workers_.push_back(std::make_unique<Worker>(i, options, *hub_, formats_, log_));
}

void Relay::open_pushes() {
  pusher_.emplace(*hub_, workers_, options_.push, options_.node, log_);
  if (options_.push.file.empty()) return;
  reload_.add([this] { pusher_->reload(); });
}

Result<void> Relay::open_listeners() {
  for (const net::Url& url : options_.listen) {
    std::vector<net::Listeners::Server> servers;
    for (const auto& held : workers_) {
      servers.push_back({held->io().get_executor(), [worker = held.get(), is_rtmp = url.scheme == "rtmp"](
                                                        asio::ip::tcp::socket socket, net::Ticket ticket) {
                           is_rtmp ? worker->serve_rtmp(std::move(socket), std::move(ticket))
                                   : worker->serve_http(std::move(socket), std::move(ticket));
                         }});
    }
    if (auto opened = listeners_.open_shared(url, servers); !opened) return opened;
  }
  if (inherited_) service::warn_of_unused(*inherited_, log_);
  return {};
}

void Relay::start_workers() {
  for (const auto& worker : workers_)
    worker->start([this](const std::string& what) {
      log_.error("a thread broke down: {}", what);
      asio::post(io_, [this] {
        status_ = cli::exit_failed;
        end();
      });
    });
}

void Relay::tell_ready() {
  std::vector<asio::any_io_executor> threads;
  for (const auto& worker : workers_) threads.push_back(worker->io().get_executor());
  notify_.ready(std::move(threads));
}

std::string Relay::status() const {
  return fmt::format("{} streams, {} players{}", hub_->streams().size(), players(),
                     drain_.running() ? ", draining" : "");
}

std::size_t Relay::players() const {
  std::size_t count = 0;
  for (const auto& worker : workers_) count += worker->players();
  return count;
}

asio::awaitable<void> Relay::read_stdin() {
  StdinStreams streams(*hub_, !goes_on_without_stdin(), log_);
  media::PipeReader reader(streams, options_.stream);
  std::function<asio::awaitable<void>()> before_read;
  if (pass_ && options_.on_full == media::OnFull::block) before_read = [this] { return wait_for_pass(); };
  auto read = co_await media::read_pipe(STDIN_FILENO, reader, before_read);
  if (!read) {
    log_.error("stdin: {}", read.error().message);
    status_ = cli::exit_failed;
  }
  if (!goes_on_without_stdin()) end();
}

asio::awaitable<void> Relay::wait_for_pass() {
  asio::steady_timer timer(io_);
  while (pass_->full()) {
    timer.expires_after(pass_poll);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// Without its next stage a relay ends, so that a pipeline is restarted as one; but the players that are here
// are served as long as they stay. One that takes publishers, too, goes on.
void Relay::on_pass_failed(const Error& error) {
  if (std::exchange(pass_failed_, true) || signals_->received()) return;
  status_ = cli::exit_failed;
  if (goes_on_without_stdin()) return log_.error("{}: nothing is passed on any more", error.message);
  const std::size_t players = this->players();
  log_.error("{}{}", error.message,
             players == 0 ? "" : fmt::format(": ends once its {} players have left", players));
  listeners_.close();
  end_after_last_player();
}

void Relay::end_after_last_player() {
  if (ending_) return;
  if (players() == 0) return end();
  end_timer_.expires_after(std::chrono::milliseconds(100));
  end_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) end_after_last_player();
  });
}

void Relay::drain() {
  if (ending_) return;
  if (options_.drain.count() == 0) return end();
  notify_.stopping();
  listeners_.hand_over();
  if (cluster_) cluster_->leave();
  // Shared, it is the new process's; else it goes on telling that this one drains.
  if (admin_ && options_.share_ports) admin_->hand_over();
  if (publishers_) publishers_->drain();
  hub_->leave();
  drain_.begin(
      options_.drain, [this] { return publishers_ ? publishers_->sessions() : 0; }, [this] { end(); });
}

void Relay::end() {
  if (ending_) return;
  ending_ = true;
  notify_.stopping();
  signals_->on_drained();
  drain_.stop();
  listeners_.close();
  if (cluster_) cluster_->leave();
  if (publishers_) publishers_->stop();
  hub_->leave();
  if (pulls_) pulls_->stop();
  hub_->end_all();
  if (origins_) origins_->stop();
  reload_.cancel();
  if (pusher_) pusher_->stop();
  hub_->stop();
  end_deadline_ = std::chrono::steady_clock::now() + end_time;
  check_ended();
}

void Relay::check_ended() {
  const bool pushes_done = !pusher_ || pusher_->done();
  if ((players() == 0 && pushes_done) || std::chrono::steady_clock::now() > end_deadline_) return io_.stop();
  end_timer_.expires_after(std::chrono::milliseconds(20));
  end_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) check_ended();
  });
}

int Relay::finish() {
  // Even after an input that broke off: what came before it is passed on.
  if (pass_ && !pass_failed_) {
    if (status_ == cli::exit_done) pass_->write_header_if_none();
    if (auto finished = media::finish_output(*pass_, io_, *signals_); !finished) {
      log_.error("{}", finished.error().message);
      status_ = cli::exit_failed;
    }
    pass_failed_ = true;  // whatever came of it has been told
  }
  close_sessions();
  return status_;
}

// Ends every connection, so that nothing outlives what it uses. Sessions may still be asking the hub.
void Relay::close_sessions() {
  if (admin_) admin_->close();
  signals_->cancel();
  notify_.cancel();
  end_timer_.cancel();
  reload_.cancel();
  if (pusher_) pusher_->stop();
  for (const auto& worker : workers_) worker->stop();
  const auto all_stopped = [this] {
    return std::all_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return worker->stopped(); });
  };
  do {
    io_.restart();
    io_.run_for(std::chrono::milliseconds(10));
  } while (!all_stopped());
}

}  // namespace srs::relay

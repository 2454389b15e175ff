#include "srs-relay/relay.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "net/spawn.h"
#include "pipe/finish_output.h"
#include "pipe/pipe_input.h"

namespace srs::relay {
namespace {

// How long players may take to receive the rest after the end of the input.
constexpr std::chrono::seconds end_time{3};
constexpr std::chrono::milliseconds pass_poll{2};

}  // namespace

Relay::Relay(const Options& options, const cli::Log& log)
    : options_(options),
      log_(log),
      admission_(options.connections.limits()),
      gate_(io_, log),
      inherited_(service::inherit_sockets()),
      certificates_(io_, options.tls, log),
      listeners_(io_, log, {options.share_ports, inherited_.get(), &certificates_}),
      notify_(io_, [this] { return status(); }),
      reload_(io_, log),
      drain_(io_, clock_, workers_, log),
      end_timer_(io_, clock_) {}

Relay::~Relay() {
  for (const auto& worker : workers_) worker->shut_down();
}

int Relay::run() {
  for (const int fd : {options_.read_stdin ? STDIN_FILENO : -1, options_.pass ? STDOUT_FILENO : -1}) {
    const std::string refusal = fd < 0 ? std::string() : pipe::refuse_terminal(fd);
    if (refusal.empty()) continue;
    log_.error("{}", refusal);
    return cli::exit_usage;
  }
  listeners_.set_admission(admission_);
  // Before reporting that we listen: a supervisor may send a signal as soon as it reads that.
  signals_.emplace(
      io_, [this] { end(); }, [this] { drain(); });
  const auto failed = [this](const Error& error) {
    log_.error("{}", error.message);
    return cli::exit_failed;
  };
  Result<void> opened = open_tls();
  if (opened) opened = open_access();
  if (!opened) return failed(opened.error());
  make_workers();
  open_pass();
  hub_.emplace(io_, clock_, options_.stream_options, pass_.get(), wakers_, options_.node, log_);
  if (options_.accept_publish) open_publishers();
  make_protocols();
  if (options_.push.wanted()) open_pushes();
  if (opened) opened = open_origins();
  if (opened) opened = open_cluster();
  if (opened) opened = open_listeners();
  if (opened) opened = open_admin();
  if (!opened) return failed(opened.error());
  start_workers();
  report_ready();
  if (options_.read_stdin) net::spawn(io_.get_executor(), read_stdin(), "stdin", log_);
  io_.run();
  return finish();
}

Result<void> Relay::open_access() {
  if (options_.access.has_files()) reload_.add([this] { gate_.reload(); });
  gate::warn_if_open(options_.access, options_.listen, log_);
  return gate_.open(options_.access, {"srs-relay", options_.node});
}

void Relay::open_pass() {
  if (!options_.pass) return;
  pipe::PipeWriter::Options output;
  output.annotates_files = options_.annotations;
  output.loops = {&io_};
  for (const auto& worker : workers_) output.loops.push_back(&worker->io());
  pass_ = std::make_unique<pipe::PipeWriter>(STDOUT_FILENO, output, log_, [this](const Error& error) {
    asio::post(io_, [this, error] { pipe::after_own_signal(io_, [this, error] { on_pass_failed(error); }); });
  });
}

void Relay::open_publishers() {
  live::Publications::Options publishing;
  publishing.grace = options_.grace;
  publishing.node = options_.node;
  publishing.limits = options_.stream_limits;
  publishing.rate = options_.publisher_rate;
  if (options_.takeover_kick) publishing.takeover = live::Publications::Takeover::kick;
  publishers_.emplace(*hub_, gate_, workers_, std::move(publishing), budget_, log_);
}

Result<void> Relay::open_origins() {
  if (!options_.is_edge()) return {};
  http_.emplace(io_, trust_);
  Origins::Options origins = options_.origins;
  origins.tls = trust_;
  origins_.emplace(io_, clock_, std::move(origins), *http_, log_);
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
  pull.tls = trust_;
  pulls_.emplace(io_, clock_, pull, *hub_, *origins_, *http_, log_);
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
  parts.readiness_error = [this] {
    if (drain_.running() || ending_) return std::string("draining");
    const bool ends = pass_failed_ && !goes_on_without_stdin();
    return std::string(ends ? "the next stage of the pipeline is gone" : "");
  };
  instrument_.emplace(*hub_, workers_, std::move(parts));
  admin_.emplace(io_, admin::AdminServer::Tool{"srs-relay", &admission_, &gate_}, *instrument_, log_,
                 net::ListenOptions{options_.share_ports, inherited_.get(), &certificates_});
  return admin_->open(options_.admin);
}

Result<void> Relay::open_cluster() {
  if (!options_.cluster.wanted()) return {};
  auto registry = options_.cluster.registry_options(options_.node, log_);
  if (!registry) return std::move(registry).error();
  cluster_.emplace(io_, clock_, *std::move(registry), options_.cluster.advertise_pulled,
                   options_.origins.balance, *hub_, log_);
  pulls_->set_cluster(&*cluster_);
  return {};
}

void Relay::make_workers() {
  for (std::size_t i = 0; i < options_.threads; ++i) {
    const bool rests = options_.stream_options.flush.kind == FlushPolicy::Kind::automatic;
    auto& worker = workers_.emplace_back(
        std::make_unique<Worker>(i, clock_, Worker::Options{options_.stall_timeout, rests}));
    worker->set_siblings(workers_);
    wakers_.push_back(worker.get());
  }
}

void Relay::make_protocols() {
  protocols_.reset(new ProtocolSetup{*hub_, gate_, options_, log_, budget_, {}});
  if (publishers_) protocols_->on_publisher = std::bind_front(&PublisherHomes::adopt, &*publishers_);
  for (const auto& worker : workers_) worker->set_protocols(relay::make_protocols(*worker, *protocols_));
}

void Relay::open_pushes() {
  PushOptions push = options_.push;
  push.tls = trust_;
  pusher_.emplace(*hub_, workers_, std::move(push), options_.node, log_);
  if (options_.push.file.empty()) return;
  reload_.add([this] { pusher_->reload(); });
}

Result<void> Relay::open_tls() {
  auto trust = net::TlsContext::client(options_.tls.authorities);
  if (!trust) return std::move(trust).error().in("--tls-ca");
  trust_ = *std::move(trust);
  gate_.set_trust(trust_);
  if (options_.tls.has_certificates()) reload_.add([this] { certificates_.reload(); });
  return certificates_.open();
}

Result<void> Relay::open_listeners() {
  for (const net::Url& url : options_.listen) {
    const std::size_t protocol = find_protocol(url.scheme).value();
    std::vector<net::Listeners::Server> servers;
    for (const auto& held : workers_) {
      servers.push_back({held->io().get_executor(),
                         [worker = held.get(), protocol](net::Socket socket, net::Ticket ticket) {
                           worker->protocol(protocol).serve(std::move(socket), std::move(ticket));
                         }});
    }
    if (auto opened = listeners_.open_shared(url, servers); !opened) return opened;
  }
  if (inherited_) service::warn_of_unused_sockets(*inherited_, log_);
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

void Relay::report_ready() {
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
  pipe::PipeReader reader(streams, options_.stream);
  std::function<asio::awaitable<void>()> before_read;
  if (pass_ && options_.on_full == pipe::OnFull::block) before_read = [this] { return wait_for_pass(); };
  auto read = co_await pipe::read_pipe(STDIN_FILENO, reader, before_read);
  if (!read) {
    log_.error("stdin: {}", read.error().message);
    status_ = cli::exit_failed;
  }
  if (!goes_on_without_stdin()) end();
}

asio::awaitable<void> Relay::wait_for_pass() {
  net::Timer timer(io_, clock_);
  while (pass_->full()) {
    timer.expires_after(pass_poll);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// A relay whose next stage is gone ends, so that the pipeline is restarted as a whole, but serves its
// current players until they leave. One that takes publishers or pulls continues.
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
  // A shared port goes to the new process; otherwise this one keeps reporting that it drains.
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
  gate_.close();
  if (pusher_) pusher_->stop();
  hub_->stop();
  end_deadline_ = clock_.steady() + end_time;
  check_ended();
}

void Relay::check_ended() {
  const bool pushes_done = !pusher_ || pusher_->done();
  const bool all_done = players() == 0 && pushes_done && hub_->streams().empty();
  if (all_done || clock_.steady() > end_deadline_) return io_.stop();
  end_timer_.expires_after(std::chrono::milliseconds(20));
  end_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) check_ended();
  });
}

int Relay::finish() {
  // Also after an input that broke off: pass on what came before.
  if (pass_ && !pass_failed_) {
    if (status_ == cli::exit_done) pass_->write_header_if_none();
    if (auto finished = pipe::finish_output(*pass_, io_, *signals_); !finished) {
      log_.error("{}", finished.error().message);
      status_ = cli::exit_failed;
    }
    pass_failed_ = true;  // the outcome has been logged
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
  certificates_.close();
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

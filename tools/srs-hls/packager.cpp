#include "srs-hls/packager.h"

#include <fmt/format.h>
#include <unistd.h>

#include "net/spawn.h"
#include "pipe/pipe_input.h"

namespace srs::hls {
namespace {

// After a signal the input gets this long to end by itself: Ctrl-C reaches all stages of a pipeline at once,
// and the stages before pass on the proper end of their streams.
constexpr std::chrono::milliseconds signal_grace{1'000};
// At the end, pending uploads get this long to reach the origin.
constexpr std::chrono::seconds upload_grace{10};

}  // namespace

Packager::Packager(const Options& options, const cli::Log& log)
    : options_(options),
      log_(log),
      admission_(options.connections.limits()),
      gate_(io_, log),
      sweep_timer_(io_),
      end_timer_(io_),
      reload_(io_, log),
      inherited_(service::inherit_sockets()),
      certificates_(io_, options.tls, log),
      listeners_(io_, log, {options.share_ports, inherited_.get(), &certificates_}),
      notify_(io_, [this] { return fmt::format("{} streams", streams_->open()); }) {}

int Packager::run() {
  if (const std::string refusal = pipe::refuse_terminal(STDIN_FILENO); !refusal.empty()) {
    log_.error("{}", refusal);
    return cli::exit_usage;
  }
  // Before the readiness notification: its receiver may send a signal at once.
  signals_.emplace(io_, [this] { on_signal(); });
  if (auto opened = open(); !opened) {
    log_.error("{}", opened.error().message);
    return cli::exit_failed;
  }
  notify_.ready();
  net::spawn(io_.get_executor(), read_stdin(), "stdin", log_);
  sweep_each_second();
  io_.run();
  return finish();
}

Result<void> Packager::open() {
  if (options_.access.has_files()) reload_.add([this] { gate_.reload(); });
  gate::warn_if_open(options_.access, options_.listen, log_);
  if (auto opened = open_tls(); !opened) return opened;
  if (auto opened = gate_.open(options_.access, {"srs-hls", {}}); !opened) return opened;
  if (auto opened = open_places(); !opened) return opened;
  if (!options_.listen.empty())
    if (auto opened = open_listeners(); !opened) return opened;
  if (inherited_) service::warn_of_unused_sockets(*inherited_, log_);
  return open_admin();
}

Result<void> Packager::open_tls() {
  auto trust = net::TlsContext::client(options_.tls.authorities);
  if (!trust) return std::move(trust).error().in("--tls-ca");
  trust_ = *std::move(trust);
  gate_.set_trust(trust_);
  if (options_.tls.has_certificates()) reload_.add([this] { certificates_.reload(); });
  return certificates_.open();
}

// Opens the places that files go to, and the streams that write them.
Result<void> Packager::open_places() {
  Places places;
  if (const auto& name = options_.directory.empty() ? options_.state : options_.directory; !name.empty()) {
    auto directory = Directory::open(name);
    if (!directory) return std::move(directory).error();
    directory_.emplace(*std::move(directory));
    places.directory = &*directory_;
    const auto keeps =
        options_.state.empty() ? DirectoryOutlet::Keeps::everything : DirectoryOutlet::Keeps::playlists;
    outlets_.push_back(std::make_unique<DirectoryOutlet>(*directory_, clock_, log_, keeps));
  }
  const auto open = [](const std::string& path, std::optional<Directory>& to) -> Result<void> {
    if (path.empty()) return {};
    auto directory = Directory::open(path);
    if (!directory) return std::move(directory).error();
    to.emplace(*std::move(directory));
    return {};
  };
  if (auto opened = open(options_.settings.presentation.keys.directory, key_directory_); !opened)
    return opened;
  if (auto opened = open(options_.settings.record.directory, record_directory_); !opened) return opened;
  open_upload();
  for (const auto& outlet : outlets_) places.outlets.push_back(outlet.get());
  const Streams::Directories directories{key_directory_ ? &*key_directory_ : nullptr,
                                         record_directory_ ? &*record_directory_ : nullptr};
  streams_.emplace(options_.settings, options_.stream, places, directories, clock_, log_);
  return {};
}

void Packager::open_upload() {
  if (options_.upload.url.empty()) return;
  UploadSettings settings = options_.upload;
  settings.tls = trust_;
  auto uploader = std::make_unique<Uploader>(io_, std::move(settings), log_);
  uploader_ = uploader.get();
  outlets_.push_back(std::move(uploader));
  reload_.add([this] { uploader_->reload(); });
}

Result<void> Packager::open_listeners() {
  if (!options_.directory.empty()) {
    auto files = http::StaticFiles::open(options_.directory);
    if (!files) return std::move(files).error();
    files_.emplace(*std::move(files));
  }
  delivery_.emplace(io_, gate_, *streams_, files_ ? &*files_ : nullptr, clock_);
  http::ServerOptions server_options;
  server_options.on_error = [this](const std::string& what) { log_.error("{}", what); };
  server_options.on_foreign = [this](const std::string& address, std::string_view what) {
    log_.warning_by({"bad HTTP peer", address}, "{}: it speaks {}", address, what);
  };
  server_options.on_answered = [this](const http::Request& request, int status) {
    log_.debug("{} {} {}: {}", request.remote_address, request.method, request.path, status);
  };
  server_.emplace([this](http::Request request) { return delivery_->answer(std::move(request)); },
                  server_options);
  listeners_.set_admission(admission_);
  for (const net::Url& url : options_.listen) {
    auto opened = listeners_.open(url, [this](net::Socket socket, net::Ticket ticket) {
      server_->serve(std::move(socket), std::move(ticket));
    });
    if (!opened) return opened;
  }
  return {};
}

Result<void> Packager::open_admin() {
  if (!options_.admin.wanted()) return {};
  instrument_.emplace(*streams_, server_ ? &*server_ : nullptr, delivery_ ? &delivery_->viewers() : nullptr,
                      [this] { return std::string(ending_ ? "the program ends" : ""); });
  admin_.emplace(io_, admin::AdminServer::Tool{"srs-hls", &admission_, &gate_}, *instrument_, log_,
                 net::ListenOptions{options_.share_ports, inherited_.get(), &certificates_});
  return admin_->open(options_.admin);
}

asio::awaitable<void> Packager::read_stdin() {
  pipe::PipeReader reader(*streams_, options_.stream);
  const auto read = co_await pipe::read_pipe(STDIN_FILENO, reader);
  if (!read) {
    log_.error("stdin: {}", read.error().message);
    status_ = cli::exit_failed;
  }
  on_input_end();
}

void Packager::on_input_end() {
  input_ended_ = true;
  if (status_ == cli::exit_done && !options_.stream.empty() && !streams_->any_begun()) {
    log_.error("{}: no such stream in the input", options_.stream);
    status_ = cli::exit_failed;
  }
  end_timer_.expires_after(signals_->received() ? std::chrono::milliseconds(0) : options_.linger);
  end_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) io_.stop();
  });
}

void Packager::on_signal() {
  ending_ = true;
  const bool waits = !input_ended_ && streams_->any_open();
  end_timer_.expires_after(waits ? signal_grace : std::chrono::milliseconds(0));
  end_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) io_.stop();
  });
}

void Packager::sweep_each_second() {
  sweep_timer_.expires_after(std::chrono::seconds(1));
  sweep_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    streams_->sweep();
    if (delivery_) delivery_->tick();
    sweep_each_second();
  });
}

// Finishes the files, then ends every connection, so that nothing outlives what it uses. Returns the exit
// status.
int Packager::finish() {
  notify_.stopping();
  streams_->cut_off();
  if (uploader_ != nullptr) {
    io_.restart();
    uploader_->drain(clock_.steady() + upload_grace);
  }
  if (streams_->any_failed()) status_ = cli::exit_failed;
  signals_->cancel();
  sweep_timer_.cancel();
  end_timer_.cancel();
  notify_.cancel();
  reload_.cancel();
  gate_.close();
  certificates_.close();
  listeners_.close();
  if (admin_) admin_->close();
  io_.restart();
  if (server_) {
    server_->drain();
    // Lets players receive their current answers.
    const auto deadline = clock_.steady() + std::chrono::seconds(1);
    while (server_->connections() > 0 && clock_.steady() < deadline)
      io_.run_one_for(std::chrono::milliseconds(50));
    server_->close();
  }
  return status_;
}

}  // namespace srs::hls

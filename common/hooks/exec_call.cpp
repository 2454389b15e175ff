// A call-back that is a program. It is run by itself, never by a shell; what it has to know is in its
// environment, which holds nothing else, so that no text of a peer is ever part of a command:
//
//   SRS_ACTION, SRS_PATH, SRS_PROTOCOL, SRS_ADDRESS, SRS_AGENT, SRS_USER, SRS_QUERY, SRS_ID, SRS_NODE
//   SRS_DIRECTORY, SRS_FILE, SRS_DURATION_S, SRS_BYTES    of events that are told
//
// It reads nothing, may print a reason as its first line, and shares our standard error. All other
// descriptors are closed. It has a process group of its own, which is ended as a whole: at its time-out by
// SIGTERM, half a second later by SIGKILL; and what is left of the group when the program itself has ended,
// by SIGKILL.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "cli/log.h"
#include "hooks/call.h"

namespace srs::hooks {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds grace{500};  // from SIGTERM to SIGKILL
constexpr std::size_t max_line_bytes = 256;
constexpr std::size_t max_query_bytes = 4096;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

std::vector<std::string> environment_of(const Event& event, const Sender& sender) {
  const access::Question& about = event.about;
  const bool is_question = access::is_asked(event.kind);
  std::vector<std::string> all = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  const auto add = [&](const char* name, std::string_view text) {
    all.push_back(fmt::format("SRS_{}={}", name, cli::peer_text(text)));
  };
  add("ACTION", action_of(event));
  add("PATH", about.path);
  add("PROTOCOL", about.protocol);
  add("ADDRESS", about.address);
  add("AGENT", about.agent);
  add("USER", is_question ? about.credentials.user : event.user);
  add("ID", event.client.id);
  add("NODE", sender.node);
  if (is_question) {
    all.push_back("SRS_QUERY=" + cli::printable(about.credentials.query));
    return all;
  }
  all.push_back("SRS_DIRECTORY=" + cli::printable(event.directory));
  all.push_back("SRS_FILE=" + cli::printable(event.file));
  add("DURATION_S", fmt::format("{:.3f}", static_cast<double>(event.duration.count()) / 1000));
  add("BYTES", fmt::format("{}", event.sent_bytes + event.received_bytes));
  return all;
}

// posix_spawn()'s two objects.
struct SpawnPlan {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

  explicit SpawnPlan(int output) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

Result<pid_t> spawn(const std::string& program, const std::vector<std::string>& environment, int output) {
  SpawnPlan plan(output);
  std::vector<char*> variables;
  for (const std::string& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  char* const arguments[] = {const_cast<char*>(program.c_str()), nullptr};
  pid_t pid = 0;
  const int failed =
      ::posix_spawn(&pid, program.c_str(), &plan.files, &plan.attributes, arguments, variables.data());
  if (failed != 0) return system_error("cannot run " + program, failed);
  return pid;
}

// A child of ours that has not been waited for: its number cannot belong to another process.
class Process {
 public:
  explicit Process(pid_t pid) : pid_(pid) {}
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal_group(int signal) const {
    if (!is_waited_for_) ::kill(-pid_, signal);
  }
  // After its end: its exit status, or the number of the signal that ended it as a negative one; none:
  // somebody else has taken it.
  std::optional<int> wait();
  pid_t pid() const { return pid_; }

 private:
  bool try_wait(siginfo_t& info);

  const pid_t pid_;
  bool is_waited_for_ = false;
};

Process::~Process() {
  signal_group(SIGKILL);
  siginfo_t info{};
  for (int i = 0; i < 100 && !is_waited_for_ && !try_wait(info); ++i)
    std::this_thread::sleep_for(milliseconds(1));
}

bool Process::try_wait(siginfo_t& info) {
  const int failed = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG);
  is_waited_for_ = failed != 0 || info.si_pid == pid_;
  return failed == 0 && is_waited_for_;
}

// The group is ended first, while its number is still taken.
std::optional<int> Process::wait() {
  signal_group(SIGKILL);
  siginfo_t info{};
  if (!try_wait(info)) return std::nullopt;
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

class ExecCall : public Call, public std::enable_shared_from_this<ExecCall> {
 public:
  ExecCall(asio::io_context& io, Handlers handlers)
      : io_(io), handlers_(std::move(handlers)), output_(io), end_(io), timer_(io) {}

  Result<void> start(const std::string& program, const Event& event, const Sender& sender);
  void fail(Error error);
  void watch(milliseconds time);

 private:
  void read_output();
  bool read_some();
  void on_time_out();
  void on_exit();
  void answer(Result<Received> received);

  asio::io_context& io_;
  const Handlers handlers_;
  std::optional<Process> process_;
  asio::posix::stream_descriptor output_;
  asio::posix::stream_descriptor end_;  // readable once the process has ended
  asio::steady_timer timer_;
  std::string line_;
  bool line_is_whole_ = false;
  bool answered_ = false;
};

Result<void> ExecCall::start(const std::string& program, const Event& event, const Sender& sender) {
  if (event.about.credentials.query.size() > max_query_bytes)
    return Error{Errc::too_large,
                 fmt::format("a query of more than {} KiB is not passed on", max_query_bytes / 1024)};
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
  Descriptor reads(ends[0]), writes(ends[1]);
  const auto pid = spawn(program, environment_of(event, sender), writes.get());
  if (!pid) return pid.error();
  process_.emplace(*pid);
  Descriptor end(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (end.get() < 0) return system_error("cannot watch a process", errno);
  output_.assign(reads.release());
  output_.non_blocking(true);
  end_.assign(end.release());
  return {};
}

void ExecCall::fail(Error error) {
  process_.reset();
  asio::post(io_, [weak = weak_from_this(), error = std::move(error)] {
    const auto self = weak.lock();
    if (!self) return;
    self->answer(error);
    self->handlers_.on_end();
  });
}

void ExecCall::watch(milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    if (const auto self = weak.lock(); self && !cancelled) self->on_time_out();
  });
  end_.async_wait(asio::posix::descriptor_base::wait_read,
                  [weak = weak_from_this()](const asio::error_code& error) {
                    if (const auto self = weak.lock(); self && !error) self->on_exit();
                  });
  read_output();
}

// All of it, so that the program does not wait for a reader; only the first line is kept.
void ExecCall::read_output() {
  output_.async_wait(asio::posix::descriptor_base::wait_read,
                     [weak = weak_from_this()](const asio::error_code& error) {
                       const auto self = weak.lock();
                       if (self && !error && self->process_ && self->read_some()) self->read_output();
                     });
}

// False: nothing more comes.
bool ExecCall::read_some() {
  std::array<char, 16 * 1024> bytes;
  const ssize_t size = ::read(output_.native_handle(), bytes.data(), bytes.size());
  if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
  const std::string_view text(bytes.data(), static_cast<std::size_t>(size));
  if (!line_is_whole_) line_ += text.substr(0, std::min(text.find('\n'), max_line_bytes + 1));
  line_is_whole_ = line_is_whole_ || text.find('\n') != text.npos || line_.size() > max_line_bytes;
  return true;
}

void ExecCall::on_time_out() {
  if (!process_) return;
  answer(Error{Errc::timed_out, "it takes too long"});
  process_->signal_group(SIGTERM);
  timer_.expires_after(grace);
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled && self->process_) self->process_->signal_group(SIGKILL);
  });
}

void ExecCall::on_exit() {
  timer_.cancel();
  const auto status = process_->wait();
  if (!line_is_whole_) read_some();
  process_.reset();
  output_.close();
  end_.close();
  if (!status)
    answer(Error{Errc::io, "nobody knows its exit status: SIGCHLD is ignored in this process"});
  else if (*status < 0)
    answer(Error{Errc::io, fmt::format("it was ended by signal {}", -*status)});
  else
    answer(Received{*status, line_});
  handlers_.on_end();
}

void ExecCall::answer(Result<Received> received) {
  if (!std::exchange(answered_, true)) handlers_.on_answer(std::move(received));
}

// Owns what its own waits refer to.
struct ExecCallOwner : Call {
  explicit ExecCallOwner(std::shared_ptr<ExecCall> owned) : call(std::move(owned)) {}
  std::shared_ptr<ExecCall> call;
};

}  // namespace

std::unique_ptr<Call> exec_call(asio::io_context& io, const std::string& program, const Event& event,
                                const Sender& sender, milliseconds time, Call::Handlers handlers) {
  auto call = std::make_shared<ExecCall>(io, std::move(handlers));
  if (auto started = call->start(program, event, sender); !started)
    call->fail(std::move(started).error());
  else
    call->watch(time);
  return std::make_unique<ExecCallOwner>(std::move(call));
}

Decision exec_decision(const Received& answer) {
  if (answer.status == 0) return allowed();
  if (answer.status != 1) return failed(fmt::format("it exited with {}", answer.status));
  return refused(answer.body.empty() ? "not allowed" : cli::peer_text(answer.body));
}

}  // namespace srs::hooks

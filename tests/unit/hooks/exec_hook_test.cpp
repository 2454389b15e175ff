// Call-backs that are programs.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/hooks/hook_server.h"

namespace srs::hooks {
namespace {

using Refused = access::Refusal::Kind;

// A directory with a script in it.
class Script {
 public:
  explicit Script(const std::string& text, const std::string& first_line = "#!/bin/sh\n") {
    char name[] = "/tmp/srs-hooks-XXXXXX";
    directory_ = ::mkdtemp(name);
    std::ofstream(file("script")) << first_line << text;
    ::chmod(file("script").c_str(), 0700);
  }
  ~Script() { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& name) const { return directory_ + "/" + name; }
  std::string read(const std::string& name) const {
    std::ifstream in(file(name));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  // Waits for it.
  bool has(const std::string& name) const {
    for (int i = 0; i < 300 && read(name).empty(); ++i) std::this_thread::sleep_for(10ms);
    return !read(name).empty();
  }
  HookRules rules() const { return hooks::rules("exec:" + file("script")); }

 private:
  std::string directory_;
};

access::Verdict ask(const HookRules& rules, const access::Question& question = publish_of("live/cam1")) {
  Tool tool(rules);
  return tool.ask(question);
}

bool runs(const std::string& pid) {
  return ::kill(std::stoi(pid), 0) == 0;
}

bool ends(const std::string& pid) {
  for (int i = 0; i < 300 && runs(pid); ++i) std::this_thread::sleep_for(10ms);
  return !runs(pid);
}

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

TEST_CASE("0 allows, 1 refuses with the first line as the reason, others are errors") {
  CHECK(ask(Script("exit 0").rules()));
  const auto no = ask(Script("echo not paid; echo more; exit 1").rules());
  REQUIRE_FALSE(no);
  CHECK(no.refusal.kind == Refused::forbidden);
  CHECK(no.refusal.why == "call-back billing: not paid");
  CHECK(ask(Script("exit 1").rules()).refusal.why == "call-back billing: not allowed");
  CHECK(ask(Script("exit 2").rules()).refusal.kind == Refused::unavailable);
  CHECK(ask(Script("kill -9 $$").rules()).refusal.why == "call-back billing: it was ended by signal 9");
  HookRules lenient = Script("exit 2").rules();
  lenient.allow_on_error = true;
  CHECK(ask(lenient));  // and the script is gone already
  CHECK_FALSE(has_children());
}

TEST_CASE("what cannot be run is an error") {
  Script script("exit 0");
  CHECK(ask(rules("exec:/no/such/program")).refusal.kind == Refused::unavailable);
  CHECK(ask(rules("exec:/tmp")).refusal.kind == Refused::unavailable);
  CHECK(ask(Script("exit 0", "").rules()).refusal.kind ==
        Refused::unavailable);  // no shell guesses what it is
  ::chmod(script.file("script").c_str(), 0600);
  CHECK(ask(script.rules()).refusal.kind == Refused::unavailable);
  CHECK_FALSE(has_children());
}

TEST_CASE("it gets its environment, bounded and printable, and nothing else") {
  ::setenv("SRS_TEST_SECRET", "hush", 1);
  Script script(
      "env -0 | tr '\\n\\0' '~\\n' | sort > \"$(dirname \"$0\")/env\"; echo $# > \"$(dirname \"$0\")/args\"");
  access::Question question = publish_of("live/cam1");
  question.agent = "a\nSRS_PATH=x" + std::string(500, 'y');
  question.credentials.user = "alice; rm -rf / `id` $(id)";
  question.credentials.password = "secret-password";
  question.credentials.query = "key=a\x01&b=$(id)";
  CHECK(ask(script.rules(), question));
  const std::string all = script.read("env");
  CHECK(all.find("SRS_ACTION=publish\n") != all.npos);
  CHECK(all.find("SRS_ADDRESS=10.0.0.7:50123\n") != all.npos);
  CHECK(all.find("\nSRS_PATH=live/cam1\n") != all.npos);
  CHECK(all.find("SRS_PROTOCOL=rtmp\n") != all.npos);
  CHECK(all.find("SRS_USER=alice; rm -rf / `id` $(id)\n") != all.npos);
  CHECK(all.find("SRS_QUERY=key=a\\x01&b=$(id)\n") != all.npos);
  CHECK(all.find("SRS_AGENT=a\\x0aSRS_PATH=xyyy") != all.npos);
  CHECK(all.find("SRS_NODE=edge1\n") != all.npos);
  CHECK(all.find("secret-password") == all.npos);
  CHECK(all.find("SRS_TEST_SECRET") == all.npos);
  CHECK(all.size() < 1200);
  CHECK(script.read("args") == "0\n");
  question.credentials.query = std::string(5000, 'q');
  CHECK(ask(script.rules(), question).refusal.kind == Refused::unavailable);
}

TEST_CASE("it inherits no descriptor, no blocked signal, and reads nothing") {
  const int open_file = ::open("/dev/zero", O_RDONLY);  // not close-on-exec
  REQUIRE(open_file > 2);
  Script script(
      "cd \"$(dirname \"$0\")\"; ls /proc/self/fd > fds; grep SigBlk /proc/self/status > signals; cat > in; "
      "echo done > done");
  CHECK(ask(script.rules()));
  CHECK(script.read("done") == "done\n");
  CHECK(script.read("in").empty());
  CHECK(script.read("fds") == "0\n1\n2\n3\n");  // 3: the directory that ls reads
  CHECK(script.read("signals") == "SigBlk:\t0000000000000000\n");
  ::close(open_file);
}

TEST_CASE("one that sleeps is ended at its time-out") {
  Script script("echo $$ > \"$(dirname \"$0\")/pid\"; sleep 100");
  HookRules brief = script.rules();
  brief.timeout = 1s;
  Tool tool(brief);
  CHECK(time_of([&] { CHECK(tool.ask(publish_of("live/cam1")).refusal.kind == Refused::unavailable); }) < 5s);
  CHECK(ends(script.read("pid").substr(0, script.read("pid").find('\n'))));
}

TEST_CASE("one that ignores SIGTERM is killed, with its children") {
  Script script(
      "trap '' TERM; cd \"$(dirname \"$0\")\"; (while :; do sleep 0.1; done) & echo $! > child; echo $$ > "
      "pid; "
      "while :; do sleep 0.1; done");
  HookRules brief = script.rules();
  brief.timeout = 1s;
  brief.connections = 1;
  Tool tool(brief);
  CHECK_FALSE(tool.ask(publish_of("live/cam1")));
  CHECK(tool.figures().running == 1);  // it counts as long as it lives
  CHECK(ends(script.read("pid")));
  CHECK(ends(script.read("child")));
  std::this_thread::sleep_for(50ms);
  CHECK(tool.figures().running == 0);
}

TEST_CASE("one that leaves children behind does not hold us, nor do they stay") {
  Script script("sleep 100 & echo $! > \"$(dirname \"$0\")/child\"; exit 0");
  CHECK(time_of([&] { CHECK(ask(script.rules())); }) < 3s);
  CHECK(ends(script.read("child")));
}

TEST_CASE("one that prints much is read to its end") {
  CHECK(ask(Script("head -c 5000000 /dev/zero; exit 0").rules()));
  const auto no = ask(Script("head -c 5000000 /dev/zero | tr '\\0' 'x'; exit 1").rules());
  CHECK(no.refusal.why == "call-back billing: " + std::string(256, 'x') + "...");
  CHECK(ask(Script("printf 'a\\033[2Jb'; exit 1").rules()).refusal.why == "call-back billing: a\\x1b[2Jb");
  HookRules endless = Script("exec cat /dev/zero").rules();
  endless.timeout = 300ms;
  Script script("exec cat /dev/zero");
  endless.url = script.rules().url;
  CHECK(ask(endless).refusal.kind == Refused::unavailable);
}

TEST_CASE("processes at a time are bounded") {
  Script script("cd \"$(dirname \"$0\")\"; : > run.$$; ls run.* | wc -l >> counts; sleep 0.05; rm run.$$");
  HookRules few = script.rules();
  few.connections = 2;
  few.timeout = 10s;
  Tool tool(few);
  for (const auto& verdict : tool.ask_all(std::vector(10, publish_of("live/cam1")))) CHECK(verdict);
  std::istringstream counts(script.read("counts"));
  int processes = 0, lines = 0;
  for (int count = 0; counts >> count; ++lines) processes = std::max(processes, count);
  CHECK(lines == 10);
  CHECK(processes <= 2);
  CHECK_FALSE(has_children());
}

TEST_CASE("events are told, with what was") {
  Script script("env > \"$(dirname \"$0\")/env\"");
  HookRules told = script.rules();
  also(told, HookEvent::record);
  Tool tool(told);
  tool.hooks().tell({.kind = HookEvent::record,
                     .about = publish_of("live/cam1"),
                     .user = "alice",
                     .sent_bytes = 7,
                     .duration = 12'500ms,
                     .directory = "/srv",
                     .file = "cam1.flv"});
  for (int i = 0; i < 300 && tool.figures().told == 0; ++i) std::this_thread::sleep_for(10ms);
  const std::string all = script.read("env");
  for (const char* part : {"SRS_ACTION=record\n", "SRS_FILE=cam1.flv\n", "SRS_DURATION_S=12.500\n",
                           "SRS_BYTES=7\n", "SRS_USER=alice\n"})
    CHECK_MESSAGE(all.find(part) != all.npos, part);
  CHECK(all.find("SRS_QUERY") == all.npos);
}

TEST_CASE("the end kills what runs") {
  Script script("trap '' TERM; echo $$ > \"$(dirname \"$0\")/pid\"; while :; do sleep 0.1; done");
  HookRules told = script.rules();
  also(told, HookEvent::stop);
  told.timeout = 60s;
  std::string pid;
  CHECK(time_of([&] {
          Tool tool(told);
          tool.hooks().tell({.kind = HookEvent::stop, .about = publish_of("live/cam1")});
          REQUIRE(script.has("pid"));
          pid = script.read("pid");
        }) < 2s);
  CHECK_FALSE(runs(pid));
  CHECK_FALSE(has_children());
}

TEST_CASE("another's children are left alone") {
  const pid_t other = ::fork();
  if (other == 0) ::_exit(7);
  CHECK(ask(Script("exit 0").rules()));
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(other), &info, WEXITED) == 0);
  CHECK(info.si_status == 7);
}

}  // namespace srs::hooks

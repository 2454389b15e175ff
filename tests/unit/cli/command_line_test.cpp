#include "cli/command_line.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "cli/usage_message.h"

using namespace srs;
using namespace std::chrono_literals;

namespace {

enum class Fruit { apple, pear };

// A tool with an option of each kind.
struct Tool {
  cli::CommandLine command{"tool", "does something"};
  std::chrono::milliseconds wait = 5s;
  std::uint64_t most_bytes = 64 << 20;
  Fruit fruit = Fruit::pear;
  std::optional<Fruit> other;
  unsigned threads = 1;
  bool pass = false;
  bool clock = true;
  std::string name, first;
  std::vector<std::string> listen;

  Tool() {
    CLI::App& app = command.app();
    cli::add_duration(app, "--wait", wait, "how long");
    cli::add_size(app, "--most", most_bytes, "how much");
    const std::vector<std::pair<std::string, Fruit>> fruits{{"apple", Fruit::apple}, {"pear", Fruit::pear}};
    cli::add_choice(app, "--fruit", fruit, fruits, "which");
    cli::add_choice(app, "--other", other, fruits, "which else");
    cli::add_number(app, "-n,--threads", threads, 1, 16, "how many");
    cli::add_flag(app, "--pass", pass, "on and on");
    cli::add_flag(app, "!--no-clock", clock, "without");
    cli::add_value(app, "--name", name, "NAME", "whose");
    cli::add_values(app, "--listen", listen, "URL", "where");
    cli::add_argument(app, "FIRST", first, "what");
  }

  std::optional<int> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "tool");
    return command.parse(static_cast<int>(arguments.size()), arguments.data());
  }
  // The error; empty: none.
  std::string refuse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());
    try {
      command.app().parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return cli::usage_message(command.app(), error);
    }
    return {};
  }
};

std::string refuse(std::vector<std::string> arguments) {
  return Tool().refuse(std::move(arguments));
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    descriptor_ = ::memfd_create("config", MFD_CLOEXEC);
    REQUIRE(::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  ~TemporaryFile() { ::close(descriptor_); }
  const std::string& path() const { return path_; }

 private:
  int descriptor_ = -1;
  std::string path_;
};

// The error of a configuration, without the file's name.
std::string refuse_config(std::string_view text) {
  const TemporaryFile file(text);
  std::string said = refuse({"--config", file.path()});
  REQUIRE(said.starts_with(file.path()));
  return said.substr(file.path().size());
}

}  // namespace

TEST_CASE("options of all kinds accept their values") {
  Tool tool;
  CHECK(tool.parse({"--wait", "2s", "--most", "1M", "--fruit", "apple", "--other=pear", "-n", "4",
                    "--pass"}) == std::nullopt);
  CHECK(tool.wait == 2s);
  CHECK(tool.most_bytes == 1 << 20);
  CHECK(tool.fruit == Fruit::apple);
  CHECK(tool.other == Fruit::pear);
  CHECK(tool.threads == 4);
  CHECK(tool.pass);
}

TEST_CASE("a wrong option is a usage error, and so is a value that cannot be read") {
  CHECK(Tool().parse({"--wait", "soon"}) == cli::exit_usage);
  CHECK(Tool().parse({"--no-such-option"}) == cli::exit_usage);
}

TEST_CASE("an unknown option is reported first, with a suggestion") {
  CHECK(refuse({"--wiat", "2s"}) == "there is no option --wiat: did you mean --wait?");
  CHECK(refuse({"-wait", "2s"}) == "there is no option -wait: did you mean --wait?");
  CHECK(refuse({"--lisen=rtmp://h/a/secret"}) == "there is no option --lisen: did you mean --listen?");
  CHECK(refuse({"--subscribe"}) == "there is no option --subscribe");
  CHECK(refuse({"--subscribe", "a", "b", "c"}) == "there is no option --subscribe");
  CHECK(refuse({"a", "b"}) == "'b' is one argument too many");
  CHECK(refuse({"a", "rtmp://h/a/secret"}) == "'rtmp://...' is one argument too many");
}

TEST_CASE("a refused value is reported with the accepted ones") {
  CHECK(refuse({"--fruit", "pera"}) == "--fruit: 'pera' is none of apple, pear: did you mean pear?");
  CHECK(refuse({"--fruit", "Pear"}) == "--fruit: 'Pear' is none of apple, pear: did you mean pear?");
  CHECK(refuse({"--other", "1"}) == "--other: '1' is none of apple, pear");
  CHECK(refuse({"--threads", "17"}) == "--threads: '17' is not a whole number from 1 to 16");
  for (const char* wrong : {"", "0", "-1", "1x", " 1", "1.5", "99999999999999999999"})
    CHECK(refuse({"--threads", wrong}) ==
          "--threads: '" + std::string(wrong) + "' is not a whole number from 1 to 16");
  CHECK(refuse({"--wait", "soon"}).starts_with("--wait: 'soon' is not a duration"));
  CHECK(refuse({"--most", "much"}).starts_with("--most: 'much' is not a size"));
}

TEST_CASE("an option without its value, or given twice, is reported") {
  CHECK(refuse({"--wait"}) == "--wait needs a value: DURATION");
  CHECK(refuse({"--fruit"}) == "--fruit needs a value: apple|pear");
  CHECK(refuse({"--wait", "1s", "--wait", "2s"}) == "--wait is given more than once");
}

TEST_CASE("an unknown command is named") {
  cli::CommandLine command("tool", "does something");
  command.app().require_subcommand(1);
  command.app().add_subcommand("play", "one")->fallthrough();
  command.app().add_subcommand("publish", "the other")->fallthrough();
  const auto said = [&](std::vector<std::string> arguments) -> std::string {
    std::reverse(arguments.begin(), arguments.end());
    try {
      command.app().parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return cli::usage_message(command.app(), error);
    }
    return {};
  };
  CHECK(said({"plya", "x"}) == "there is no command 'plya': did you mean play?");
  CHECK(said({"stream"}) == "there is no command 'stream': give play or publish");
  CHECK(said({"play", "--log-fromat", "json"}) ==
        "there is no option --log-fromat: did you mean --log-format?");
}

TEST_CASE("--help shows the values of an option and its default") {
  Tool tool;
  const std::string help = tool.command.app().help();
  for (const char* line :
       {"--wait DURATION ", "how long [default: 5s]\n", "how much [default: 64MiB]\n", "--fruit apple|pear ",
        "which [default: pear]\n", "which else\n", "how many [default: 1]\n"})
    CHECK_MESSAGE(help.find(line) != help.npos, line);
  for (const char* innards : {"TEXT", "{", "UINT", " in ["})
    CHECK_MESSAGE(help.find(innards) == help.npos, innards);
}

TEST_CASE("a configuration file sets options, and the command line wins") {
  const TemporaryFile file(
      "wait = 3s\nmost=1M\nfruit = \"apple\"\nthreads=2\npass\nno-clock = yes\nname = a name, with commas\n"
      "listen = rtmp://a, rtmp://b\nlisten = ['rtmp://c d']\nFIRST = x y\nquiet=false\n");
  Tool tool;
  CHECK(tool.parse({"--config", file.path().c_str(), "--threads", "4"}) == std::nullopt);
  CHECK(tool.wait == 3s);
  CHECK(tool.most_bytes == 1 << 20);
  CHECK(tool.fruit == Fruit::apple);
  CHECK(tool.threads == 4);
  CHECK(tool.pass);
  CHECK_FALSE(tool.clock);
  CHECK(tool.name == "a name, with commas");
  CHECK(tool.first == "x y");
  CHECK(tool.listen == std::vector<std::string>{"rtmp://a", "rtmp://b", "rtmp://c d"});
}

TEST_CASE("a flag that is false in a configuration file is not set") {
  const TemporaryFile file("pass = off\nno-clock=0\n");
  Tool tool;
  CHECK(tool.parse({"--config", file.path().c_str()}) == std::nullopt);
  CHECK_FALSE(tool.pass);
  CHECK(tool.clock);
}

TEST_CASE("an unknown name in a configuration file is an error with its line") {
  CHECK(refuse_config("wait=2s\nwiat=3s\n") == ", line 2: there is no option 'wiat': did you mean wait?");
  CHECK(refuse_config("[relay]\nwait=2s\n") ==
        ", line 2: there is no section [relay] here: options stand without one");
  CHECK(refuse_config("\nfruit=pera") ==
        ", line 2: --fruit: 'pera' is none of apple, pear: did you mean pear?");
  CHECK(refuse_config("threads=many") == ", line 1: --threads: 'many' is not a whole number from 1 to 16");
  CHECK(refuse_config("wait") == ", line 1: 'wait' needs a value: wait=DURATION");
  CHECK(refuse_config("pass=perhaps") == ", line 1: 'pass' is a flag: it is true or false");
  CHECK(refuse_config("wait=2s\nwait=3s") == ", line 2: 'wait' is there already, in line 1");
  CHECK(refuse_config("wait=[2s, 3s]") == ", line 1: 'wait' takes one value");
  CHECK(refuse_config("config=other") == ", line 1: 'config' is for the command line only");
  CHECK(refuse_config("help") == ", line 1: 'help' is for the command line only");
  CHECK(refuse_config("a='").starts_with(", line 1: "));
}

TEST_CASE("a section of a configuration file belongs to a command") {
  const TemporaryFile file("wait=2s\n[play]\nURL=a\n[publish]\nURL=b\n"), wrong("[plya]\nURL=a\n");
  for (const std::string used : {"play", "publish"}) {
    cli::CommandLine command("tool", "does something");
    command.app().require_subcommand(1);
    std::chrono::milliseconds wait{};
    std::string url;
    cli::add_duration(command.app(), "--wait", wait, "how long");
    for (const char* name : {"play", "publish"})
      command.app().add_subcommand(name, "one")->fallthrough()->add_option("URL", url, "where")->required();
    const std::vector<const char*> arguments{"tool", used.c_str(), "--config", file.path().c_str()};
    CHECK(command.parse(static_cast<int>(arguments.size()), arguments.data()) == std::nullopt);
    CHECK(url == (used == "play" ? "a" : "b"));
    CHECK(wait == 2s);
  }
}

TEST_CASE("an unreadable configuration file is reported with the reason") {
  CHECK(refuse({"--config", "/no/such/file"}) ==
        "--config: cannot read /no/such/file: No such file or directory");
  CHECK(refuse({"--config", "/"}) == "--config: cannot read /: Is a directory");
}

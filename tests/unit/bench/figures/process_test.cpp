#include "srs-bench/figures/process.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <limits>

using namespace srs;
using namespace srs::bench;

TEST_CASE("/proc/PID/stat, with a name of spaces and parentheses") {
  const char* text =
      "4242 (a (b) c) S 17 4242 4242 0 -1 4194560 100 200 0 0 1234 567 89 11 20 0 7 0 5000 1000 200 "
      "18446744073709551615 1 1 0\n";
  const auto stat = parse_process_stat(text);
  REQUIRE(stat.ok());
  CHECK(stat->parent == 17);
  CHECK(stat->reaped_ticks == 100);
  CHECK(stat->threads == 7);
}

TEST_CASE("an invalid /proc/PID/stat is an error") {
  for (const char* text : {"", "1", "1 (x", "1 (x)", "1 (x) S", "1 (x) S 1 2 3",
                           "1 (x) S a b c d e f g h i j k l m n o p q r s"})
    CHECK_FALSE(parse_process_stat(text).ok());
}

TEST_CASE("/proc/PID/smaps_rollup") {
  const char* text =
      "55d0c0000000-7ffd00000000 ---p 00000000 00:00 0                          [rollup]\n"
      "Rss:                2048 kB\n"
      "Pss:                1000 kB\n"
      "Pss_Dirty:             1 kB\n"
      "Shared_Clean:        900 kB\n"
      "Private_Clean:         4 kB\n"
      "Private_Dirty:       100 kB\n";
  const ProcessMemory memory = parse_smaps_rollup(text);
  CHECK(memory.rss_bytes == 2048 * 1024);
  CHECK(memory.private_bytes == 104 * 1024);
  CHECK(parse_smaps_rollup("").rss_bytes == 0);
  CHECK(parse_smaps_rollup("Rss:").rss_bytes == 0);
  CHECK(parse_smaps_rollup("Rss: many kB\n").rss_bytes == 0);
}

TEST_CASE("a process counts its children, including ended ones") {
  const double before = *cpu_seconds_of(::getpid());
  const pid_t child = ::fork();
  if (child == 0) {
    while (std::clock() < CLOCKS_PER_SEC / 5) continue;  // its own CPU time, however busy the machine is
    ::pause();
  }
  const auto tree = process_tree(::getpid());
  REQUIRE(tree.ok());
  CHECK(tree->front() == ::getpid());
  CHECK(std::find(tree->begin(), tree->end(), child) != tree->end());
  CHECK(*threads_of(::getpid()) >= 2);
  CHECK(memory_of(::getpid())->rss_bytes > memory_of(child)->rss_bytes);
  while (*cpu_seconds_of(child) < 0.05) continue;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(*cpu_seconds_of(::getpid()) >= before + 0.03);
  CHECK_FALSE(process_tree(child).ok());
}

TEST_CASE("no such process") {
  const pid_t nobody = std::numeric_limits<pid_t>::max();
  CHECK_FALSE(cpu_seconds_of(nobody).ok());
  CHECK_FALSE(memory_of(nobody).ok());
  CHECK(process_tree(nobody).error().message.find("there is no process") == 0);
}

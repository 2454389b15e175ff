// Replays a corpus: every file as it is, truncated, and mutated by a deterministic generator. An input that
// crashes is written to crash-TARGET in the working directory; pass it as an argument to reproduce the crash.
//
//   fuzz-amf tests/fuzz/corpus/amf
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "target.h"

namespace {

using Input = std::vector<std::uint8_t>;

constexpr int mutations_per_file = 500;
constexpr std::size_t most_truncations = 500;

Input read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Input(std::istreambuf_iterator<char>(file), {});
}

// The current input, for the crash handler.
const Input* running = nullptr;
std::string crash_file;

// Called in a signal handler.
void save_running() {
  if (running == nullptr) return;
  const int file = ::open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return;
  const bool whole = ::write(file, running->data(), running->size()) == static_cast<ssize_t>(running->size());
  ::close(file);
  static constexpr char notice[] = "the input is in the working directory: crash-TARGET\n";
  if (whole) [[maybe_unused]]
    const ssize_t written = ::write(STDERR_FILENO, notice, sizeof notice - 1);
  running = nullptr;
}

void on_crash(int number) {
  save_running();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

// The heap block is exactly as long as the input: a sanitizer sees a read beyond it.
void run(const Input& input) {
  const Input exact(input.begin(), input.end());
  running = &exact;
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  running = nullptr;
}

void mutate(Input& input, std::mt19937& random) {
  static constexpr std::uint8_t telling[] = {0, 1, 2, 3, 0x7f, 0x80, 0xc0, 0xff};
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  for (std::size_t left = 1 + below(4); left > 0; --left) {
    const auto at = input.begin() + static_cast<std::ptrdiff_t>(below(input.size()));
    const auto some = static_cast<std::ptrdiff_t>(
        below(std::min<std::size_t>(16, static_cast<std::size_t>(input.end() - at))));
    switch (below(5)) {
      case 0:
        if (!input.empty()) *at ^= static_cast<std::uint8_t>(1u << below(8));
        break;
      case 1:
        if (!input.empty()) *at = telling[below(sizeof telling)];
        break;
      case 2:
        input.erase(at, at + some);
        break;
      case 3: {
        const Input copied(at, at + some);
        input.insert(at, copied.begin(), copied.end());
        break;
      }
      default:
        input.insert(at, telling[below(sizeof telling)]);
        break;
    }
  }
}

void replay(const std::filesystem::path& path, std::mt19937& random) {
  const Input original = read_file(path);
  std::fprintf(stderr, "%s\n", path.c_str());
  run(original);
  const std::size_t step = 1 + original.size() / most_truncations;
  for (std::size_t size = 0; size < original.size(); size += step)
    run(Input(original.begin(), original.begin() + static_cast<std::ptrdiff_t>(size)));
  for (int i = 0; i < mutations_per_file; ++i) {
    Input mutated = original;
    mutate(mutated, random);
    run(mutated);
  }
}

}  // namespace

// The sanitizer's death callback; null without one.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

int main(int count, char** arguments) {
  std::string target = std::filesystem::path(arguments[0]).filename();
  if (target.starts_with("fuzz-")) target.erase(0, 5);
  crash_file = "crash-" + target;
  if (__sanitizer_set_death_callback)
    __sanitizer_set_death_callback(save_running);
  else
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(number, on_crash);
  std::signal(SIGABRT, on_crash);
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < count; ++i) {
    if (!std::filesystem::is_directory(arguments[i]))
      files.emplace_back(arguments[i]);
    else
      for (const auto& entry : std::filesystem::directory_iterator(arguments[i]))
        files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) return std::fprintf(stderr, "no corpus: give files or directories\n"), 2;
  std::mt19937 random(1);
  for (const auto& file : files) replay(file, random);
  std::fprintf(stderr, "%zu files, %d mutations each\n", files.size(), mutations_per_file);
}

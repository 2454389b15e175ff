// What the tests of the audit share.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "audit/audit.h"

namespace srs::audit {

using namespace std::chrono_literals;

inline const cli::Log& quiet() {
  static const cli::Log log("test", cli::LogLevel::error, cli::LogFormat::text);
  return log;
}

class Directory {
 public:
  Directory() {
    char name[] = "/tmp/srs-audit-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

inline std::unique_ptr<Audit> audit_to(const std::string& path, Limits limits = {}) {
  auto destination = open_file(path);
  REQUIRE_MESSAGE(destination, (destination ? "" : destination.error().message));
  return std::make_unique<Audit>(*std::move(destination), Writer{"srs-test", "edge1"}, quiet(), limits);
}

template <class Test>
bool soon(Test test) {
  for (int i = 0; i < 6000; ++i) {
    if (test()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

}  // namespace srs::audit

// A Redis server for one test: on a free port, without anything on disk; ended by its pid.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "registry/redis.h"

namespace srs::registry {

class TestServer {
 public:
  explicit TestServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
    port_ = free_port();
    start();
  }
  ~TestServer() { kill(); }

  void start() {
    std::vector<std::string> words{"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1",
                                   "--save",       "",       "--appendonly",        "no",     "--dir",
                                   "/tmp"};
    words.insert(words.end(), options_.begin(), options_.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int null = ::open("/dev/null", O_RDWR);
      for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    for (int i = 0; i < 1000 && !is_listening(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE(is_listening());
  }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  void pause() { ::kill(pid_, SIGSTOP); }
  void go_on() { ::kill(pid_, SIGCONT); }

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  RedisServer server(const std::string& more = "") const {
    auto parsed = parse_redis_server(url() + more);
    REQUIRE(parsed);
    return *std::move(parsed);
  }

 private:
  static sockaddr_in address(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static int free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in any = address(0);
    socklen_t size = sizeof any;
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&any), size) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size) == 0);
    ::close(fd);
    return ntohs(any.sin_port);
  }
  bool is_listening() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in there = address(port_);
    const bool is = ::connect(fd, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    ::close(fd);
    return is;
  }

  std::vector<std::string> options_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace srs::registry

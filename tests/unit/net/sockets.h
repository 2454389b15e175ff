// Two connected sockets that do not wait.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

struct Sockets {
  Sockets() {
    int both[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both) == 0);
    client = both[0];
    server = both[1];
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  ~Sockets() {
    ::close(client);
    ::close(server);
  }
  int client, server;
};

// Starts a session's coroutine. An exception that leaves it is a bug: it is logged, and ends that session
// only.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <string>

#include "cli/log.h"

namespace srs::net {

// what: names the session in the log line. The log must outlive the session.
void spawn(const asio::any_io_executor& executor, asio::awaitable<void> session, std::string what,
           const cli::Log& log);

}  // namespace srs::net

#include "net/spawn.h"

#include <asio/co_spawn.hpp>
#include <exception>

namespace srs::net {

void spawn(const asio::any_io_executor& executor, asio::awaitable<void> session, std::string what,
           const cli::Log& log) {
  asio::co_spawn(executor, std::move(session),
                 [&log, what = std::move(what)](const std::exception_ptr& exception) {
                   if (!exception) return;
                   try {
                     std::rethrow_exception(exception);
                   } catch (const std::exception& error) {
                     log.error("{}: {}", what, error.what());
                   }
                 });
}

}  // namespace srs::net

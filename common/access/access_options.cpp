#include "access/access_options.h"

#include <algorithm>

#include "cli/option_kinds.h"
#include "net/url_display.h"

namespace srs::access {

void warn_if_open(const AccessOptions& options, const std::vector<net::Url>& listen, const cli::Log& log) {
  if (options.wanted()) return;
  const auto reachable = std::find_if(listen.begin(), listen.end(), [](const net::Url& url) {
    return url.scheme != "unix" && !net::is_loopback(url.host);
  });
  if (reachable == listen.end()) return;
  log.warning("--listen {} without --access: everybody who reaches this address may publish and play",
              net::display_url(*reachable));
}

void add_access_options(CLI::App& app, AccessOptions& options) {
  cli::add_value(app, "--access", options.file, "FILE",
                 "Rules: who may publish, play and administer; read again on SIGHUP and when it changes");
}

}  // namespace srs::access

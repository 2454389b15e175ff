#include "admin/admin_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli/option_kinds.h"
#include "net/url_display.h"

namespace srs::admin {
namespace {

bool is_host_name(const std::string& text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

Result<void> AdminOptions::check() {
  if (!wanted())
    return hosts.empty() ? Result<void>() : Error{Errc::usage, "--admin-host names an --admin: give both"};
  auto parsed = net::parse_url(url_text);
  if (!parsed) return std::move(parsed).error();
  if (net::without_tls(parsed->scheme) != "http" || !(parsed->path.empty() || parsed->path == "/"))
    return Error{Errc::usage, fmt::format("--admin {}: give http://ADDR:PORT or https://ADDR:PORT",
                                          net::display_url(*parsed))};
  url = *std::move(parsed);
  for (const std::string& host : hosts)
    if (!is_host_name(host))
      return Error{Errc::usage, fmt::format("--admin-host {}: give a name, without a port", host)};
  return {};
}

void add_admin_options(CLI::App& app, AdminOptions& options) {
  cli::add_value(app, "--admin", options.url_text, "URL",
                 "Serve metrics and an interface for operators at URL: http://127.0.0.1:PORT");
  cli::add_values(app, "--admin-host", options.hosts, "NAME",
                  "Answer there to this name, too, beside addresses and localhost (repeatable)");
}

}  // namespace srs::admin

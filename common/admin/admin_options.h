// AdminOptions: --admin and --admin-host, the same for every tool.
#pragma once

#include <string>
#include <vector>

#include "cli/app.h"
#include "core/result.h"
#include "net/url.h"

namespace srs::admin {

struct AdminOptions {
  std::string url_text;            // as it was given; empty: no interface
  std::vector<std::string> hosts;  // more names that it answers to
  net::Url url;                    // once check() was called

  bool wanted() const { return !url_text.empty(); }
  // Checks that it is http:// or https:// with a port, and that the hosts are names.
  Result<void> check();
};

void add_admin_options(CLI::App& app, AdminOptions& options);

}  // namespace srs::admin

// AuditOptions: --audit, the same for every tool.
#pragma once

#include <string>

#include "cli/app.h"

namespace srs::audit {

struct AuditOptions {
  std::string destination;  // a file, "syslog" or "journal"; empty: no audit
};

void add_audit_options(CLI::App& app, AuditOptions& options);

}  // namespace srs::audit

#include "audit/options.h"

#include "cli/option_kinds.h"

namespace srs::audit {

void add_audit_options(CLI::App& app, AuditOptions& options) {
  const auto set = [&options](const std::string& text) -> std::string {
    if (text.empty()) return "a file, syslog or journal is wanted";
    if (text == "-") return "standard output is for media: name a file, syslog or journal";
    options.destination = text;
    return {};
  };
  cli::add_text(
      app, "--audit", "DEST", options.destination, set,
      "Write who connects, publishes, plays and is refused, one JSON object per line, to a file, to "
      "syslog or to journal; SIGHUP opens the file again");
}

}  // namespace srs::audit

// Destination: where the events of an Audit go: a file, syslog or systemd's journal.
//
// Belongs to the audit's thread. Nothing here waits for long, except for a disk or a daemon that hangs.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "audit/event.h"
#include "core/result.h"

namespace srs::audit {

// An event as it is written.
struct Record {
  Event event;
  std::chrono::system_clock::time_point time;
  std::string line;  // with its newline
};

class Destination {
 public:
  struct Outcome {
    std::size_t written = 0;       // records, from the front; at least one, or an error
    std::optional<Error> error{};  // why not all; those not written may be tried again
  };

  virtual ~Destination() = default;
  // Writes some of the records, from the front.
  virtual Outcome write(std::span<const Record> records) = 0;
  // Opens it again. Errors: it goes on with what it had.
  virtual Result<void> reopen() { return {}; }
  // For log lines: "/var/log/srs/audit.log", "syslog".
  virtual std::string name() const = 0;
};

// text: a file's path, "syslog" or "journal"; writer: its tool is the name in syslog and journal. Errors: "-"
// (standard output is for media), and what cannot be opened.
//
// A file is appended to and made with mode 0640. A symbolic link as the last part of the path is refused, so
// that who may write to the directory cannot choose which file grows; links among its directories are
// followed. A FIFO without a reader is not an error: events wait for one.
Result<std::unique_ptr<Destination>> open_destination(const std::string& text, const Writer& writer);

// The parts of it, for tests.
Result<std::unique_ptr<Destination>> open_file(const std::string& path);
// socket: "/dev/log".
Result<std::unique_ptr<Destination>> open_syslog(const std::string& socket, const std::string& tool);
Result<std::unique_ptr<Destination>> open_journal(const std::string& tool);

}  // namespace srs::audit

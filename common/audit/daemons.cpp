// syslog and systemd's journal.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "audit/destination.h"
#include "cli/log.h"

namespace srs::audit {
namespace {

constexpr const char* journal_socket = "/run/systemd/journal/socket";
constexpr const char* syslog_socket = "/dev/log";
// How long a daemon that does not read is waited for.
constexpr timeval send_wait{0, 100'000};

// One datagram a record (RFC 3164 section 5.4, as the C library sends it). The C library's own syslog() tells
// nobody about what it could not send.
class Syslog : public Destination {
 public:
  Syslog(std::string path, std::string tool) : path_(std::move(path)), tool_(std::move(tool)) {}
  ~Syslog() override { close(); }
  Syslog(const Syslog&) = delete;
  Syslog& operator=(const Syslog&) = delete;

  Result<void> connect();
  Outcome write(std::span<const Record> records) override;
  std::string name() const override { return "syslog"; }

 private:
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  std::string datagram(const Record& record) const;

  const std::string path_;
  const std::string tool_;
  int socket_ = -1;
};

Result<void> Syslog::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return Error{Errc::usage, path_ + ": too long for a socket"};
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  close();
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &send_wait, sizeof send_wait);
  if (socket_ >= 0 && ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return {};
  const int why = errno;
  close();
  return system_error("cannot connect to " + path_, why);
}

std::string Syslog::datagram(const Record& record) const {
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(record.time);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  const std::string_view text(record.line.data(), record.line.size() - 1);
  return fmt::format("<{}>{} {:2} {:02}:{:02}:{:02} {}[{}]: {}", LOG_AUTHPRIV | LOG_INFO,
                     months[static_cast<std::size_t>(local.tm_mon)], local.tm_mday, local.tm_hour,
                     local.tm_min, local.tm_sec, tool_, ::getpid(), text);
}

// A daemon that was started again has another socket.
Destination::Outcome Syslog::write(std::span<const Record> records) {
  if (socket_ < 0)
    if (auto connected = connect(); !connected) return {0, std::move(connected).error()};
  const std::string text = datagram(records.front());
  if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) >= 0) return {1, {}};
  const int why = errno;
  if (why != EAGAIN) close();
  return {0, system_error("cannot send to " + path_, why)};
}

// Beside the line, what is searched for has fields of its own: journalctl SRS_PATH=live/cam1
class Journal : public Destination {
 public:
  explicit Journal(std::string tool) : tool_(std::move(tool)) {}

  Outcome write(std::span<const Record> records) override;
  std::string name() const override { return "journal"; }

 private:
  const std::string tool_;
};

Destination::Outcome Journal::write(std::span<const Record> records) {
  const Record& record = records.front();
  const std::array<std::string, 7> fields{"MESSAGE=" + record.line.substr(0, record.line.size() - 1),
                                          fmt::format("PRIORITY={}", LOG_INFO),
                                          "SYSLOG_IDENTIFIER=" + tool_,
                                          fmt::format("SRS_EVENT={}", name_of(record.event.kind)),
                                          "SRS_USER=" + cli::printable(record.event.who),
                                          "SRS_ADDRESS=" + cli::printable(record.event.address),
                                          "SRS_PATH=" + cli::printable(record.event.path)};
  std::array<iovec, fields.size()> pieces{};
  for (std::size_t i = 0; i < fields.size(); ++i)
    pieces[i] = {const_cast<char*>(fields[i].data()), fields[i].size()};
  const int sent = ::sd_journal_sendv(pieces.data(), static_cast<int>(pieces.size()));
  if (sent >= 0) return {1, {}};
  return {0, system_error("cannot send to the journal", -sent)};
}

}  // namespace

Result<std::unique_ptr<Destination>> open_syslog(const std::string& socket, const std::string& tool) {
  auto opened = std::make_unique<Syslog>(socket, tool);
  if (auto connected = opened->connect(); !connected) return std::move(connected).error();
  return std::unique_ptr<Destination>(std::move(opened));
}

// sd_journal_sendv() calls it success when there is no journal.
Result<std::unique_ptr<Destination>> open_journal(const std::string& tool) {
  if (::access(journal_socket, W_OK) != 0)
    return system_error(std::string("cannot use the journal: ") + journal_socket, errno);
  return std::unique_ptr<Destination>(std::make_unique<Journal>(tool));
}

Result<std::unique_ptr<Destination>> open_destination(const std::string& text, const Writer& writer) {
  if (text.empty()) return usage_error("a file, syslog or journal is wanted");
  if (text == "-") return usage_error("standard output is for media: name a file, syslog or journal");
  if (text == "syslog") return open_syslog(syslog_socket, writer.tool);
  if (text == "journal") return open_journal(writer.tool);
  return open_file(text);
}

}  // namespace srs::audit

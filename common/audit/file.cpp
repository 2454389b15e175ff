// A file that is appended to, or a FIFO.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "audit/destination.h"

namespace srs::audit {
namespace {

constexpr std::size_t batch_bytes_max = 256 * 1024;
// How long a FIFO whose reader is slow is waited for.
constexpr int full_wait_ms = 100;

struct Opened {
  int descriptor = -1;
  bool is_fifo = false;
  bool reader_missing = false;  // of a FIFO
};

Error cannot_open(const std::string& path, int why) {
  if (why == ELOOP) return Error{Errc::io, path + " is a symbolic link: name the file itself"};
  return system_error("cannot open " + path, why);
}

// O_NONBLOCK: a FIFO without a reader must not hold us; for files it means nothing.
Result<Opened> open_once(const std::string& path) {
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  Opened opened;
  opened.descriptor = ::open(path.c_str(), flags, 0640);
  struct stat status {};
  if (opened.descriptor < 0) {
    const int why = errno;
    if (why != ENXIO || ::lstat(path.c_str(), &status) != 0 || !S_ISFIFO(status.st_mode))
      return cannot_open(path, why);
    opened.is_fifo = opened.reader_missing = true;
    return opened;
  }
  ::fstat(opened.descriptor, &status);
  opened.is_fifo = S_ISFIFO(status.st_mode);
  if (opened.is_fifo || S_ISREG(status.st_mode) || S_ISCHR(status.st_mode)) return opened;
  ::close(opened.descriptor);
  return Error{Errc::usage, path + " is no file"};
}

class File : public Destination {
 public:
  File(std::string path, Opened opened) : path_(std::move(path)) { use(opened); }
  ~File() override { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Outcome write(std::span<const Record> records) override;
  Result<void> reopen() override;
  std::string name() const override { return path_; }

 private:
  void use(const Opened& opened);
  void close();
  std::size_t collect(std::span<const Record> records);
  int write_batch();
  std::size_t whole_records(std::span<const Record> records) const;

  const std::string path_;
  int descriptor_ = -1;
  bool is_fifo_ = false;
  // The last line in the file is not whole: whatever comes next begins a new one.
  bool torn_ = false;
  std::string batch_;
  std::size_t sent_ = 0;  // of the batch
};

void File::use(const Opened& opened) {
  close();
  descriptor_ = opened.descriptor;
  is_fifo_ = opened.is_fifo;
  torn_ = false;
}

void File::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<void> File::reopen() {
  auto opened = open_once(path_);
  if (!opened) return std::move(opened).error();
  if (!opened->reader_missing) use(*opened);
  return {};
}

// Whole lines, as many as go out in one write(); to a FIFO, as many as it takes at once or not at all.
std::size_t File::collect(std::span<const Record> records) {
  const std::size_t max = is_fifo_ ? PIPE_BUF : batch_bytes_max;
  batch_ = torn_ ? "\n" : "";
  std::size_t taken = 0;
  while (taken < records.size() && (taken == 0 || batch_.size() + records[taken].line.size() <= max))
    batch_ += records[taken++].line;
  return taken;
}

// Returns 0, or errno; sent_ says how far it came.
int File::write_batch() {
  sent_ = 0;
  while (sent_ < batch_.size()) {
    const ssize_t sent = ::write(descriptor_, batch_.data() + sent_, batch_.size() - sent_);
    if (sent > 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (sent < 0 && errno == EAGAIN) {
      pollfd waiting{descriptor_, POLLOUT, 0};
      if (::poll(&waiting, 1, full_wait_ms) <= 0) return EAGAIN;
    } else if (sent == 0 || errno != EINTR) {
      return sent == 0 ? EIO : errno;
    }
  }
  return 0;
}

// How many of the batch's records are in the file.
std::size_t File::whole_records(std::span<const Record> records) const {
  std::size_t end = torn_ ? 1 : 0, whole = 0;
  for (const Record& record : records) {
    end += record.line.size();
    if (end > sent_) break;
    ++whole;
  }
  return whole;
}

// The rest of a line that was cut short is not written later, when others may have written meanwhile: the
// line is written again, whole, and the piece stays as a line that is no JSON.
Destination::Outcome File::write(std::span<const Record> records) {
  if (descriptor_ < 0) {
    const auto opened = open_once(path_);
    if (!opened) return {0, opened.error()};
    if (opened->reader_missing) return {0, Error{Errc::io, path_ + " has no reader"}};
    use(*opened);
  }
  const std::size_t taken = collect(records);
  const int failed = write_batch();
  const std::size_t whole = failed == 0 ? taken : whole_records(records.first(taken));
  if (failed == 0) torn_ = false;
  if (failed == 0) return {whole, {}};
  if (sent_ > 0) torn_ = batch_[sent_ - 1] != '\n';
  if (failed == EPIPE) close();
  return {whole, failed == EAGAIN ? Error{Errc::io, path_ + " has a reader that does not read"}
                                  : system_error("cannot write " + path_, failed)};
}

}  // namespace

Result<std::unique_ptr<Destination>> open_file(const std::string& path) {
  const auto opened = open_once(path);
  if (!opened) return opened.error();
  return std::unique_ptr<Destination>(std::make_unique<File>(path, *opened));
}

}  // namespace srs::audit

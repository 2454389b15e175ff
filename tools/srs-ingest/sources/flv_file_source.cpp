#include "srs-ingest/sources/flv_file_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "srs-ingest/sources/single_stream.h"

namespace srs::ingest {
namespace {

class FlvFileSource : public Source {
 public:
  explicit FlvFileSource(std::string path) : path_(std::move(path)) {}

  std::string display() const override { return "file " + path_; }
  bool is_live() const override { return false; }

  Result<void> run(MediaSink& sink, std::stop_token stop) override {
    const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return system_error(fmt::format("cannot open {}", path_), errno);
    auto done = read_all(fd, sink, stop);
    ::close(fd);
    if (!done) return std::move(done).error().in(path_);
    return done;
  }

 private:
  static Result<void> read_all(int fd, MediaSink& sink, const std::stop_token& stop) {
    SingleStream stream(sink);
    while (!stop.stop_requested()) {
      const auto room = stream.prepare();
      const ssize_t size = ::read(fd, room.data(), room.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return system_error("cannot read", errno);
      if (size == 0) return stream.finish();
      if (auto taken = stream.commit(static_cast<std::size_t>(size)); !taken) return taken;
    }
    return {};
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<Source> open_flv_file_source(std::string path) {
  return std::make_unique<FlvFileSource>(std::move(path));
}

}  // namespace srs::ingest

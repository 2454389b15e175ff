#include "net/spawn.h"
#include "rtmp/publishers.h"
#include "srs-ingest/publishers/protocol.h"

namespace srs::ingest {
namespace {

class Rtmp : public Protocol {
 public:
  explicit Rtmp(const ProtocolSetup& setup)
      : io_(setup.io),
        log_(setup.log),
        publishers_(setup.publications, setup.gate, std::make_shared<rtmp::MessageBudget>(), setup.log) {}

  void serve(asio::ip::tcp::socket socket, net::Ticket ticket) override {
    net::spawn(io_.get_executor(), publishers_.serve(std::move(socket), std::move(ticket)), "RTMP session",
               log_);
  }
  std::size_t connections() const override { return publishers_.sessions(); }
  void close() override { publishers_.stop(); }

 private:
  asio::io_context& io_;
  const cli::Log& log_;
  rtmp::Publishers publishers_;
};

template <class T>
std::unique_ptr<Protocol> make(const ProtocolSetup& setup) {
  return std::make_unique<T>(setup);
}

}  // namespace

const std::vector<ProtocolEntry>& protocols() {
  static const std::vector<ProtocolEntry> list{{"rtmp", make<Rtmp>}};
  return list;
}

std::optional<std::size_t> find_protocol(std::string_view scheme) {
  for (std::size_t i = 0; i < protocols().size(); ++i)
    if (protocols()[i].scheme == scheme) return i;
  return std::nullopt;
}

}  // namespace srs::ingest

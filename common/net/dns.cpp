#include "net/dns.h"

#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <memory>
#include <tuple>

namespace srs::net {
namespace {

// More than any service has, and a bound on the look-ups that a hostile answer can cause.
constexpr std::size_t max_addresses = 64;

struct FreeList {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// The resolver's configuration and sockets, read anew: /etc/resolv.conf may have changed.
class Query {
 public:
  Query() { ready_ = ::res_ninit(&state_) == 0; }
  ~Query() {
    if (ready_) ::res_nclose(&state_);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Result<std::vector<std::uint8_t>> services(const std::string& name);

 private:
  Error failure(const std::string& name) const;

  struct __res_state state_ = {};
  bool ready_ = false;
};

Result<std::vector<std::uint8_t>> Query::services(const std::string& name) {
  if (!ready_) return Error{Errc::io, "the system's resolver cannot be used: see /etc/resolv.conf"};
  std::vector<std::uint8_t> answer(NS_MAXMSG);
  const int size =
      ::res_nsearch(&state_, name.c_str(), ns_c_in, ns_t_srv, answer.data(), static_cast<int>(answer.size()));
  if (size < 0) return failure(name);
  answer.resize(std::min(static_cast<std::size_t>(size), answer.size()));
  return answer;
}

Error Query::failure(const std::string& name) const {
  switch (state_.res_h_errno) {
    case HOST_NOT_FOUND:
    case NO_DATA:
      return {Errc::not_found,
              fmt::format("the DNS has no SRV records for '{}': ask for one as _rtmp._tcp.example.org, or "
                          "leave out '+srv' for a host name",
                          name)};
    case TRY_AGAIN:
      return {
          Errc::timed_out,
          fmt::format("no name server answers for '{}': see the nameserver lines of /etc/resolv.conf", name)};
    default:
      return {Errc::io, fmt::format("the name server refused to look up '{}'", name)};
  }
}

Error host_failure(const std::string& host, int error) {
  switch (error) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return {Errc::not_found, fmt::format("the host '{}' is not known: check its spelling", host)};
    case EAI_AGAIN:
      return {
          Errc::timed_out,
          fmt::format("no name server answers for '{}': see the nameserver lines of /etc/resolv.conf", host)};
    case EAI_SYSTEM:
      return system_error(fmt::format("cannot look up '{}'", host), errno);
    default:
      return {Errc::io, fmt::format("cannot look up '{}': {}", host, ::gai_strerror(error))};
  }
}

std::string literal(const sockaddr& address, socklen_t size) {
  char text[NI_MAXHOST] = {};  // with the zone of a link-local IPv6 address
  const int error = ::getnameinfo(&address, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return error == 0 ? text : "";
}

// One resource record as an SRV record: priority, weight, port, target (RFC 2782).
bool parse_service(const ns_msg& message, const ns_rr& record, Service& service) {
  constexpr int fixed = 6;
  if (ns_rr_type(record) != ns_t_srv || ns_rr_rdlen(record) <= fixed) return false;
  const unsigned char* data = ns_rr_rdata(record);
  char target[NS_MAXDNAME] = {};
  if (::ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + fixed, target, sizeof target) <
      0)
    return false;
  service.priority = ns_get16(data);
  service.weight = ns_get16(data + 2);
  service.port = static_cast<std::uint16_t>(ns_get16(data + 4));
  service.target = target;
  return service.port != 0 && !service.target.empty() && service.target != ".";
}

}  // namespace

Result<std::vector<Address>> look_up_host(const std::string& host, std::uint16_t port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // or else every address comes once for each kind of socket
  hints.ai_flags = AI_ADDRCONFIG;   // no IPv6 addresses where there is no IPv6
  addrinfo* list = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0)
    return host_failure(host, error);
  const std::unique_ptr<addrinfo, FreeList> owner(list);
  std::vector<Address> addresses;
  for (const addrinfo* found = list; found && addresses.size() < max_addresses; found = found->ai_next) {
    Address address{literal(*found->ai_addr, found->ai_addrlen), port};
    const bool known = std::any_of(addresses.begin(), addresses.end(),
                                   [&](const Address& other) { return other.host == address.host; });
    if (!address.host.empty() && !known) addresses.push_back(std::move(address));
  }
  if (addresses.empty()) return host_failure(host, EAI_NONAME);
  return addresses;
}

Result<std::vector<Address>> look_up_services(const std::string& name) {
  auto answer = Query().services(name);
  if (!answer) return std::move(answer).error();
  auto services = parse_services(*answer);
  if (!services) return std::move(services).error().in(fmt::format("the SRV records of '{}'", name));
  if (services->empty())
    return Error{Errc::not_found, fmt::format("the SRV records of '{}' name no host that serves", name)};
  std::vector<Address> addresses;
  Error first_failure;
  for (const Service& service : *services) {
    auto found = look_up_host(service.target, service.port);
    if (!found) {
      if (first_failure.message.empty()) first_failure = std::move(found).error();
      continue;
    }
    for (Address& address : *found) {
      if (addresses.size() == max_addresses) return addresses;
      address.priority = service.priority;
      address.weight = service.weight;
      addresses.push_back(std::move(address));
    }
  }
  if (addresses.empty()) return std::move(first_failure).in(fmt::format("the SRV records of '{}'", name));
  return addresses;
}

Result<std::vector<Service>> parse_services(std::span<const std::uint8_t> answer) {
  ns_msg message = {};
  if (answer.size() > NS_MAXMSG ||
      ::ns_initparse(answer.data(), static_cast<int>(answer.size()), &message) != 0)
    return Error{Errc::invalid_data, "the name server's answer is not a DNS message"};
  std::vector<Service> services;
  for (int i = 0; i < ns_msg_count(message, ns_s_an) && services.size() < max_addresses; ++i) {
    ns_rr record = {};
    if (::ns_parserr(&message, ns_s_an, i, &record) != 0) break;
    Service service;
    if (parse_service(message, record, service)) services.push_back(std::move(service));
  }
  std::stable_sort(services.begin(), services.end(), [](const Service& a, const Service& b) {
    return std::tuple(a.priority, b.weight) < std::tuple(b.priority, a.weight);
  });
  return services;
}

}  // namespace srs::net

// AccessRule: which requests the operators' interface answers, beside who can reach its address.
//
// A web page that an operator's browser shows can make it ask us. Two things tell such requests from an
// operator's own: a name in Host that is not ours, which a page's server let point to our address (DNS
// rebinding), and an Origin of another site. Addresses in Host are no such risk, since a page's own site
// would have to be at that address; probes and monitoring ask by them. A value; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.h"

namespace srs::admin {

class AccessRule {
 public:
  // names: that are ours, beside addresses and "localhost", and whose pages may ask. listening: the host that
  // we listen at; others may serve pages there, at another port.
  explicit AccessRule(std::vector<std::string> names, std::string listening = {})
      : names_(std::move(names)), listening_(std::move(listening)) {}

  // Why the request is refused, for people; empty: it is not. HTTP/1.0 without Host is none of a browser's.
  std::string refusal(const http::Request& request) const;

 private:
  bool is_ours(std::string_view host) const;

  std::vector<std::string> names_;
  std::string listening_;
};

}  // namespace srs::admin

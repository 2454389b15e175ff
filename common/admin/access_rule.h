// AccessRule decides which of the requests that reach the operators' interface it answers.
//
// A web page in an operator's browser can make it send us requests. Two things tell these from an operator's
// own: a name in Host that is not ours, which the page's server pointed to our address (DNS rebinding), and
// an Origin of another site. Addresses in Host are no such risk, since the page's own site would have to be
// at that address; probes and monitoring use addresses. A value; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.h"

namespace srs::admin {

class AccessRule {
 public:
  // names: our names, besides addresses and "localhost"; pages of these names may use the interface.
  // listening: the host that we listen at, which is our name, too, but others may serve pages there, at
  // another port.
  explicit AccessRule(std::vector<std::string> names, std::string listening = {})
      : names_(std::move(names)), listening_(std::move(listening)) {}

  // Why the request is refused, for people; empty if it is not. HTTP/1.0 without Host does not come from a
  // browser.
  std::string refusal(const http::Request& request) const;

 private:
  bool is_ours(std::string_view host) const;

  std::vector<std::string> names_;
  std::string listening_;
};

}  // namespace srs::admin

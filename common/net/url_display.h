// URLs for people, as shown in log lines, errors and lists.
//
// User and password are omitted, and only the names in a query are shown: its values are tokens and keys,
// under names that differ from service to service. A URL is split into its parts; a search for a known secret
// in a text would show where it was. Programs, which connect or follow, get Url::display(), which has the
// query.
#pragma once

#include <string>
#include <string_view>

#include "net/url.h"

namespace srs::net {

// "http://host:80/a.flv?token=***"
std::string display_url(const Url& url);
// The same for a URL as a user gave it; the name of a file stays as it is.
std::string display_url(std::string_view text);
// Another program's message, with every URL in it shown this way.
std::string display_urls_in(std::string_view text);

}  // namespace srs::net

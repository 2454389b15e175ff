// URLs for people: what a log line, an error or a list shows of one.
//
// User and password are left out, and of a query only the names are shown: tokens and keys are there, under
// as many names as there are services. It goes by the parts of the URL, never by looking for a known secret
// in a text, which would show where it was. For programs, that have to connect or are told where to go, there
// is Url::display(), which has the query.
#pragma once

#include <string>
#include <string_view>

#include "net/url.h"

namespace srs::net {

// "http://host:80/a.flv?token=***"
std::string display_url(const Url& url);
// The same of what somebody gave as a URL, or as the name of a file, which stays as it is.
std::string display_url(std::string_view text);
// Another program's words, in which URLs may be: each of them is shown so.
std::string display_urls_in(std::string_view text);

}  // namespace srs::net

// What clients show, collected from where they put it.
//
//   query          ?key= ?token= ?jwt= ?access_token= ?user= ?pass= (of name, app or tcUrl with RTMP)
//   Authorization  Basic, Bearer (HTTP)
//   Cookie         srs_token (HTTP)
//
// The first one of a kind counts. Texts longer than 8 KiB count as not shown.
#pragma once

#include <string_view>

#include "access/question.h"
#include "http/request.h"

namespace srs::access {

Credentials credentials_of_query(std::string_view query);
Credentials credentials_of(const http::Request& request);

// The part of a query that shows a right, encoded so that it may stand in a playlist: what a URL that is
// named in the answer needs to be allowed, too. At most 4 KiB: empty beyond that.
std::string carried_query(std::string_view query);
// The rest of it.
std::string query_without_shown(std::string_view query);

}  // namespace srs::access

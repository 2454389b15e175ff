// Asking the gate for RTMP publishers and players.
#pragma once

#include <asio/awaitable.hpp>

#include "gate/gate.h"
#include "rtmp/server_session.h"

namespace srs::rtmp {

// What the peer asks of the gate. Its path must be checked.
access::Question question_of(const Request& request);

hooks::Client client_of(const Request& request);

// Asks whether the peer may do what it requests. If so, request.grant says by what, and request.path is the
// name of the stream; if not, false: the peer has been told.
asio::awaitable<bool> admit(gate::Gate& gate, ServerSession& session, Request& request);

}  // namespace srs::rtmp

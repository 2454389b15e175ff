#include "http/server.h"

#include <utility>
#include <vector>

#include "http/connection.h"

namespace srs::http {

Server::Server(Handler handler, ServerOptions options) : state_(std::make_shared<ServerState>()) {
  state_->handler = std::move(handler);
  state_->options = std::move(options);
}

Server::~Server() {
  close();
}

void Server::serve(net::Socket socket, net::Ticket ticket) {
  if (state_->draining) return;
  Connection::start(std::make_shared<Connection>(state_, std::move(socket), std::move(ticket)));
}

std::size_t Server::connections() const {
  return state_->connections.size();
}

std::vector<Server::Client> Server::clients() const {
  std::vector<Client> clients;
  for (const Connection* connection : state_->connections) clients.push_back(connection->client());
  return clients;
}

bool Server::cut_off(std::uint64_t number) {
  for (Connection* connection : state_->connections) {
    if (connection->client().number != number) continue;
    connection->end();
    return true;
  }
  return false;
}

void Server::drain() {
  state_->draining = true;
  const std::vector<Connection*> connections(state_->connections.begin(), state_->connections.end());
  for (Connection* connection : connections)
    if (connection->idle()) connection->end();
}

void Server::close() {
  state_->draining = true;
  const std::vector<Connection*> connections(state_->connections.begin(), state_->connections.end());
  for (Connection* connection : connections) connection->end();
}

}  // namespace srs::http

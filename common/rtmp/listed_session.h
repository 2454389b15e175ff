// ListedSession keeps a session on its server's list of those to close at shutdown. It is removed however its
// coroutine ends, even by an exception.
#pragma once

#include <map>
#include <memory>

#include "rtmp/server_session.h"

namespace srs::rtmp {

using SessionList = std::map<const ServerSession*, std::weak_ptr<ServerSession>>;

class ListedSession {
 public:
  // The list must outlive this.
  ListedSession(SessionList& list, const std::shared_ptr<ServerSession>& session)
      : list_(list), key_(session.get()) {
    list_[key_] = session;
  }
  ListedSession(const ListedSession&) = delete;
  ListedSession& operator=(const ListedSession&) = delete;
  ~ListedSession() { list_.erase(key_); }

 private:
  SessionList& list_;
  const ServerSession* const key_;
};

}  // namespace srs::rtmp

// ListedSession: a session on the list of those that its server has to close at its end. Taken off again
// however its coroutine ends, also by an exception.
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

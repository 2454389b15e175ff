#include "registry/redis.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>

#include "cli/log.h"
#include "net/url_display.h"

namespace srs::registry {
namespace {

// For the answer to one command: that to a look-up, with all holders of a stream, has some 16 KiB.
constexpr std::size_t max_reply_bytes = 1u << 20;
constexpr std::size_t max_reply_elements = 1024;
// For all answers to the commands of one run().
constexpr std::chrono::seconds total_time{5};

// hiredis allocates as many elements as a server announces; this refuses too many.
template <class Count>
void* create_array(const redisReadTask* task, Count elements) {
  static void* (*const create_default)(const redisReadTask*, Count) = [] {
    redisReader* const reader = ::redisReaderCreate();
    const auto create = reader->fn->createArray;
    ::redisReaderFree(reader);
    return create;
  }();
  return static_cast<std::size_t>(elements) > max_reply_elements ? nullptr : create_default(task, elements);
}

redisReplyObjectFunctions* bounded_objects() {
  static redisReplyObjectFunctions objects = [] {
    redisReader* const reader = ::redisReaderCreate();
    redisReplyObjectFunctions bounded = *reader->fn;
    ::redisReaderFree(reader);
    bounded.createArray = &create_array;
    return bounded;
  }();
  return &objects;
}

struct FreeReply {
  void operator()(redisReply* reply) const { ::freeReplyObject(reply); }
};

std::string text_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  return reply.str == nullptr ? std::string() : std::string(reply.str, reply.len);
}

// A server's refusal, with advice.
Error refusal(const std::string& text) {
  const std::string shown = cli::printable(text.substr(0, 200));
  std::string_view advice;
  if (text.starts_with("NOAUTH")) advice = ": give the password with --registry-password-file";
  if (text.starts_with("WRONGPASS")) advice = ": see --registry-password-file";
  return {Errc::refused, fmt::format("the server says '{}'{}", shown, advice)};
}

timeval as_timeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

}  // namespace

unsigned RedisServer::database() const {
  unsigned number = 0;
  if (url.path.size() > 1) std::from_chars(url.path.data() + 1, url.path.data() + url.path.size(), number);
  return number;
}

Result<RedisServer> parse_redis_server(const std::string& text) {
  auto url = net::parse_url(text);
  if (!url) return std::move(url).error();
  const auto wrong = [&](std::string_view why) {
    return Error{Errc::usage, fmt::format("{}: {}", net::display_url(*url), why)};
  };
  if (url->scheme == "rediss")
    return wrong("TLS to Redis is not supported: use redis:// in a network that is your own");
  if (url->scheme != "redis" || url->host.empty() || url->port == 0)
    return wrong("a registry is redis://HOST[:PORT][/DATABASE]");
  unsigned database = 0;
  const char* const end = url->path.data() + url->path.size();
  if (url->path.size() > 1) {
    const auto read = std::from_chars(url->path.data() + 1, end, database);
    if (read.ec != std::errc() || read.ptr != end)
      return wrong("after the '/' comes the number of a database");
  }
  auto user = net::percent_decode(url->user);
  auto password = net::percent_decode(url->password);
  if (!user || !password) return wrong("user or password have a broken %-escape");
  RedisServer server;
  server.url = *std::move(url);
  server.url.user = *std::move(user);
  server.url.password.clear();
  server.password = *std::move(password);
  return server;
}

Result<Redis> Redis::open(const RedisServer& server) {
  std::unique_ptr<redisContext, Free> context(
      ::redisConnectWithTimeout(server.url.host.c_str(), server.url.port, as_timeval(server.timeout)));
  if (!context) return Error{Errc::io, "out of memory"};
  Redis redis(std::move(context));
  if (redis.context_->err != 0) return redis.failure();
  redis.context_->reader->fn = bounded_objects();
  ::redisSetTimeout(redis.context_.get(), as_timeval(server.timeout));
  std::vector<Command> first;
  if (!server.password.empty() && !server.url.user.empty())
    first.push_back({"AUTH", server.url.user, server.password});
  if (!server.password.empty() && server.url.user.empty()) first.push_back({"AUTH", server.password});
  if (const unsigned database = server.database(); database != 0)
    first.push_back({"SELECT", std::to_string(database)});
  first.push_back({"PING"});
  if (auto ran = redis.run(first); !ran) return std::move(ran).error();
  return redis;
}

Result<std::vector<Redis::Answer>> Redis::run(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (const std::string& word : command) {
      words.push_back(word.data());
      sizes.push_back(word.size());
    }
    if (::redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(),
                                 sizes.data()) != REDIS_OK)
      return failure();
  }
  const auto deadline = Clock::now() + total_time;
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    auto answer = read_answer(deadline);
    if (!answer) return std::move(answer).error();
    answers.push_back(*std::move(answer));
  }
  return answers;
}

// As redisGetReply(), but with limits in bytes and in time for a server that sends without end.
Result<void*> Redis::read_reply(Clock::time_point deadline) {
  void* raw = nullptr;
  for (int written = 0; written == 0;)
    if (::redisBufferWrite(context_.get(), &written) != REDIS_OK) return failure();
  for (std::size_t received = 0;;) {
    if (::redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) return failure();
    if (raw != nullptr) return raw;
    if (Clock::now() > deadline) return Error{Errc::timed_out, "the server does not answer in time"};
    const std::size_t before = context_->reader->len;
    if (::redisBufferRead(context_.get()) != REDIS_OK) return failure();
    received += context_->reader->len - before;
    if (received > max_reply_bytes)
      return Error{Errc::too_large, "the server answers more than was asked for"};
  }
}

Result<Redis::Answer> Redis::read_answer(Clock::time_point deadline) {
  auto raw = read_reply(deadline);
  if (!raw) return std::move(raw).error();
  const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(*raw));
  Answer answer;
  switch (reply->type) {
    case REDIS_REPLY_ERROR:
      // Somebody else wrote to that key: this must not cost us the other answers.
      if (text_of(*reply).find("WRONGTYPE") != std::string::npos) break;
      return refusal(text_of(*reply));
    case REDIS_REPLY_ARRAY:
      for (std::size_t i = 0; i < reply->elements; ++i)
        if (reply->element[i]->type == REDIS_REPLY_STRING) answer.push_back(text_of(*reply->element[i]));
      break;
    case REDIS_REPLY_NIL:
      break;
    default:
      answer.push_back(text_of(*reply));
  }
  return answer;
}

Error Redis::failure() const {
  if (context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK))
    return {Errc::timed_out, "the server does not answer in time"};
  if (context_->err == REDIS_ERR_EOF) return {Errc::closed, "the server closed the connection"};
  return {Errc::io, context_->errstr};
}

}  // namespace srs::registry

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "hooks/call.h"
#include "hooks/signature.h"

namespace srs::hooks {
namespace {

class HttpCall : public Call {
 public:
  HttpCall(http::Client& client, http::ClientRequest request, Handlers handlers)
      : handlers_(std::move(handlers)) {
    http::ClientHandlers of_transfer;
    of_transfer.on_head = [this](int status, const http::Headers&) { answer_.status = status; };
    of_transfer.on_bytes = [this](Bytes bytes) { return on_bytes(bytes); };
    of_transfer.on_done = [this](Result<void> result) { on_done(std::move(result)); };
    transfer_ = client.send(std::move(request), std::move(of_transfer));
  }

 private:
  bool on_bytes(Bytes bytes) {
    is_too_large_ = answer_.body.size() + bytes.size() > max_answer_bytes;
    if (!is_too_large_) answer_.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return !is_too_large_;
  }

  // A status of 300 and up is an error of the transfer, but an answer all the same.
  void on_done(Result<void> result) {
    const bool is_answer =
        result || result.error().code == Errc::refused || result.error().code == Errc::not_found;
    if (is_too_large_)
      handlers_.on_answer(
          Error{Errc::too_large, fmt::format("its answer is longer than {} KiB", max_answer_bytes / 1024)});
    else if (is_answer)
      handlers_.on_answer(std::move(answer_));
    else
      handlers_.on_answer(std::move(result).error());
    handlers_.on_end();
  }

  const Handlers handlers_;
  Received answer_;
  bool is_too_large_ = false;
  http::TransferPtr transfer_;
};

}  // namespace

std::unique_ptr<Call> http_call(http::Client& client, const HookRules& rules, const Outgoing& outgoing,
                                std::chrono::milliseconds time, Call::Handlers handlers) {
  http::ClientRequest request;
  request.url = rules.url;
  request.method = "POST";
  request.headers = {"Content-Type: " + outgoing.content_type, "Accept: application/json, */*"};
  if (!rules.secret.empty())
    for (auto& header : signature_headers(rules.secret, outgoing.body, std::chrono::system_clock::now()))
      request.headers.push_back(std::move(header));
  request.body = {Slice::copy_of(
      Bytes(reinterpret_cast<const std::uint8_t*>(outgoing.body.data()), outgoing.body.size()))};
  // 0 would be endless.
  request.connect_time = request.total_time = std::max(time, std::chrono::milliseconds(1));
  request.follow_redirects = false;
  request.reads_refusals = true;
  return std::make_unique<HttpCall>(client, std::move(request), std::move(handlers));
}

}  // namespace srs::hooks

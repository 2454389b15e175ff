// Transfer: one request of a Client, and its answer, as an easy handle of libcurl. Internal to the client.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string_view>

#include "http/client.h"

namespace srs::http {

class Transfer : public std::enable_shared_from_this<Transfer> {
 public:
  Transfer(std::shared_ptr<Client::State> client, ClientRequest request, ClientHandlers handlers);
  ~Transfer() { release(); }

  // The owner has dropped it.
  void abandon() {
    abandoned_ = true;
    if (!in_callback_) return release();
    self = shared_from_this();  // until libcurl has seen that its callback failed
  }
  void finish(CURLcode code);
  void pause();
  void resume();

  std::shared_ptr<Transfer> self;  // until it is destroyed by its owner

 private:
  void release();
  void set_options();
  void set_method();
  void set_limits();
  bool has_body() const { return request_.method == "PUT" || request_.method == "POST"; }
  static std::size_t on_read(char* to, std::size_t, std::size_t size, void* user);
  static int on_seek(void* user, curl_off_t offset, int origin);
  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* user);
  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user);
  bool on_header_line(std::string_view line);
  Result<void> result_of(CURLcode code) const;

  std::shared_ptr<Client::State> client_;
  ClientRequest request_;
  ClientHandlers handlers_;
  CURL* curl_ = curl_easy_init();
  curl_slist* header_list_ = nullptr;
  curl_slist* connect_list_ = nullptr;
  Headers headers_;
  std::size_t piece_ = 0;         // of the body: what is read next
  std::size_t piece_offset_ = 0;  // its bytes that were read
  char reason_[CURL_ERROR_SIZE] = {};
  long status_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t head_lines_ = 0;
  bool head_too_large_ = false;
  std::size_t discarded_bytes_ = 0;
  bool paused_ = false;
  bool abandoned_ = false;
  bool in_callback_ = false;
};

}  // namespace srs::http

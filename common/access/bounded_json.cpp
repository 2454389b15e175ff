#include "access/bounded_json.h"

#include <set>
#include <string>
#include <vector>

namespace srs::access {
namespace {

using nlohmann::json;

// Sees every value before a document is built, and ends the parsing of what is beyond a limit.
class LimitCheck : public nlohmann::json_sax<json> {
 public:
  explicit LimitCheck(const JsonLimits& limits) : limits_(limits) {}
  const std::string& why() const { return why_; }
  Errc code() const { return code_; }

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    return keys_.back().insert(name).second || fail(Errc::invalid_data, "a key is there twice");
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return fail(Errc::invalid_data, "it is no JSON");
  }

 private:
  bool fail(Errc code, const char* why) {
    code_ = code;
    why_ = why;
    return false;
  }
  bool count() { return ++values_ <= limits_.values || fail(Errc::too_large, "too many values"); }
  bool open() {
    if (keys_.size() >= limits_.depth)
      return fail(Errc::too_large, "arrays and objects too deep in one another");
    keys_.emplace_back();
    return count();
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  std::vector<std::set<std::string>> keys_;  // of each array (none) and object that is open
  std::size_t values_ = 0;
  Errc code_ = Errc::invalid_data;
  std::string why_ = "it is no JSON";
};

}  // namespace

Result<json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) return Error{Errc::too_large, "it is too long"};
  LimitCheck check(limits);
  if (!json::sax_parse(text, &check)) return Error{check.code(), check.why()};
  json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return Error{Errc::invalid_data, "it is no JSON"};
  return document;
}

const std::string* text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace srs::access

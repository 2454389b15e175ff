#include "hooks/format.h"

#include <doctest/doctest.h>

#include "access/digest.h"
#include "hooks/signature.h"
#include "unit/hooks/hook_server.h"

namespace srs::hooks {
namespace {

using Format = HookRules::Format;
using Kind = Decision::Kind;

const Sender sender{"edge1", "server-1", "service-1"};

Event event(HookEvent kind) {
  Event event{.kind = kind, .about = publish_of("live/eu/cam1"), .client = client()};
  event.sent_bytes = 10;
  event.received_bytes = 20;
  event.duration = 9360ms;
  event.directory = "/srv";
  event.file = "live/eu/cam1-1.ts";
  event.url = "live/eu/cam1-1.ts";
  event.playlist = "live/eu/cam1.m3u8";
  event.playlist_url = "http://host/live/eu/cam1.m3u8";
  event.sequence = 100;
  event.user = "alice";
  return event;
}

std::string srs_body(HookEvent kind) {
  return outgoing_of(Format::srs, event(kind), sender).body;
}

Decision decide(Format format, int status, const std::string& body, bool shown = true) {
  access::Question question = publish_of("live/cam1");
  if (!shown) question.credentials = {};
  return decision_of(format, question, {status, body});
}

}  // namespace

TEST_CASE("SRS: the bodies that its back-ends know") {
  CHECK(srs_body(HookEvent::connect) ==
        R"({"server_id":"server-1","service_id":"service-1","action":"on_connect","client_id":"c17",)"
        R"("ip":"10.0.0.7","vhost":"example.org","app":"live/eu","tcUrl":"rtmp://example.org/live",)"
        R"("pageUrl":"http://page/"})");
  CHECK(
      srs_body(HookEvent::publish) ==
      R"({"server_id":"server-1","service_id":"service-1","action":"on_publish","client_id":"c17",)"
      R"("ip":"10.0.0.7","vhost":"example.org","app":"live/eu","tcUrl":"rtmp://example.org/live",)"
      R"("stream":"cam1","param":"?key=abc","stream_url":"example.org/live/eu/cam1","stream_id":"vid-e4e7bb6"})");
  CHECK(srs_body(HookEvent::play) ==
        R"({"server_id":"server-1","service_id":"service-1","action":"on_play","client_id":"c17",)"
        R"("ip":"10.0.0.7","vhost":"example.org","app":"live/eu","tcUrl":"rtmp://example.org/live",)"
        R"("stream":"cam1","param":"?key=abc","pageUrl":"http://page/",)"
        R"("stream_url":"example.org/live/eu/cam1","stream_id":"vid-e4e7bb6"})");
  CHECK(srs_body(HookEvent::unpublish) ==
        R"({"server_id":"server-1","service_id":"service-1","action":"on_unpublish","client_id":"c17",)"
        R"("ip":"10.0.0.7","vhost":"example.org","app":"live/eu","stream":"cam1","param":"?key=abc",)"
        R"("stream_url":"example.org/live/eu/cam1","stream_id":"vid-e4e7bb6"})");
  CHECK(srs_body(HookEvent::close) ==
        R"({"server_id":"server-1","service_id":"service-1","action":"on_close","client_id":"c17",)"
        R"("ip":"10.0.0.7","vhost":"example.org","app":"live/eu","send_bytes":10,"recv_bytes":20})");
  CHECK(srs_body(HookEvent::record) ==
        R"({"server_id":"server-1","service_id":"service-1","action":"on_dvr","client_id":"c17",)"
        R"("ip":"10.0.0.7","vhost":"example.org","app":"live/eu","stream":"cam1","param":"?key=abc",)"
        R"("cwd":"/srv","file":"live/eu/cam1-1.ts",)"
        R"("stream_url":"example.org/live/eu/cam1","stream_id":"vid-e4e7bb6"})");
  CHECK(srs_body(HookEvent::hls) ==
        R"({"server_id":"server-1","service_id":"service-1","action":"on_hls","client_id":"c17",)"
        R"("ip":"10.0.0.7","vhost":"example.org","app":"live/eu","stream":"cam1","param":"?key=abc",)"
        R"("duration":9.36,"cwd":"/srv","file":"live/eu/cam1-1.ts","url":"live/eu/cam1-1.ts",)"
        R"("m3u8":"live/eu/cam1.m3u8","m3u8_url":"http://host/live/eu/cam1.m3u8","seq_no":100,)"
        R"("stream_url":"example.org/live/eu/cam1","stream_id":"vid-e4e7bb6"})");
}

TEST_CASE("SRS: an address in tcUrl is the default host; names without a slash have no app") {
  Event one = event(HookEvent::publish);
  one.client.tc_url = "rtmp://[2001:db8::1]:1935/live";
  one.about.path = "cam1";
  one.about.address = "[::ffff:10.0.0.8]:1";
  one.about.credentials.query = "";
  const std::string body = outgoing_of(Format::srs, one, sender).body;
  for (const char* part : {R"("vhost":"__defaultVhost__","app":"",)", R"("stream":"cam1","param":"",)",
                           R"("stream_url":"/cam1")", R"("ip":"10.0.0.8")"})
    CHECK_MESSAGE(body.find(part) != body.npos, body);
}

TEST_CASE("SRS: what is allowed, what is refused, and what is rubbish") {
  for (const char* body : {"0", " 0\n", "{\"code\":0}", "{\"code\": 0, \"data\": null}"})
    CHECK_MESSAGE(decide(Format::srs, 200, body).kind == Kind::allowed, body);
  for (const char* body : {"1", "{\"code\":403,\"msg\":\"no\"}", "-1"})
    CHECK_MESSAGE(decide(Format::srs, 200, body).kind == Kind::refused, body);
  for (const char* body : {"", "ok", "00", "0.0", "\"0\"", "null", "[]", "{}", "{\"code\":\"0\"}",
                           "{\"code\":false}", "{\"code\":1,\"code\":0}", "0 0", "<html>", "true"})
    CHECK_MESSAGE(decide(Format::srs, 200, body).kind == Kind::error, body);
  CHECK(decide(Format::srs, 204, "0").kind == Kind::error);
  CHECK(decide(Format::srs, 403, "0").kind == Kind::refused);
  CHECK(decide(Format::srs, 302, "0").kind == Kind::refused);
  CHECK(decide(Format::srs, 502, "0").kind == Kind::error);
}

TEST_CASE("MediaMTX: its body, and statuses") {
  Event one = event(HookEvent::play);
  one.about.protocol = "https";
  one.about.credentials.user = "bob";
  one.about.credentials.password = "s\"cret\xff";
  one.about.credentials.token = "t";
  CHECK(outgoing_of(Format::mediamtx, one, sender).body ==
        R"({"user":"bob","password":"s\"cret)"
        "\xef\xbf\xbd"
        R"(","token":"t","ip":"10.0.0.7","action":"read","path":"live/eu/cam1",)"
        R"("protocol":"hls","id":"c17","query":"key=abc","userAgent":"FMLE/3.0"})");
  one.kind = HookEvent::admin;
  one.about.protocol = "https-flv";
  const std::string body = outgoing_of(Format::mediamtx, one, sender).body;
  CHECK(body.find(R"("action":"api")") != body.npos);
  CHECK(body.find(R"("protocol":"http-flv")") != body.npos);

  CHECK(decide(Format::mediamtx, 200, "rubbish").kind == Kind::allowed);
  CHECK(decide(Format::mediamtx, 204, "").kind == Kind::allowed);
  CHECK(decide(Format::mediamtx, 401, "", false).refusal == access::Refusal::Kind::unknown);
  CHECK(decide(Format::mediamtx, 401, "").refusal == access::Refusal::Kind::wrong);
  CHECK(decide(Format::mediamtx, 403, "").refusal == access::Refusal::Kind::forbidden);
  CHECK(decide(Format::mediamtx, 500, "").kind == Kind::error);
}

TEST_CASE("nginx-rtmp: a form that the client's arguments cannot set again") {
  Event one = event(HookEvent::publish);
  one.about.credentials.query = "key=a+b%26c&addr=1.2.3.4&NAME=x&name[]=y&=z&k%5B0%5D=1&user=\xc3\xa4";
  CHECK(outgoing_of(Format::nginx_rtmp, one, sender).body ==
        "app=live%2Feu&flashver=FMLE%2F3.0&swfurl=&tcurl=rtmp%3A%2F%2Fexample.org%2Flive&"
        "pageurl=http%3A%2F%2Fpage%2F&addr=10.0.0.7&clientid=c17&call=publish&name=cam1&type=live&"
        "key=a%2Bb%26c&user=%C3%A4");
  CHECK(outgoing_of(Format::nginx_rtmp, one, sender).content_type == "application/x-www-form-urlencoded");
  for (const auto& [kind, call] :
       {std::pair{HookEvent::play, "call=play&"},
        {HookEvent::unpublish, "call=publish_done&"},
        {HookEvent::stop, "call=play_done&"},
        {HookEvent::close, "call=disconnect&"},
        {HookEvent::record, "call=record_done&name=cam1&recorder=&path=live%2Feu%2F"}}) {
    one.kind = kind;
    CHECK(outgoing_of(Format::nginx_rtmp, one, sender).body.find(call) != std::string::npos);
  }
  CHECK(decide(Format::nginx_rtmp, 201, "").kind == Kind::allowed);
  CHECK(decide(Format::nginx_rtmp, 302, "").kind == Kind::refused);
  CHECK(decide(Format::nginx_rtmp, 404, "").kind == Kind::refused);
}

TEST_CASE("our own format") {
  CHECK(
      outgoing_of(Format::json, event(HookEvent::publish), sender).body ==
      R"({"version":1,"action":"publish","path":"live/eu/cam1","protocol":"rtmp","address":"10.0.0.7:50123",)"
      R"("agent":"FMLE/3.0","id":"c17","node":"edge1","url":"rtmp://example.org/live","page_url":"http://page/",)"
      R"("user":"","password":"","token":"","key":"abc","query":"key=abc"})");
  CHECK(
      outgoing_of(Format::json, event(HookEvent::stop), sender).body ==
      R"({"version":1,"action":"stop","path":"live/eu/cam1","protocol":"rtmp","address":"10.0.0.7:50123",)"
      R"("agent":"FMLE/3.0","id":"c17","node":"edge1","url":"rtmp://example.org/live","page_url":"http://page/",)"
      R"("user":"alice","sent_bytes":10,"received_bytes":20})");
  Event admin = event(HookEvent::admin);
  admin.about.action = access::Action::admin_write;
  CHECK(outgoing_of(Format::json, admin, sender).body.find(R"("action":"admin.write")") != std::string::npos);
}

TEST_CASE("our own format: answers are read strictly") {
  const auto full =
      decide(Format::json, 200,
             R"({"allow":true,"reason":"paid","user":"alice","expires_in":3600,"path":"/live/other/"})");
  CHECK(full.kind == Kind::allowed);
  CHECK(full.user == "alice");
  CHECK(full.path == "live/other");
  CHECK(full.expires_in == std::chrono::seconds(3600));
  const auto no = decide(Format::json, 200, R"({"allow":false,"reason":"not paid"})");
  CHECK(no.kind == Kind::refused);
  CHECK(no.why == "not paid");
  for (const char* body :
       {"", "true", "{}", "[]", "null", R"({"allow":1})", R"({"allow":"true"})",
        R"({"allow":true,"expires_in":0})", R"({"allow":true,"expires_in":-1})",
        R"({"allow":true,"expires_in":1.5})", R"({"allow":true,"expires_in":99999999999999999999})",
        R"({"allow":true,"expire_in":5})", R"({"allow":true,"path":"../x"})", R"({"allow":true,"path":""})",
        R"({"allow":true,"path":7})", R"({"allow":true,"user":"a\nb"})", R"({"allow":true,"user":null})",
        R"({"allow":false,"allow":true})",
        R"({"allow":true} )"
        "x"})
    CHECK_MESSAGE(decide(Format::json, 200, body).kind == Kind::error, body);
  CHECK(decide(Format::json, 200, "{\"allow\":true,\"user\":\"" + std::string(257, 'x') + "\"}").kind ==
        Kind::error);
  CHECK(decide(Format::json, 200, std::string(16'000, '[')).kind == Kind::error);
  CHECK(decide(Format::json, 204, R"({"allow":true})").kind == Kind::error);
  CHECK(decide(Format::json, 403, R"({"allow":true})").kind == Kind::refused);
  CHECK(decide(Format::json, 403, R"({"allow":false,"reason":"not paid"})").why == "not paid");
  CHECK(decide(Format::json, 500, R"({"allow":false})").kind == Kind::error);
  CHECK(decide(Format::json, 0, "").kind == Kind::error);
}

TEST_CASE("HMAC-SHA256 as RFC 4231 has it, over the timestamp and the body") {
  CHECK(access::hex_of(access::hmac_of(access::Digest::sha256, "Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(access::hex_of(access::digest_of(access::Digest::sha256, "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const auto headers = signature_headers(
      "secret", "{}", std::chrono::system_clock::time_point(std::chrono::seconds(1'795'938'475)));
  CHECK(headers[0] == "X-Srs-Timestamp: 1795938475");
  CHECK(headers[1] == "X-Srs-Signature: sha256=" +
                          access::hex_of(access::hmac_of(access::Digest::sha256, "secret", "1795938475.{}")));
}

}  // namespace srs::hooks

#include "access/permission.h"

#include <doctest/doctest.h>

namespace srs::access {
namespace {

using namespace std::chrono_literals;

bool matches(const char* pattern, const char* path) {
  return PathPattern::parse(pattern).value().matches(path);
}

UtcTime utc(int year, unsigned month, unsigned day, std::chrono::minutes time = {}) {
  return std::chrono::sys_days(std::chrono::year(year) / month / day) + time;
}

bool in_network(const char* network, const char* address) {
  return Network::parse(network).value().contains(asio::ip::make_address(address));
}

TEST_CASE("patterns of stream names") {
  CHECK(matches("live/cam1", "live/cam1"));
  CHECK_FALSE(matches("live/cam1", "live/cam10"));
  CHECK(matches("/live/*", "live/cam1"));
  CHECK_FALSE(matches("live/*", "live/a/b"));
  CHECK_FALSE(matches("live/*", "live"));
  CHECK(matches("live/**", "live"));
  CHECK(matches("live/**", "live/a/b/c"));
  CHECK(matches("**", "x"));
  CHECK(matches("**/preview", "a/b/preview"));
  CHECK(matches("**/preview", "preview"));
  CHECK_FALSE(matches("**/preview", "a/preview/b"));
  CHECK(matches("a/**/b/*c", "a/x/b/y/b/xc"));
  CHECK(matches("live/cam*-hd", "live/cam12-hd"));
  CHECK(matches("live/*a*b", "live/aabab"));
  CHECK_FALSE(matches("live/*a*b", "live/aaba"));
  CHECK_FALSE(matches("LIVE/*", "live/x"));
}

TEST_CASE("patterns that would be misread are refused") {
  for (const char* text : {"", "/", "live//x", "live/", "live/**x", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q"})
    CHECK_FALSE(PathPattern::parse(text));
  CHECK_FALSE(PathPattern::parse(std::string(256, 'a')));
}

TEST_CASE("a pattern full of stars takes no longer than its size says") {
  const auto pattern = PathPattern::parse(std::string(120, '*') + "b");
  CHECK_FALSE(pattern);  // "**" within a component
  std::string stars;
  for (int i = 0; i < 100; ++i) stars += "*a";
  CHECK_FALSE(PathPattern::parse(stars + "b").value().matches(std::string(255, 'a')));
}

TEST_CASE("networks") {
  CHECK(in_network("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(in_network("10.0.0.0/8", "11.0.0.1"));
  CHECK(in_network("10.0.0.7", "10.0.0.7"));
  CHECK_FALSE(in_network("10.0.0.7", "10.0.0.6"));
  CHECK(in_network("10.0.0.0/9", "10.127.0.1"));
  CHECK_FALSE(in_network("10.0.0.0/9", "10.128.0.1"));
  CHECK(in_network("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(in_network("0.0.0.0/0", "2001:db8::1"));
  CHECK(in_network("::/0", "1.2.3.4"));
  CHECK(in_network("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(in_network("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(in_network("10.0.0.0/8", "::ffff:10.0.0.7"));
  for (const char* text :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129", "host", "10.0.0", "1.2.3.4/-1"})
    CHECK_FALSE(Network::parse(text));
}

TEST_CASE("addresses of endpoints") {
  CHECK(address_of("10.0.0.7:50123").to_string() == "10.0.0.7");
  CHECK(address_of("[2001:db8::7]:50123").to_string() == "2001:db8::7");
  CHECK(address_of("unknown").is_unspecified());
}

TEST_CASE("hours of a week") {
  const auto monday = utc(2026, 11, 30);
  const auto office = Hours::parse("Mon-Fri 08:00-18:00").value();
  CHECK(office.contain(monday + 8h));
  CHECK_FALSE(office.contain(monday + 7h + 59min + 59s));
  CHECK_FALSE(office.contain(monday + 18h));
  CHECK_FALSE(office.contain(monday - 2 * 24h + 12h));
  CHECK(office.end_of(monday + 9h + 30s) == monday + 18h);

  const auto nights = Hours::parse("Sat-Sun 22:00-06:00,Wed").value();
  CHECK(nights.contain(monday - 1h));  // Sunday evening
  CHECK(nights.contain(monday + 5h));  // into Monday
  CHECK_FALSE(nights.contain(monday + 6h));
  CHECK(nights.contain(monday + 2 * 24h));
  CHECK(Hours::parse("Sun-Mon 23:00-24:00").value().contain(monday - 30min));
  CHECK(Hours::parse("00:00-24:00").value().end_of(monday) == never);
  CHECK(office.contain(utc(1969, 12, 31, 9h)));  // a Wednesday, before the epoch

  for (const char* text : {"", "Mo", "8-18", "Mon 08:00", "Mon 08:00-25:00", "Mon 08:60-09:00",
                           "Mon-Fri 08:00-08:00", "Mon Tue", "Mon 08:00-09:00 x", ",", "Mon,"})
    CHECK_FALSE_MESSAGE(Hours::parse(text), text);
}

TEST_CASE("permissions as they are written") {
  const auto permission = parse_permission("publish,play live/cam1 vod/**").value();
  CHECK(permission.is_for(Action::publish));
  CHECK(permission.is_for(Action::play));
  CHECK_FALSE(permission.is_for(Action::admin_read));
  CHECK(permission.paths.size() == 2);
  for (const char* text : {"", "watch live/*", "play live//x", "*"}) CHECK_FALSE(parse_permission(text));
}

struct Asked {
  Question question{.action = Action::play, .protocol = "rtmp", .path = "live/cam1"};
  asio::ip::address address = asio::ip::make_address("10.0.0.7");
  UtcTime now = utc(2026, 11, 30, 9h);

  bool of(const Permission& permission) const { return permission.covers(question, address, now); }
};

TEST_CASE("what a permission covers") {
  Asked asked;
  Permission permission = parse_permission("play live/*").value();
  CHECK(asked.of(permission));
  asked.question.action = Action::publish;
  CHECK_FALSE(asked.of(permission));
  asked.question.action = Action::play;
  asked.question.path = "vod/x";
  CHECK_FALSE(asked.of(permission));
  asked.question.path = "live/x";
  permission.networks = {Network::parse("192.0.2.0/24").value()};
  CHECK_FALSE(asked.of(permission));
  permission.networks.push_back(Network::parse("10.0.0.0/24").value());
  CHECK(asked.of(permission));
  permission.protocols = {"http-flv"};
  CHECK_FALSE(asked.of(permission));
  asked.question.protocol = "https-flv";
  CHECK(asked.of(permission));
  permission.protocols = {"rtmps"};
  asked.question.protocol = "rtmp";
  CHECK_FALSE(asked.of(permission));  // only encrypted
  asked.question.protocol = "rtmps";
  CHECK(asked.of(permission));
  permission.until = asked.now;
  CHECK_FALSE(asked.of(permission));
}

TEST_CASE("the right that lasts longest counts") {
  const Asked asked;
  Permission brief = parse_permission("play").value(), longer = brief,
             other = parse_permission("publish").value();
  brief.until = asked.now + 1h;
  longer.hours = Hours::parse("Mon 08:00-18:00").value();
  const auto end = [&](const std::vector<Permission>& all) {
    return end_of_right(all, asked.question, asked.address, asked.now);
  };
  CHECK_FALSE(end({}).has_value());
  CHECK_FALSE(end({other}).has_value());
  CHECK(end({brief}) == asked.now + 1h);
  CHECK(end({brief, longer}) == asked.now + 9h);
  CHECK(end({brief, other, parse_permission("play").value()}) == never);
}

}  // namespace
}  // namespace srs::access

// Malformed input by the thousand: valid messages with random damage. The damage is drawn from fixed seeds, so a
// failure can be repeated; its input is printed.

#include <gtest/gtest.h>

#include <array>

#include "core/random.h"
#include "functions/json_text.h"
#include "functions/service.h"
#include "functions/stepping_clock.h"
#include "net/request_reading.h"

namespace thaw::functions {
namespace {

constexpr HttpLimits small_limits = {.head_bytes = 512, .body_bytes = 64};

constexpr std::array<std::string_view, 7> messages = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /inc HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n[\"10\", \"0\"] ",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
    "chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
    "POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
    "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    "GET http://x/nope?arg=%41&b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\n\r\n",
};

constexpr std::array<std::string_view, 14> fragments = {"\r\n",
                                                        "\n",
                                                        "\r",
                                                        "\r\n\r\n",
                                                        ":",
                                                        " ",
                                                        "\t",
                                                        std::string_view("\0", 1),
                                                        "Content-Length: 5\r\n",
                                                        "Transfer-Encoding: chunked\r\n",
                                                        "0\r\n\r\n",
                                                        "ffffffffffffffff\r\n",
                                                        "HTTP/1.1",
                                                        "\xff\xfe"};

/// One to four random edits of a random sequence of messages.
std::string damaged_stream(RandomStream& random) {
  std::string stream;
  for (std::uint64_t i = 0; i <= random.below(3); ++i) stream += messages[random.below(messages.size())];
  for (std::uint64_t edit = 0; edit <= random.below(4); ++edit) {
    const std::size_t at = random.below(stream.size() + 1);
    const std::size_t length = random.below(8);
    switch (random.below(5)) {
      case 0:
        stream.erase(at, length);
        break;
      case 1:
        stream.insert(at, fragments[random.below(fragments.size())]);
        break;
      case 2:
        stream.insert(at, stream.substr(random.below(stream.size() + 1), length * 8));
        break;
      case 3:
        stream.resize(at);
        break;
      default:
        if (at < stream.size()) stream[at] = static_cast<char>(random());
    }
  }
  return stream;
}

TEST(RequestReader, ReadsDamagedStreamsTheSameHoweverTheyAreCut) {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    RandomStream random(seed, "test.mutation");
    const std::string stream = damaged_stream(random);

    ASSERT_EQ(broken_promise(stream, small_limits), "") << "seed " << seed << ": " << json_quote(stream);
  }
}

TEST(RequestReader, StillAcceptsSomeDamagedStreams) {
  int accepted = 0;
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    RandomStream random(seed, "test.mutation");
    const auto seen = read_stream(damaged_stream(random), 64, small_limits);
    const bool is_refused = !seen.empty() && seen.back().starts_with("refused");
    refused += is_refused ? 1 : 0;
    accepted += seen.size() > (is_refused ? 1U : 0U) ? 1 : 0;
  }

  EXPECT_GT(accepted, 500);
  EXPECT_GT(refused, 500);
}

TEST(Service, AnswersDamagedRequestsWithAKnownStatus) {
  SteppingClock clock(std::chrono::nanoseconds(1));
  Service service(clock, {.only = *find_function("args")});
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    RandomStream random(seed, "test.mutation.body");
    HttpRequest request{.method = "POST", .target = "/", .body = R"(["a", 1.5e3, "µ\ud83d\ude00\n", true])"};
    for (std::uint64_t edit = 0; edit <= random.below(4); ++edit) {
      request.body.insert(random.below(request.body.size() + 1), 1, static_cast<char>(random()));
      request.body.erase(random.below(request.body.size() + 1), random.below(3));
    }

    const HttpResponse response = service.answer(request);

    ASSERT_TRUE(response.status == 200 || response.status == 400) << "seed " << seed << ": " << request.body;
  }
}

TEST(JsonQuote, RoundTripsRandomBytes) {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    RandomStream random(seed, "test.mutation.bytes");
    std::string text;
    for (std::uint64_t left = random.below(12); left > 0; --left) {
      // Mostly lead and continuation bytes, so that UTF-8 sequences of all lengths arise, whole and broken.
      text += static_cast<char>(random.below(4) == 0 ? 1 + random.below(255) : 0x80 + random.below(0x80));
    }

    const auto back = read_json_arguments(json_quote(text));

    ASSERT_TRUE(back) << "seed " << seed << ": " << json_quote(text);
    ASSERT_EQ(back->front(), text) << "seed " << seed;
  }
}

}  // namespace
}  // namespace thaw::functions

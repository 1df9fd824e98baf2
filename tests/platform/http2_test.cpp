// Clients that speak HTTP/2 and gRPC, and functions that do.

#include <gmock/gmock.h>

#include "gateway_fixture.h"
#include "net/faas_executor.h"
#include "net/grpc.h"
#include "net/http2_client.h"

namespace thaw {
namespace {

using testing::HasSubstr;

/// A waiting client of one HTTP/2 connection.
class Http2Client {
 public:
  explicit Http2Client(const std::string& url) : raw_(url) {}

  /// Begins a request; its answer comes with the tag.
  void begin(const Http2Call& call, std::uint64_t tag) {
    session_.send(call, tag);
    flush();
  }
  /// The next answer that ends.
  Http2Answer read() {
    while (true) {
      if (const Http2Answer* const answer = session_.next_answer()) return *answer;
      const std::string bytes = raw_.read_raw();
      if (bytes.empty() || !session_.feed(bytes)) return {};
      flush();
    }
  }
  Http2Answer request(const Http2Call& call) {
    begin(call, 1);
    return read();
  }

 private:
  void flush() {
    for (std::string out; session_.append_output(out); out.clear()) raw_.send_raw(out);
  }
  HttpClient raw_;
  Http2ClientSession session_;
};

class GatewayHttp2 : public GatewayTest {
 protected:
  static FunctionSpec trace_function(std::string name) {
    FunctionSpec spec;
    spec.name = std::move(name);
    spec.command = {TRACE_FUNCTION};
    return spec;
  }
  static Http2Answer execute(Http2Client& caller, std::string_view function, std::uint32_t runtime_ms) {
    std::string message, body;
    append_faas_request(message, {.message = "nothing", .runtime_ms = runtime_ms, .memory_mib = 1});
    append_grpc_message(body, message);
    const HttpHeaders headers{{"content-type", "application/grpc"}, {"te", "trailers"}};
    return caller.request({.method = "POST",
                           .authority = function,
                           .target = faas_execute_path,
                           .headers = &headers,
                           .body = body});
  }
};

TEST_F(GatewayHttp2, AFunctionIsInvokedByAuthority) {
  start({faulty("f")});
  Http2Client caller(gateway_->url());

  const Http2Answer answer =
      caller.request({.method = "POST", .authority = "f", .target = "/echo?1", .body = "hi"});

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "POST /echo?1\nhi");
  EXPECT_EQ(answer.headers.find("x-thaw-cold"), "1");
}

TEST_F(GatewayHttp2, AFunctionIsInvokedByPath) {
  start({faulty("f")});
  Http2Client caller(gateway_->url());

  EXPECT_EQ(caller.request({.authority = "gateway", .target = "/function/f/echo"}).body, "GET /echo\n");
}

TEST_F(GatewayHttp2, AFastCallOvertakesASlowOneOnTheSameConnection) {
  start({faulty("f")});
  Http2Client caller(gateway_->url());

  caller.begin({.authority = "f", .target = "/sleep?200"}, 1);
  caller.begin({.authority = "f", .target = "/sleep?1"}, 2);

  EXPECT_EQ(caller.read().tag, 2U);
  EXPECT_EQ(caller.read().tag, 1U);
}

TEST_F(GatewayHttp2, ACallIsAnsweredBesideTheListOfFunctions) {
  start({faulty("f")});
  Http2Client caller(gateway_->url());

  EXPECT_THAT(caller.request({.authority = "gateway", .target = "/functions"}).body, HasSubstr("\"f\""));
}

TEST_F(GatewayHttp2, AGrpcCallGoesToTheFunctionAndBackWithItsStatus) {
  start({trace_function("f")});
  Http2Client caller(gateway_->url());

  const Http2Answer answer = execute(caller, "f", 3);

  EXPECT_EQ(grpc_status(answer).code, GrpcCode::ok);
  const auto message = grpc_message(answer.body);
  ASSERT_TRUE(message);
  EXPECT_GE(parse_faas_reply(*message)->duration_us, 3000U);
}

TEST_F(GatewayHttp2, AGrpcCallThatIsDroppedIsUnavailable) {
  options_.queue_limit = 0;
  FunctionSpec spec = trace_function("f");
  spec.max_instances = 1;
  start({spec});
  HttpClient busy = client();
  busy.begin("/function/f?cpu=1000&mode=sleep");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));
  Http2Client caller(gateway_->url());

  EXPECT_EQ(grpc_status(execute(caller, "f", 1)).code, GrpcCode::unavailable);
}

TEST_F(GatewayHttp2, AGrpcCallForAnUnknownFunctionIsUnimplemented) {
  start({trace_function("f")});
  Http2Client caller(gateway_->url());

  const Http2Answer answer = execute(caller, "nobody", 1);

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.find("content-type"), "application/grpc");
  EXPECT_EQ(answer.headers.find("grpc-status"), "12");
  EXPECT_EQ(answer.headers.find("x-thaw-error"), "no-function");
  EXPECT_THAT(grpc_status(answer).message, HasSubstr("there is no function \"nobody\""));
  EXPECT_EQ(answer.body, "");
}

TEST_F(GatewayHttp2, AGrpcCallThatNamesAnUnknownFunctionInItsPathIsUnimplemented) {
  start({trace_function("f")});
  Http2Client caller(gateway_->url());
  const HttpHeaders headers{{"content-type", "application/grpc+proto"}, {"te", "trailers"}};

  const Http2Answer answer = caller.request({.method = "POST",
                                             .authority = "any",
                                             .target = "/function/nobody/faas.Executor/Execute",
                                             .headers = &headers});

  EXPECT_EQ(answer.headers.find("grpc-status"), "12");
  EXPECT_THAT(grpc_status(answer).message, HasSubstr("there is no function \"nobody\""));
}

TEST_F(GatewayHttp2, AGrpcCallWithoutTheTokenIsUnauthenticated) {
  options_.token = "secret";
  start({trace_function("f")});
  Http2Client caller(gateway_->url());

  EXPECT_EQ(execute(caller, "f", 1).headers.find("grpc-status"), "16");
}

TEST_F(GatewayHttp2, AFunctionThatSpeaksOnlyHttp2IsReachedFromHttp1) {
  FunctionSpec spec = trace_function("f");
  spec.protocol = "h2c";
  start({spec});

  EXPECT_THAT(post("/function/f?cpu=1").body, HasSubstr("ExecutionTime"));
}

}  // namespace
}  // namespace thaw

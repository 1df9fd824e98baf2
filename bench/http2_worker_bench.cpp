// What a call over HTTP/2 and gRPC costs the load generator: 16 in flight against a server in another thread that answers at
// once. `own_us` is the processor time of the sending thread for each call; goals: 15.4 µs (65 k/s) over HTTP/2, 20 µs
// (50 k/s) over gRPC, on one processor.

#include <benchmark/benchmark.h>
#include <sys/socket.h>

#include <thread>

#include "load/http2_worker.h"
#include "net/faas_executor.h"
#include "net/grpc.h"
#include "net/http2_server.h"

namespace thaw {
namespace {

constexpr std::size_t calls_in_flight = 16;

/// Answers one connection at once until its client leaves.
class Answerer {
 public:
  explicit Answerer(bool is_grpc) : is_grpc_(is_grpc) {
    const Endpoint any = resolve("127.0.0.1", 0).value();
    listener_ = listen_at(any, 8).value();
    thread_ = std::thread([this] { serve(); });
  }
  ~Answerer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  [[nodiscard]] std::string url() const {
    return fmt::format("http://127.0.0.1:{}/", local_port(listener_.get()));
  }

 private:
  void serve() {
    // The listener does not block, and the client connects when it likes.
    int socket = -1;
    while (socket < 0 && (socket = ::accept(listener_.get(), nullptr, nullptr)) < 0 && errno == EAGAIN) {
      std::this_thread::yield();
    }
    if (socket < 0) return;
    const FileDescriptor owned(socket);
    Http2ServerSession session;
    HttpRequest request;
    HttpResponse response{.body = "ok"};
    if (is_grpc_) {
      std::string reply;
      append_faas_reply(reply, {.message = "OK - here", .duration_us = 1000, .memory_kib = 1024});
      make_grpc_response(response, {}, reply);
    }
    std::vector<char> buffer(64 << 10);
    std::string out;
    for (;;) {
      const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (got <= 0 || !session.feed({buffer.data(), static_cast<std::size_t>(got)})) return;
      while (const auto stream = session.take(request)) session.respond(*stream, response);
      out.clear();
      if (session.append_output(out)) (void)::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
    }
  }

  bool is_grpc_;
  FileDescriptor listener_;
  std::thread thread_;
};

struct CountingSink final : InvocationSink {
  std::uint64_t ended = 0;
  std::uint64_t failed = 0;
  void take(const Invocation& invocation) override {
    ++ended;
    if (invocation.cause != Cause::none) ++failed;
  }
};

void call(benchmark::State& state, Protocol protocol) {
  const Answerer server(protocol == Protocol::grpc);
  TargetOptions options{.url = server.url(), .protocol = protocol};
  std::vector<TraceFunction> functions(1);
  functions.front().name = "function";
  LoadTarget target = LoadTarget::create(options, functions).value();
  const SenderOptions sender{.most_connections = 1, .streams_per_connection = calls_in_flight};
  const auto worker = Http2Worker::create(target, target.sites().front(), sender, system_clock()).value();
  CountingSink sink;
  const MonotonicTime anchor = system_clock().now();
  worker->begin(anchor, sink);
  Invocation invocation;
  invocation.runtime_ms = 10;
  invocation.memory_mib = 128;
  std::uint64_t submitted = 0;
  const auto submit = [&] {
    invocation.dispatched_ns = (system_clock().now() - anchor).count();
    worker->submit(invocation);
    ++submitted;
  };
  const Nanos cpu_begin = thread_cpu_time();
  for (auto _ : state) {
    const std::uint64_t goal = sink.ended + 1;
    while (submitted < sink.ended + calls_in_flight) submit();
    while (sink.ended < goal) worker->handle_ready(std::chrono::milliseconds(100), INT64_MAX);
  }
  const double cpu_us = to_seconds(thread_cpu_time() - cpu_begin) * 1e6;
  state.SetItemsProcessed(static_cast<std::int64_t>(sink.ended));
  state.counters["own_us"] = cpu_us / static_cast<double>(sink.ended);
  state.counters["failed"] = static_cast<double>(sink.failed);
  worker->censor_rest();
}

void http2(benchmark::State& state) { call(state, Protocol::http2); }
void grpc(benchmark::State& state) { call(state, Protocol::grpc); }

BENCHMARK(http2)->UseRealTime();
BENCHMARK(grpc)->UseRealTime();

}  // namespace
}  // namespace thaw

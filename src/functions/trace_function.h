#pragma once
// The trace function: from a request to the work it asks for, and from the work to the answer. No sockets, no threads.

#include <optional>
#include <string>
#include <vector>

#include "functions/trace_call.h"
#include "functions/trace_fault.h"
#include "functions/trace_work.h"
#include "net/grpc.h"

namespace thaw::functions {

struct TraceFunctionOptions {
  TraceCall defaults;                 ///< For calls that do not say.
  Bytes most_memory{10LL << 30};      ///< More is refused as if the system had none.
  std::string name = "thaw-fn";       ///< Of the function, in answers.
  std::string machine = "localhost";  ///< In answers.
  bool is_empty = false;              ///< Answers at once, whatever is asked.
  bool wants_base64 = false;          ///< Every HTTP answer in base64.
  std::vector<FaultRule> faults;
  bool takes_fault_header = true;  ///< X-Thaw-Fault of requests.
  std::uint64_t seed = 1;
};

/// One call on its way.
struct TraceTask {
  TraceCall call;
  Fault fault;
  std::uint64_t index = 0;  ///< The first call of the process is 0.
  std::string function;
  bool is_grpc = false;
  bool wants_base64 = false;
  std::optional<Nanos> timeout;          ///< Of a gRPC client.
  std::optional<HttpResponse> response;  ///< Already known: nothing is to be done.
};

/// Called by one thread.
class TraceFunction {
 public:
  explicit TraceFunction(TraceFunctionOptions options) : options_(std::move(options)) {}

  /// What a request asks for. Requests that ask for no work (health, errors) come with their response.
  TraceTask accept(const HttpRequest& request);

  /// The answer to a task whose work is done.
  HttpResponse answer(const TraceTask& task, const WorkReport& work) const;

  [[nodiscard]] std::uint64_t calls() const { return calls_; }

 private:
  void accept_http(const HttpRequest& request, TraceTask& task);
  void accept_grpc(const HttpRequest& request, TraceTask& task);
  void draw(TraceTask& task, std::string_view header);
  [[nodiscard]] std::string json_of(const TraceTask& task, const WorkReport& work,
                                    std::string_view status) const;

  TraceFunctionOptions options_;
  std::uint64_t calls_ = 0;
};

/// RFC 4648 section 4.
std::string base64(std::string_view bytes);

}  // namespace thaw::functions

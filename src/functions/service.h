#pragma once
// Functions behind HTTP: which function a request means, its arguments, and the response.

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "functions/functions.h"
#include "net/http_message.h"

namespace thaw::functions {

/// The arguments of a request: those of the query ("?arg=a&arg=b"), else those of the body. A body is JSON when it
/// starts with '[', '{' or '"' or is declared as application/json; otherwise its words are the arguments.
/// Errors: bad_usage.
Result<std::vector<std::string>> request_arguments(const HttpRequest& request);

/// Answers requests by running functions. One instance serves all connections.
class Service {
 public:
  struct Options {
    const Function* only = nullptr;              ///< Answers at "/"; null: every function answers at "/NAME".
    std::vector<std::string> default_args = {};  ///< For requests that bring none; with `only`.
    bool may_use_files = false;                  ///< Whether clients may name files of this machine.
  };

  Service(Clock& clock, Options options) : clock_(clock), options_(std::move(options)) {}

  /// 200 with the output; 400 for wrong arguments, 404, 405, 503 for a missing tool, 500 for a failed run: each with
  /// the error's text.
  HttpResponse answer(const HttpRequest& request);

 private:
  HttpResponse run(const Function& function, const HttpRequest& request);

  Clock& clock_;
  Options options_;
  std::atomic<std::uint64_t> calls_ = 0;
};

}  // namespace thaw::functions

// libFuzzer program: the HTTP reader and the argument reader on arbitrary bytes.

#include <cstdint>
#include <cstdlib>

#include "functions/json_text.h"
#include "functions/service.h"
#include "net/request_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thaw::functions;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!broken_promise(bytes, {.head_bytes = 512, .body_bytes = 256}).empty()) std::abort();
  HttpRequest request;
  request.target = "/";
  request.body = bytes;
  (void)request_arguments(request);
  if (bytes.find('\0') == std::string_view::npos) {
    const auto back = read_json_arguments(json_quote(bytes));
    if (!back || back->front() != bytes) std::abort();
  }
  return 0;
}

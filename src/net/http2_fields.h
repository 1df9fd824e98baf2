#pragma once
// The fields of one message in the form that the HTTP/2 engine wants. For http2_*.cpp only: it brings in nghttp2's header.

#include <nghttp2/nghttp2.h>

#include <string_view>
#include <vector>

#include "net/http_headers.h"

namespace thaw {

/// Collects fields; its memory is used again.
class Http2Fields {
 public:
  void clear();
  /// The name is put into lower case.
  void add(std::string_view name, std::string_view value);
  /// The same for all; what concerns one HTTP/1 connection only is left out.
  void add_all(const HttpHeaders& headers);
  /// Valid until the next change.
  [[nodiscard]] const std::vector<nghttp2_nv>& table();

 private:
  HttpHeaders fields_;
  std::vector<nghttp2_nv> table_;
};

}  // namespace thaw

#pragma once
// What calls say over HTTP/2 and gRPC, and what their answers mean.

#include <string>

#include "load/protocol_worker.h"
#include "load/target.h"
#include "net/http2_client.h"

namespace thaw {

/// The calls of one target. Its memory is used again for each.
class Http2Texts {
 public:
  /// `target` outlives it.
  Http2Texts(LoadTarget& target, const SenderOptions& options);

  /// What an invocation sends. Without a body of the user's, a gRPC call carries a faas.FaasRequest. Valid until the next
  /// call.
  Http2Call render(const Invocation& invocation);

  /// Fills in status, cause and what a complete answer tells of itself.
  void read(const Http2Answer& answer, Invocation& done) const;

 private:
  void make_grpc(const Invocation& invocation);
  void read_grpc(const Http2Answer& answer, bool names_instance, Invocation& done) const;

  LoadTarget& target_;
  bool reads_answers_;
  bool is_grpc_;
  std::string grpc_timeout_;
  HttpHeaders headers_;
  std::string authority_;
  std::string path_;
  std::string body_;
  std::string text_;
};

}  // namespace thaw

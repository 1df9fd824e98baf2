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
  /// `target` and `clock` outlive it.
  Http2Texts(LoadTarget& target, const SenderOptions& options, Clock& clock);

  /// What an invocation sends. Without a body of the user's, a gRPC call carries a faas.FaasRequest, or what its method wants
  /// where that is vSwarm's greeter. Valid until the next call.
  Http2Call render(const Invocation& invocation);

  /// Fills in status, cause and what a complete answer tells of itself.
  void read(const Http2Answer& answer, Invocation& done) const;

 private:
  void make_grpc(const Invocation& invocation);
  void append_hello(const Invocation& invocation);
  void read_grpc(const Http2Answer& answer, bool names_instance, Invocation& done) const;

  LoadTarget& target_;
  Clock& clock_;
  bool is_grpc_;
  bool is_greeter_;  ///< Benchmark services of vSwarm are called.
  std::string grpc_timeout_;
  HttpHeaders headers_;
  std::string authority_;
  std::string path_;
  std::string body_;
  std::string text_;
};

}  // namespace thaw

#pragma once
// One client's connection: requests in, responses out, each within its time.

#include <functional>
#include <string_view>

#include "core/clock.h"
#include "core/files.h"
#include "functions/server.h"
#include "net/http1_request.h"
#include "net/http_message.h"

namespace thaw::functions {

/// What a connection shares with its server.
struct Conversation {
  const ServerOptions& options;
  Clock& clock;
  const Handler& handler;
  int stop_fd = -1;  ///< Readable once the server wants to end: an idle connection closes.
};

/// Talks to one client until it leaves, errs, or the server ends.
class Connection {
 public:
  Connection(FileDescriptor socket, Conversation with) : socket_(std::move(socket)), with_(with) {}

  void serve();

  /// Answers "503" without having read a request.
  void turn_away();

 private:
  enum class Arrival { complete, refused, late, gone };

  Arrival receive_request();
  bool send(std::string_view bytes);
  void refuse(const HttpRefusal& refusal);
  void close_gently();
  [[nodiscard]] bool is_stopping() const;
  bool wait_until(short events, bool may_be_stopped, MonotonicTime deadline) const;

  FileDescriptor socket_;
  Conversation with_;
  RequestReader reader_{with_.options.limits};
  bool is_first_ = true;
};

}  // namespace thaw::functions

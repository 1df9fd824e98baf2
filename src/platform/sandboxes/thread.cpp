// The sandbox "thread": a thread of the gateway that serves HTTP by itself. It has no program and no memory of its own; what
// it leaves is the cost of the gateway.

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

#include "net/http1_message.h"
#include "net/http1_request.h"
#include "platform/sandbox.h"

namespace thaw {
namespace {

/// One connection of the gateway to the thread.
struct Conversation {
  FileDescriptor socket;
  RequestReader reader{{.head_bytes = 64 << 10, .body_bytes = 256 << 20}};
};

class ThreadSandbox final : public Sandbox {
 public:
  ThreadSandbox(FileDescriptor listener, FileDescriptor stop, Endpoint endpoint, const FunctionSpec& spec,
                Clock& clock)
      : listener_(std::move(listener)),
        stop_(std::move(stop)),
        endpoint_(endpoint),
        spec_(spec),
        clock_(clock) {
    thread_ = std::thread([this] { serve(); });
  }
  ~ThreadSandbox() override { end(); }

  [[nodiscard]] const Endpoint& endpoint() const override { return endpoint_; }
  void stop(Nanos /*grace*/) override { end(); }

 private:
  void end() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    (void)!::write(stop_.get(), &one, sizeof one);
    thread_.join();
  }

  void serve() {
    std::vector<pollfd> watched;
    while (true) {
      watched.assign({{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}});
      for (const Conversation& one : conversations_) watched.push_back({one.socket.get(), POLLIN, 0});
      ::poll(watched.data(), watched.size(), -1);
      if (watched[0].revents != 0) return;
      for (std::size_t i = conversations_.size(); i-- > 0;) {
        if (watched[i + 2].revents != 0 && !converse(conversations_[i])) {
          conversations_.erase(conversations_.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
      if (watched[1].revents != 0) {
        FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket.is_open()) conversations_.push_back({std::move(socket)});
      }
    }
  }

  /// Reads what has come and answers what is whole; false when the connection ends.
  bool converse(Conversation& with) {
    const ssize_t count = ::recv(with.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (count <= 0) return false;
    with.reader.feed({buffer_.data(), static_cast<std::size_t>(count)});
    while (with.reader.is_complete()) {
      with.reader.take(request_);
      if (spec_.work > Nanos::zero()) clock_.sleep_until(clock_.now() + spec_.work);
      out_.clear();
      response_.clear();
      response_.body = request_.body.empty() ? "ok\n" : request_.body;
      append_http1_response(out_, response_, true, request_.method == "HEAD");
      if (!write_all(with.socket.get(), out_, "an answer")) return false;
    }
    return !with.reader.refusal();
  }

  FileDescriptor listener_, stop_;
  Endpoint endpoint_;
  FunctionSpec spec_;
  Clock& clock_;
  std::vector<Conversation> conversations_;
  std::array<char, 16 << 10> buffer_{};
  HttpRequest request_;
  HttpResponse response_;
  std::string out_;
  std::thread thread_;
};

class ThreadKind final : public SandboxKind {
 public:
  explicit ThreadKind(Clock& clock) : clock_(clock) {}
  [[nodiscard]] Result<> check(const FunctionSpec& spec) const override {
    if (spec.protocol != "h2c") return {};
    return fail(ErrorKind::bad_usage, "function {}: a thread speaks http1 only", spec.name);
  }
  Result<std::unique_ptr<Sandbox>> start(const FunctionSpec& spec, std::uint64_t /*instance*/) override {
    THAW_TRY(const Endpoint any, resolve("127.0.0.1", 0));
    THAW_TRY(FileDescriptor listener, listen_at(any, 128));
    THAW_TRY(const Endpoint endpoint, resolve("127.0.0.1", local_port(listener.get())));
    FileDescriptor stop(::eventfd(0, EFD_CLOEXEC));
    return std::make_unique<ThreadSandbox>(std::move(listener), std::move(stop), endpoint, spec, clock_);
  }

 private:
  Clock& clock_;
};

}  // namespace

std::unique_ptr<SandboxKind> make_thread_kind(const SandboxSurroundings& surroundings) {
  return std::make_unique<ThreadKind>(*surroundings.clock);
}

}  // namespace thaw

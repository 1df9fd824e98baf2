#include "net/channel.h"

#include <sys/socket.h>

#include <cerrno>

namespace thaw {
namespace {

Channel::Step step_of(TlsStream::Step step) {
  switch (step) {
    case TlsStream::Step::done:
      return Channel::Step::done;
    case TlsStream::Step::wants_read:
    case TlsStream::Step::wants_write:
      return Channel::Step::later;
    case TlsStream::Step::closed:
      return Channel::Step::closed;
    case TlsStream::Step::failed:
      break;
  }
  return Channel::Step::failed;
}

Channel::Step step_of_error(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR ? Channel::Step::later
                                                                : Channel::Step::failed;
}

}  // namespace

Result<Channel> Channel::secure(FileDescriptor socket, const TlsContext& context, const std::string& host) {
  THAW_TRY(TlsStream tls, TlsStream::connect(context, socket.get(), host));
  Channel channel(std::move(socket));
  channel.tls_ = std::move(tls);
  return channel;
}

Channel::Step Channel::shake_hands() { return tls_ ? step_of(tls_->shake_hands()) : Step::done; }

Channel::Step Channel::read(std::span<char> into, std::size_t& got) {
  if (tls_) return step_of(tls_->read(into, got));
  const ssize_t n = ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT);
  got = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (n > 0) return Step::done;
  return n == 0 ? Step::closed : step_of_error(errno);
}

Channel::Step Channel::write(std::string_view bytes, std::size_t& put) {
  if (tls_) return step_of(tls_->write(bytes, put));
  const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  put = n > 0 ? static_cast<std::size_t>(n) : 0;
  return n >= 0 ? Step::done : step_of_error(errno);
}

void Channel::close() {
  if (tls_) tls_->say_goodbye();
  tls_.reset();
  socket_.reset();
}

}  // namespace thaw

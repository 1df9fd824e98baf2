#include "net/tls_stream.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace thaw {
namespace {

/// What the library says last; its queue of errors is empty afterwards.
std::string last_words() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  if (const char* const reason = ERR_reason_error_string(code)) return reason;
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

/// Each name behind its length (RFC 7301 section 3.1).
std::string alpn_wire_form(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int ended_or_later(BIO* bio, ssize_t result, int flag) {
  BIO_clear_retry_flags(bio);
  if (result < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_flags(bio, flag | BIO_FLAGS_SHOULD_RETRY);
  return static_cast<int>(result);
}

/// The library's own sockets raise SIGPIPE when the other side has left; these do not.
const BIO_METHOD* quiet_socket() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write(made, [](BIO* bio, const char* bytes, int size) {
      const auto length = static_cast<std::size_t>(size);
      return ended_or_later(bio, ::send(socket_of(bio), bytes, length, MSG_NOSIGNAL), BIO_FLAGS_WRITE);
    });
    BIO_meth_set_read(made, [](BIO* bio, char* bytes, int size) {
      const auto length = static_cast<std::size_t>(size);
      return ended_or_later(bio, ::recv(socket_of(bio), bytes, length, 0), BIO_FLAGS_READ);
    });
    BIO_meth_set_ctrl(made,
                      [](BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1L : 0L; });
    return made;
  }();
  return method;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void* own) {
  const auto& ours = *static_cast<const std::string*>(own);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, bytes_of(ours), static_cast<unsigned>(ours.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void TlsContext::Release::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void TlsStream::Release::operator()(ssl_st* ssl) const { SSL_free(ssl); }

Result<TlsContext> TlsContext::client(const TlsClientOptions& options) {
  TlsContext made{Owned(SSL_CTX_new(TLS_client_method()))};
  SSL_CTX* const context = made.context_.get();
  if (context == nullptr) return fail(ErrorKind::environment, "TLS: {}", last_words());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  made.verifies_ = options.verifies;
  SSL_CTX_set_verify(context, options.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_default_verify_paths(context);
  if (!options.ca_file.empty() &&
      SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
    return fail_at(ErrorKind::bad_input,
                   fmt::format("no certificates of authorities can be read: {}", last_words()),
                   options.ca_file.string(), "give a file of PEM certificates");
  }
  const std::string wire = alpn_wire_form(options.alpn);
  if (!wire.empty()) SSL_CTX_set_alpn_protos(context, bytes_of(wire), static_cast<unsigned>(wire.size()));
  return made;
}

Result<TlsContext> TlsContext::server(const Path& certificate, const Path& key,
                                      std::vector<std::string> alpn) {
  TlsContext made{Owned(SSL_CTX_new(TLS_server_method()))};
  SSL_CTX* const context = made.context_.get();
  if (context == nullptr) return fail(ErrorKind::environment, "TLS: {}", last_words());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return fail_at(ErrorKind::bad_input, fmt::format("the certificate cannot be read: {}", last_words()),
                   certificate.string(), "give a file of PEM certificates, the server's own first");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail_at(ErrorKind::bad_input, fmt::format("the key cannot be used: {}", last_words()),
                   key.string(), "give the PEM file of the key that belongs to the certificate");
  }
  made.alpn_ = std::make_shared<std::string>(alpn_wire_form(alpn));
  if (!made.alpn_->empty()) SSL_CTX_set_alpn_select_cb(context, choose_protocol, made.alpn_.get());
  return made;
}

Result<TlsStream> TlsStream::create(const TlsContext& context, int socket) {
  TlsStream made{Owned(SSL_new(context.context_.get()))};
  BIO* const bio = BIO_new(quiet_socket());
  if (made.ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    return fail(ErrorKind::environment, "TLS: {}", last_words());
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(made.ssl_.get(), bio, bio);
  return made;
}

Result<TlsStream> TlsStream::connect(const TlsContext& context, int socket, const std::string& host) {
  THAW_TRY(TlsStream made, create(context, socket));
  SSL* const ssl = made.ssl_.get();
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const bool is_address = ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
                          ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
  // A server name is never an address (RFC 6066 section 3).
  if (!is_address && SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) {
    return fail(ErrorKind::bad_usage, "\"{}\" cannot be the name of a TLS server", host);
  }
  if (context.verifies_) {
    const int is_set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str())
                                  : SSL_set1_host(ssl, host.c_str());
    if (is_set != 1) return fail(ErrorKind::bad_usage, "\"{}\" cannot be checked in a certificate", host);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  }
  SSL_set_connect_state(ssl);
  return made;
}

Result<TlsStream> TlsStream::accept(const TlsContext& context, int socket) {
  THAW_TRY(TlsStream made, create(context, socket));
  SSL_set_accept_state(made.ssl_.get());
  return made;
}

TlsStream::Step TlsStream::step_of(int result) {
  if (result > 0) return Step::done;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Step::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::wants_write;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      break;
  }
  const long verdict = SSL_get_verify_result(ssl_.get());
  const unsigned long code = ERR_peek_last_error();
  // A peer that leaves without saying so ends the stream; it is for the protocol above to see whether that was early.
  const bool has_left = code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  reason_ = verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : last_words();
  ERR_clear_error();
  return has_left && SSL_is_init_finished(ssl_.get()) != 0 ? Step::closed : Step::failed;
}

TlsStream::Step TlsStream::shake_hands() {
  ERR_clear_error();
  return step_of(SSL_do_handshake(ssl_.get()));
}

TlsStream::Step TlsStream::read(std::span<char> into, std::size_t& got) {
  ERR_clear_error();
  got = 0;
  return step_of(SSL_read_ex(ssl_.get(), into.data(), into.size(), &got));
}

TlsStream::Step TlsStream::write(std::string_view bytes, std::size_t& put) {
  ERR_clear_error();
  put = 0;
  return step_of(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put));
}

void TlsStream::say_goodbye() {
  ERR_clear_error();
  (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string_view TlsStream::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace thaw

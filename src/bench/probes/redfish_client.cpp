#include "bench/probes/redfish_client.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <exception>
#include <nlohmann/json.hpp>

#include "bench/probes/power_meter.h"
#include "core/text.h"

namespace thaw::redfish {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// No answer about power is near this; a longer one is not read to its end.
constexpr std::uint64_t longest_body = 4 << 20;

std::string sha256_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + size, ""));
}

/// "AB:CD…" and "abcd…" alike.
std::string bare_hexadecimal(std::string_view text) {
  std::string digits = to_lower(text);
  std::erase(digits, ':');
  return digits;
}

std::string base64(std::string_view text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero.
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), bytes, static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

/// The path of a link that may be a whole URL.
std::string path_of(std::string_view link) {
  const std::size_t scheme = link.find("://");
  if (scheme == std::string_view::npos) return std::string(link);
  const std::size_t slash = link.find('/', scheme + 3);
  return slash == std::string_view::npos ? "/" : std::string(link.substr(slash));
}

tl::unexpected<Error> refused(std::string_view host) {
  return fail_at(ErrorKind::environment,
                 fmt::format("the management controller {} refuses the user or the password", host), {},
                 "look at THAW_REDFISH_USER and THAW_REDFISH_PASSWORD, or credentials_file");
}

}  // namespace

struct Client::Request {
  http::verb verb = http::verb::get;
  std::string path;
  std::string body = {};
};

struct Client::Response {
  http::status status;
  Answer answer;
  std::string token, location;
};

/// One TLS connection. Each operation is started, and the I/O context run until it ends or its time is over.
class Client::Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const Server& server) {
    try {
      auto connection = std::unique_ptr<Connection>(new Connection(server));
      THAW_CHECK(connection->trust());
      THAW_CHECK(connection->connect());
      THAW_CHECK(connection->shake_hands());
      return connection;
    } catch (const std::exception& problem) {  // Out of file descriptors, for example.
      return fail(ErrorKind::environment, "cannot open a connection: {}", problem.what());
    }
  }

  /// Errors with `was_closed` set when the service had closed the connection before this request.
  Result<Response> exchange(http::request<http::string_body> message, bool& was_closed) {
    message.version(11);
    message.set(http::field::host, server_.host);
    message.prepare_payload();
    beast::get_lowest_layer(stream_).expires_after(server_.timeout);
    error_code error = run([&](auto done) { http::async_write(stream_, message, done); });
    http::response_parser<http::string_body> parser;
    parser.body_limit(longest_body);
    if (!error) error = run([&](auto done) { http::async_read(stream_, buffer_, parser, done); });
    was_closed = error && error != beast::error::timeout && !parser.got_some();
    if (error) return failure("did not answer", error);

    auto& received = parser.get();
    const auto text = [&](auto name) { return std::string(std::string_view(received[name])); };
    Response response{received.result(),
                      {std::move(received.body()), parse_http_date(text(http::field::date))},
                      text("X-Auth-Token"),
                      path_of(text(http::field::location))};
    is_open_ = received.keep_alive();
    return response;
  }

  [[nodiscard]] bool is_open() const { return is_open_; }

 private:
  explicit Connection(const Server& server) : server_(server), stream_(io_, tls_) {}

  tl::unexpected<Error> failure(std::string_view what, const error_code& error) const {
    const std::string why = error == beast::error::timeout
                                ? fmt::format("within {}", format_duration(server_.timeout))
                                : error.message();
    return fail_at(
        ErrorKind::environment,
        fmt::format("the management controller {}:{} {}{}{}", server_.host, server_.port, what,
                    error == beast::error::timeout ? " " : ": ", why),
        {}, "see whether url or host in probe_options is right and the controller is reachable from here");
  }

  /// Starts an operation and waits for its end.
  template <class Start>
  error_code run(Start start) {
    error_code result = asio::error::operation_aborted;
    start([&](error_code error, auto&&...) { result = error; });
    io_.restart();
    io_.run();
    return result;
  }

  Result<> trust() {
    error_code error;
    tls_.set_default_verify_paths(error);
    if (!server_.ca_file.empty()) tls_.load_verify_file(server_.ca_file.string(), error);
    if (error) {
      return fail_at(ErrorKind::environment, fmt::format("cannot read certificates: {}", error.message()),
                     server_.ca_file);
    }
    stream_.set_verify_mode(asio::ssl::verify_peer);
    stream_.set_verify_callback([this, matches_host = asio::ssl::host_name_verification(server_.host)](
                                    bool is_trusted, auto& context) {
      X509_STORE_CTX* store = context.native_handle();
      if (X509_STORE_CTX_get_error_depth(store) == 0) {
        seen_fingerprint_ = sha256_of(X509_STORE_CTX_get_current_cert(store));
      }
      // A fingerprint is compared after the handshake, before anything is sent.
      if (server_.is_insecure || !server_.fingerprint.empty()) return true;
      return matches_host(is_trusted, context);
    });
    return {};
  }

  Result<> connect() {
    struct LookUp {
      error_code error = asio::error::timed_out;
      tcp::resolver::results_type found;
    };
    // The system's look-up cannot be cancelled: its late answer needs a place of its own.
    const auto look_up = std::make_shared<LookUp>();
    tcp::resolver resolver(io_);
    resolver.async_resolve(server_.host, server_.port, [look_up](error_code error, auto found) {
      *look_up = {error, std::move(found)};
    });
    io_.run_for(server_.timeout);
    if (look_up->error) return failure("is not known", look_up->error);

    beast::get_lowest_layer(stream_).expires_after(server_.timeout);
    const error_code error =
        run([&](auto done) { beast::get_lowest_layer(stream_).async_connect(look_up->found, done); });
    if (error) return failure("cannot be reached", error);
    error_code
        ignored;  // Without it an answer in two parts waits 40 ms for the kernel; it works all the same.
    beast::get_lowest_layer(stream_).socket().set_option(tcp::no_delay(true), ignored);
    return {};
  }

  Result<> shake_hands() {
    if (!is_address(server_.host)) SSL_set_tlsext_host_name(stream_.native_handle(), server_.host.c_str());
    beast::get_lowest_layer(stream_).expires_after(server_.timeout);
    const error_code error =
        run([&](auto done) { stream_.async_handshake(asio::ssl::stream_base::client, done); });
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    const bool is_other =
        !server_.fingerprint.empty() && seen_fingerprint_ != bare_hexadecimal(server_.fingerprint);
    const bool is_untrusted =
        error.category() == asio::error::get_ssl_category() && !seen_fingerprint_.empty();
    if (is_untrusted || (!error && is_other)) {
      return fail_at(
          ErrorKind::environment,
          fmt::format("the certificate of {} is not trusted: {}", server_.host,
                      is_other               ? "it has another fingerprint"
                      : verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                                             : "it is for another host"),
          {}, fmt::format("if it is the right one, set ca_file, or fingerprint: {}", seen_fingerprint_));
    }
    if (error) return failure("does not speak TLS", error);
    is_open_ = true;
    return {};
  }

  const Server& server_;
  asio::io_context io_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  beast::ssl_stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  std::string seen_fingerprint_;
  bool is_open_ = false;
};

Client::Client(Server server, Credentials credentials)
    : server_(std::move(server)), credentials_(std::move(credentials)) {}

Client::~Client() { log_out(); }

Result<Client::Response> Client::send(const Request& request) {
  http::request<http::string_body> message{request.verb, request.path, 11, request.body};
  message.set(http::field::accept, "application/json");
  message.set("OData-Version", "4.0");
  if (!request.body.empty()) message.set(http::field::content_type, "application/json");
  if (!token_.empty()) message.set("X-Auth-Token", token_);
  if (!server_.uses_session) {
    message.set(http::field::authorization,
                "Basic " + base64(credentials_.user + ":" + credentials_.password));
  }

  const bool is_reused = connection_ != nullptr && connection_->is_open();
  if (!is_reused) {
    connection_.reset();
    THAW_TRY(connection_, Connection::open(server_));
  }
  bool was_closed = false;
  auto response = connection_->exchange(message, was_closed);
  if (response) return response;
  connection_.reset();
  // Between two requests a service may close an idle connection at any time.
  return is_reused && was_closed ? send(request) : response;
}

Result<> Client::log_in() {
  if (!server_.uses_session || !token_.empty()) return {};
  const nlohmann::json body = {{"UserName", credentials_.user}, {"Password", credentials_.password}};
  THAW_TRY(Response response,
           send({.verb = http::verb::post,
                 .path = "/redfish/v1/SessionService/Sessions",
                 .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}));
  if (response.status == http::status::unauthorized || response.status == http::status::bad_request) {
    return refused(server_.host);
  }
  if (response.token.empty()) {
    return fail_at(ErrorKind::environment,
                   fmt::format("the management controller {} opens no session: status {}", server_.host,
                               static_cast<int>(response.status)),
                   {}, "set auth: basic in probe_options if it has no sessions");
  }
  token_ = std::move(response.token);
  session_ = std::move(response.location);
  return {};
}

void Client::log_out() {
  if (token_.empty() || session_.empty()) return;
  // A session that cannot be closed expires by itself; there is nobody left to tell.
  [[maybe_unused]] const auto ignored = send({.verb = http::verb::delete_, .path = session_});
}

Result<Answer> Client::get(const std::string& path) {
  THAW_CHECK(log_in());
  THAW_TRY(Response response, send({.path = path}));
  if (response.status == http::status::unauthorized && server_.uses_session) {
    token_.clear();
    THAW_CHECK(log_in());
    THAW_TRY(response, send({.path = path}));
  }
  if (response.status == http::status::ok) return std::move(response.answer);
  if (response.status == http::status::unauthorized) return refused(server_.host);
  return fail_at(ErrorKind::environment,
                 fmt::format("the management controller {} answers {} to GET {}", server_.host,
                             static_cast<int>(response.status), path),
                 {}, "see whether chassis in probe_options is right");
}

}  // namespace thaw::redfish

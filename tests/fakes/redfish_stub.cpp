#include "fakes/redfish_stub.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

namespace thaw::fakes {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Json = nlohmann::ordered_json;
using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

struct Identity {
  std::string key, certificate, fingerprint;
};

template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  write(memory.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// A key and a self-signed certificate for 127.0.0.1.
Identity make_identity() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("ILOSTUB"), -1,
                             -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:ilo.test");
  X509_add_ext(certificate.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate.get(), key.get(), EVP_sha256());

  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate.get(), EVP_sha256(), digest, &size);
  return {
      pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); }),
      pem([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); }),
      fmt::format("{:02X}", fmt::join(digest, digest + size, ":"))};
}

std::string http_date(WallTime time) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

/// As iLO does: any case, with or without a slash at the end.
std::string plain_path(std::string_view target) {
  std::string path(target.substr(0, target.find('?')));
  std::ranges::transform(path, path.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string base64(const std::string& text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

Json link(std::string_view path) { return {{"@odata.id", path}}; }

Json collection(std::string_view path, std::string_view type, const std::vector<std::string>& members) {
  Json list = Json::array();
  for (const auto& member : members) list.push_back(link(member));
  return {{"@odata.id", path},
          {"@odata.type", fmt::format("#{0}Collection.{0}Collection", type)},
          {"Name", fmt::format("{} Collection", type)},
          {"Members", list},
          {"Members@odata.count", members.size()}};
}

}  // namespace

struct RedfishStub::State {
  StubOptions options;
  Identity identity = make_identity();
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  tcp::acceptor acceptor;
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool is_stopping = false;
  std::vector<std::string> requests;
  std::map<std::string, int> sessions;  // Token to requests left.
  int session_count = 0;
  std::set<tcp::socket*> sockets;
  std::vector<std::thread> workers;
  std::thread listener;

  State(StubOptions given, unsigned short port)
      : options(std::move(given)), acceptor(io, {asio::ip::make_address("127.0.0.1"), port}) {
    tls.use_certificate_chain(asio::buffer(identity.certificate));
    tls.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    listener = std::thread([this] { listen(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      is_stopping = true;
      for (tcp::socket* socket : sockets) {
        error_code ignored;
        socket->shutdown(tcp::socket::shutdown_both, ignored);
      }
    }
    wake.notify_all();
    ::shutdown(acceptor.native_handle(), SHUT_RDWR);  // Ends the accept that waits.
    listener.join();
    for (std::thread& worker : workers) worker.join();
  }

  void listen() {
    while (true) {
      error_code error;
      tcp::socket socket = acceptor.accept(error);
      if (error) return;
      workers.emplace_back([this, taken = std::move(socket)]() mutable { serve(std::move(taken)); });
    }
  }

  void serve(tcp::socket socket) {
    asio::ssl::stream<tcp::socket> stream(std::move(socket), tls);
    tcp::socket& wire = stream.next_layer();
    {
      const std::lock_guard lock(mutex);
      if (is_stopping) return;
      sockets.insert(&wire);
    }
    error_code error;
    wire.set_option(tcp::no_delay(true), error);
    stream.handshake(asio::ssl::stream_base::server, error);
    beast::flat_buffer buffer;
    while (!error) {
      HttpRequest request;
      http::read(stream, buffer, request, error);
      if (error) break;
      HttpResponse response = answer(request);
      if (!wait_latency()) break;
      http::write(stream, response, error);
      if (options.closes_after_each || response.need_eof()) break;
    }
    const std::lock_guard lock(mutex);
    sockets.erase(&wire);
  }

  /// False when the stub is being stopped.
  bool wait_latency() {
    std::unique_lock lock(mutex);
    return !wake.wait_for(lock, options.latency, [this] { return is_stopping; });
  }

  [[nodiscard]] WallTime now() const { return options.clock->wall() + options.clock_ahead; }

  HttpResponse answer(const HttpRequest& request) {
    const std::string path = plain_path(request.target());
    {
      const std::lock_guard lock(mutex);
      requests.push_back(fmt::format("{} {}", std::string_view(request.method_string()),
                                     std::string_view(request.target())));
    }
    HttpResponse response{http::status::ok, request.version()};
    response.keep_alive(request.keep_alive());
    response.set(http::field::content_type, "application/json; charset=utf-8");
    response.set(http::field::date, http_date(now()));
    response.set("OData-Version", "4.0");
    route(request, path, response);
    response.prepare_payload();
    return response;
  }

  void route(const HttpRequest& request, const std::string& path, HttpResponse& response) {
    constexpr std::string_view sessions_path = "/redfish/v1/sessionservice/sessions";
    if (path == "/redfish") return put(response, {{"v1", "/redfish/v1/"}});
    if (path == "/redfish/v1") return put(response, root());
    if (path == sessions_path && request.method() == http::verb::post) return log_in(request, response);
    if (!is_authorized(request))
      return refuse(response, http::status::unauthorized, "Base.1.4.NoValidSession");
    if (path.starts_with(sessions_path) && request.method() == http::verb::delete_)
      return log_out(path, response);
    if (request.method() != http::verb::get)
      return refuse(response, http::status::method_not_allowed, "Base.1.4.ActionNotSupported");
    if (path == "/redfish/v1/chassis")
      return put(response, collection("/redfish/v1/Chassis/", "Chassis", {"/redfish/v1/Chassis/1/"}));
    if (path == "/redfish/v1/chassis/1") return put(response, chassis());
    if (path == "/redfish/v1/chassis/1/power") return put_power(response, power());
    if (path == "/redfish/v1/chassis/1/power/fastpowermeter") return put_power(response, fast_meter());
    refuse(response, http::status::not_found, "Base.1.4.ResourceMissingAtURI");
  }

  static void put(HttpResponse& response, const Json& json) { response.body() = json.dump(); }

  void put_power(HttpResponse& response, const Json& json) const {
    response.body() = options.speaks_garbage ? "<html>Service Unavailable</html>" : json.dump();
  }

  static void refuse(HttpResponse& response, http::status status, std::string_view message) {
    response.result(status);
    put(response, {{"error",
                    {{"code", "iLO.0.10.ExtendedInfo"},
                     {"message", "See @Message.ExtendedInfo for more information."},
                     {"@Message.ExtendedInfo", Json::array({{{"MessageId", message}}})}}}});
  }

  bool is_authorized(const HttpRequest& request) {
    const std::string_view basic = request[http::field::authorization];
    if (basic == "Basic " + base64(options.user + ":" + options.password)) return true;
    const std::lock_guard lock(mutex);
    const auto session = sessions.find(std::string(std::string_view(request["X-Auth-Token"])));
    if (session == sessions.end()) return false;
    if (session->second-- > 0) return true;
    sessions.erase(session);
    return false;
  }

  void log_in(const HttpRequest& request, HttpResponse& response) {
    const Json body = Json::parse(request.body(), nullptr, false);
    if (!body.is_object() || body.value("UserName", "") != options.user ||
        body.value("Password", "") != options.password) {
      return refuse(response, http::status::unauthorized, "Base.1.4.NoValidSession");
    }
    const std::lock_guard lock(mutex);
    const std::string id = fmt::format("admin{:08x}", ++session_count);
    sessions["token-" + id] = options.session_requests;
    response.result(http::status::created);
    response.set("X-Auth-Token", "token-" + id);
    response.set(http::field::location, "https://127.0.0.1/redfish/v1/SessionService/Sessions/" + id + "/");
    put(response, {{"@odata.id", "/redfish/v1/SessionService/Sessions/" + id + "/"},
                   {"@odata.type", "#Session.v1_0_0.Session"},
                   {"Id", id},
                   {"Name", "User Session"},
                   {"UserName", options.user}});
  }

  void log_out(const std::string& path, HttpResponse& response) {
    const std::lock_guard lock(mutex);
    sessions.erase("token-" + path.substr(path.rfind('/') + 1));
    put(response, {{"error", {{"code", "iLO.0.10.ExtendedInfo"}}}});
  }

  static Json root() {
    return {{"@odata.context", "/redfish/v1/$metadata#ServiceRoot.ServiceRoot"},
            {"@odata.id", "/redfish/v1/"},
            {"@odata.type", "#ServiceRoot.v1_5_1.ServiceRoot"},
            {"Id", "RootService"},
            {"Name", "HPE RESTful Root Service"},
            {"RedfishVersion", "1.6.0"},
            {"Chassis", link("/redfish/v1/Chassis/")},
            {"SessionService", link("/redfish/v1/SessionService/")},
            {"Links", {{"Sessions", link("/redfish/v1/SessionService/Sessions/")}}}};
  }

  static Json chassis() {
    return {{"@odata.id", "/redfish/v1/Chassis/1/"},
            {"@odata.type", "#Chassis.v1_10_2.Chassis"},
            {"Id", "1"},
            {"Name", "Computer System Chassis"},
            {"ChassisType", "RackMount"},
            {"Power", link("/redfish/v1/Chassis/1/Power/")}};
  }

  [[nodiscard]] Json power() const {
    const int watts = static_cast<int>(options.watts(now()));
    const std::string path = "/redfish/v1/Chassis/1/Power/";
    const Json control = {{"@odata.id", "/redfish/v1/Chassis/1/Power#PowerControl/0"},
                          {"MemberId", "0"},
                          {"PowerCapacityWatts", 1600},
                          {"PowerConsumedWatts", watts},
                          {"PowerMetrics",
                           {{"AverageConsumedWatts", watts},
                            {"IntervalInMin", 20},
                            {"MaxConsumedWatts", watts},
                            {"MinConsumedWatts", watts}}}};
    const Json maker = {
        {"@odata.type", "#HpePowerMetricsExt.v2_2_0.HpePowerMetricsExt"},
        {"HasPowerMetering", true},
        {"HasCpuPowerMetering", true},
        {"HighEfficiencyMode", "Balanced"},
        {"Links",
         {{"PowerMeter", link(path + "PowerMeter")}, {"FastPowerMeter", link(path + "FastPowerMeter")}}},
        {"MinimumSafelyAchievableCap", nullptr},
        {"MinimumSafelyAchievableCapValid", false}};
    return {{"@odata.context", "/redfish/v1/$metadata#Power.Power"},
            {"@odata.etag", "W/\"0C3F2A11\""},
            {"@odata.id", "/redfish/v1/Chassis/1/Power"},
            {"@odata.type", "#Power.v1_3_0.Power"},
            {"Id", "Power"},
            {"Name", "PowerMetrics"},
            {"PowerControl", Json::array({control})},
            {"PowerSupplies", Json::array()},
            {"Oem", {{"Hpe", maker}}}};
  }

  /// The last 20 minutes on the controller's clock, oldest first.
  [[nodiscard]] Json fast_meter() const {
    const WallTime newest = std::chrono::floor<std::chrono::seconds>(now());
    const auto count = std::chrono::minutes(20) / options.grid;
    Json list = Json::array();
    int smallest = 1'000'000;
    int largest = 0;
    double sum = 0;
    for (auto i = count - 1; i >= 0; --i) {
      const auto second = std::chrono::floor<std::chrono::seconds>(newest) - i * options.grid;
      const WallTime time = WallTime(second.time_since_epoch() / options.grid * options.grid);
      const int watts = static_cast<int>(options.watts(time));
      smallest = std::min(smallest, watts);
      largest = std::max(largest, watts + 10);
      sum += watts;
      list.push_back({{"AmbTemp", 21},
                      {"Average", watts},
                      {"Cap", 0},
                      {"CpuUtil", 5},
                      {"CpuWatts", watts / 2},
                      {"DimmWatts", 9},
                      {"GpuWatts", 0},
                      {"Minimum", watts},
                      {options.layout == MeterLayout::power_detail ? "Peak" : "Maximum", watts + 10},
                      {"PrMode", "dyn"},
                      {"PunCap", false},
                      {"Time", format_utc(time)},
                      {"UnachCap", false}});
    }
    Json meter = {{"@odata.id", "/redfish/v1/Chassis/1/Power/FastPowerMeter"},
                  {"@odata.type", "#HpePowerMeter.v2_0_1.HpePowerMeter"},
                  {"Id", "FastPowerMeter"},
                  {"Name", "Fast Power Meter"},
                  {"Average", static_cast<int>(sum / static_cast<double>(count))},
                  {"Maximum", largest},
                  {"Minimum", smallest}};
    if (options.layout == MeterLayout::power_detail) {
      meter["PowerDetail"] = std::move(list);
      meter["Samples"] = count;
    } else {
      meter["Samples"] = std::move(list);
    }
    return meter;
  }
};

RedfishStub::RedfishStub(StubOptions options, unsigned short port)
    : state_(std::make_unique<State>(std::move(options), port)) {}

RedfishStub::~RedfishStub() { state_->stop(); }

std::string RedfishStub::url() const {
  return fmt::format("https://127.0.0.1:{}", state_->acceptor.local_endpoint().port());
}

std::string RedfishStub::certificate() const { return state_->identity.certificate; }

std::string RedfishStub::fingerprint() const { return state_->identity.fingerprint; }

std::vector<std::string> RedfishStub::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::size_t RedfishStub::open_sessions() const {
  const std::lock_guard lock(state_->mutex);
  return state_->sessions.size();
}

}  // namespace thaw::fakes

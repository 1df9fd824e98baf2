// Where a management controller is, as people write it.

#include "bench/probes/redfish_client.h"
#include "core/text.h"

namespace thaw::redfish {

Result<> parse_server(std::string_view url, Server& server) {
  if (url.find('@') != std::string_view::npos) {
    return fail_at(ErrorKind::bad_usage,
                   "the url of a management controller contains '@', as if it held a password", {},
                   "set THAW_REDFISH_USER and THAW_REDFISH_PASSWORD, or credentials_file in probe_options");
  }
  if (url.starts_with("http://")) {
    return fail_at(ErrorKind::bad_usage, fmt::format("'{}' would send the password unprotected", url), {},
                   "write https://");
  }
  std::string_view rest = url;
  if (rest.starts_with("https://")) rest.remove_prefix(8);
  rest = rest.substr(0, rest.find('/'));
  std::string_view host = rest;
  std::string_view port = "443";
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    host = rest.substr(0, colon);
    port = rest.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto number = parse_integer(port);
  if (host.empty() || !number || *number < 1 || *number > 65535) {
    return fail_at(ErrorKind::bad_usage, fmt::format("'{}' is no address of a management controller", url),
                   {}, "write https://HOST or https://HOST:PORT");
  }
  server.host = host;
  server.port = port;
  return {};
}

}  // namespace thaw::redfish

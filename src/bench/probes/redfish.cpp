// The redfish probe: logs in at the machine's management controller (HPE iLO, or any Redfish service), polls the power
// while the run lasts and reads the power meter's history when it ends.

#include <array>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "bench/probe.h"
#include "bench/probes/power_meter.h"
#include "bench/probes/redfish_client.h"
#include "core/text.h"

namespace thaw::probe_kinds {
namespace {

using redfish::Client;
using redfish::PowerSample;

constexpr std::array<ProbeMetric, 4> power_metrics = {{
    {"avg_power", "W", "Mean electric power of the machine during the run"},
    {"max_power", "W", "Largest power"},
    {"min_power", "W", "Smallest power"},
    {"energy", "J", "Energy the machine used during the run"},
}};

constexpr std::array<ProbeOptionSpec, 11> option_specs = {{
    {"url", "", "the controller: https://HOST or https://HOST:PORT"},
    {"host", "<short host name>-ilo.<domain>", "its name, when url is not given"},
    {"domain", "", "domain of that default name"},
    {"chassis", "1", "the chassis whose power counts"},
    {"interval", "1s", "time between two polls"},
    {"timeout", "10s", "for each request"},
    {"credentials_file", "", "file of mode 0600 with lines user=NAME and password=SECRET"},
    {"auth", "session", "session, or basic: user and password with every request"},
    {"ca_file", "", "certificates to trust besides the system's"},
    {"fingerprint", "", "SHA-256 of the only certificate to trust"},
    {"insecure", "false", "true: trust any certificate"},
}};

struct Settings {
  redfish::Server server;
  std::string chassis = "1";
  Nanos interval = std::chrono::seconds(1);
  Path credentials_file;
};

/// The first part of the host's own name, without which the default name of the controller cannot be made.
std::string short_host_name() {
  const auto name = read_file_if_any("/proc/sys/kernel/hostname");
  return name ? std::string(trim(name->substr(0, name->find('.')))) : std::string();
}

Result<> read_option(std::string_view name, const std::string& text, Settings& settings) {
  if (name == "url" || name == "host") return parse_server(text, settings.server);
  if (name == "chassis") settings.chassis = text;
  if (name == "interval") {
    THAW_TRY(settings.interval, parse_duration(text));
  }
  if (name == "timeout") {
    THAW_TRY(settings.server.timeout, parse_duration(text));
  }
  if (name == "credentials_file") settings.credentials_file = text;
  if (name == "ca_file") settings.server.ca_file = text;
  if (name == "fingerprint") settings.server.fingerprint = text;
  if (name == "insecure" && text != "true" && text != "false") {
    return fail(ErrorKind::bad_usage, "insecure is '{}', wanted true or false", text);
  }
  if (name == "insecure") settings.server.is_insecure = text == "true";
  if (name == "auth" && text != "session" && text != "basic") {
    return fail(ErrorKind::bad_usage, "auth is '{}', wanted session or basic", text);
  }
  if (name == "auth") settings.server.uses_session = text == "session";
  return {};
}

Result<Settings> read_options(const ProbeOptions& options) {
  Settings settings;
  std::string domain;
  for (const auto& [name, text] : options) {
    if (auto read = read_option(name, text, settings); !read) {
      return tl::unexpected(std::move(read).error().in(fmt::format("probe_options.{}", name)));
    }
    if (name == "domain") domain = text;
  }
  if (settings.server.host.empty()) {
    settings.server.host = short_host_name() + "-ilo" + (domain.empty() ? "" : "." + domain);
  }
  if (settings.interval <= Nanos::zero() || settings.server.timeout <= Nanos::zero()) {
    return fail(ErrorKind::bad_usage, "interval and timeout of the redfish probe must be longer than 0");
  }
  return settings;
}

class RedfishProbe final : public Probe {
 public:
  RedfishProbe(Settings settings, redfish::Credentials credentials, Clock& clock)
      : settings_(std::move(settings)),
        power_path_(fmt::format("/redfish/v1/Chassis/{}/Power", settings_.chassis)),
        client_(settings_.server, std::move(credentials)),
        clock_(clock) {}

  std::span<const ProbeMetric> metrics() const override { return power_metrics; }

  Result<> start() override {
    clock_offset_ = {};
    // The first poll finds the meter and the controller's clock, and fails before the run if anything is amiss.
    THAW_CHECK(poll());
    polled_.clear();
    span_.start = clock_.wall();
    watcher_ = std::jthread([this](const std::stop_token& stopping) { watch(stopping); });
    return {};
  }

  ProbeReading stop() override {
    span_.end = clock_.wall();
    watcher_.request_stop();
    watcher_.join();

    std::string problem;
    if (polled_.empty() || polled_.front().time > span_.end) {
      // A run shorter than one poll: the power right after it is the nearest there is.
      if (auto polled = poll(); !polled) problem = polled.error().what;
      if (!polled_.empty()) polled_.front().time = span_.end;
    }
    redfish::PowerMeter meter;
    if (auto read = read_meter(); read) {
      meter = *std::move(read);
    } else {
      problem = read.error().what;
    }
    return reading_of(redfish::summarize_power(meter, polled_, span_), problem);
  }

 private:
  /// Polls until told to stop; a failed poll is a gap, and why shows when the meter is read.
  void watch(const std::stop_token& stopping) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!stopping.stop_requested()) {
      const MonotonicTime began = clock_.now();
      [[maybe_unused]] const auto ignored = poll();
      const Nanos left = settings_.interval - (clock_.now() - began);
      if (left > Nanos::zero()) wake.wait_for(lock, stopping, left, [] { return false; });
    }
  }

  Result<> poll() {
    const WallTime asked = clock_.wall();
    THAW_TRY(const redfish::Answer answer, client_.get(power_path_));
    THAW_TRY(redfish::ChassisPower power, redfish::parse_chassis_power(answer.body));
    meter_path_ = std::move(power.fast_meter);
    if (answer.date) clock_offset_.add(asked, clock_.wall(), *answer.date);
    if (power.watts) polled_.push_back({asked, *power.watts, *power.watts, *power.watts});
    return {};
  }

  /// The meter's history on this machine's clock.
  Result<redfish::PowerMeter> read_meter() {
    if (meter_path_.empty()) return redfish::PowerMeter{};
    THAW_TRY(const redfish::Answer answer, client_.get(meter_path_));
    THAW_TRY(redfish::PowerMeter meter, redfish::parse_power_meter(answer.body));
    for (PowerSample& sample : meter.samples) sample.time -= clock_offset_.value();
    return meter;
  }

  [[nodiscard]] ProbeReading reading_of(const redfish::PowerSummary& power, std::string problem) const {
    ProbeReading reading;
    reading.values = {{"avg_power", power.average},
                      {"max_power", power.maximum},
                      {"min_power", power.minimum},
                      {"energy", power.energy}};
    std::vector<std::string> remarks;
    if (!power.note.empty()) remarks.push_back(power.note);
    if (!problem.empty()) remarks.push_back(std::move(problem));
    if (clock_offset_.value() != Nanos::zero()) {
      remarks.push_back(fmt::format("the controller's clock differs by {:+.1f} s, which was allowed for",
                                    to_seconds(clock_offset_.value())));
    }
    reading.problem = join(remarks, "; ");
    return reading;
  }

  Settings settings_;
  std::string power_path_;
  std::string meter_path_;
  Client client_;  // Used by the watcher between start() and stop(), by their caller otherwise.
  Clock& clock_;
  redfish::TimeSpan span_;
  std::vector<PowerSample> polled_;
  redfish::ClockOffset clock_offset_;
  std::jthread watcher_;
};

}  // namespace

std::span<const ProbeOptionSpec> redfish_options() { return option_specs; }

Result<std::unique_ptr<Probe>> make_redfish(const ProbeOptions& options, Clock& clock) {
  THAW_TRY(Settings settings, read_options(options));
  THAW_TRY(redfish::Credentials credentials,
           redfish::find_credentials(settings.credentials_file, environment_variable));
  return std::make_unique<RedfishProbe>(std::move(settings), std::move(credentials), clock);
}

}  // namespace thaw::probe_kinds

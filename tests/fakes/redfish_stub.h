#pragma once
// A management controller for tests: HTTPS on a loopback port with a certificate of its own, sessions and Basic
// authentication, and the power resources of an HPE iLO.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"

namespace thaw::fakes {

enum class MeterLayout {
  power_detail,  ///< iLO 5 and 6: Samples is a count, PowerDetail the list.
  samples_list,  ///< Samples is the list, with Maximum for Peak.
};

struct StubOptions {
  std::string user = "admin";
  std::string password = "correct horse";
  Clock* clock = &system_clock();
  std::function<double(WallTime)> watts = [](WallTime) { return 200.0; };
  MeterLayout layout = MeterLayout::power_detail;
  std::chrono::seconds grid{10};         ///< Time between samples of the fast meter.
  std::chrono::seconds clock_ahead{0};   ///< Of the controller against this machine.
  std::chrono::milliseconds latency{0};  ///< Before every answer.
  bool speaks_garbage = false;           ///< Power resources are no JSON.
  bool closes_after_each = false;        ///< Ends the connection after each answer without saying so.
  int session_requests = 1'000'000;      ///< Requests after which a session has expired.
};

class RedfishStub {
 public:
  explicit RedfishStub(StubOptions options = {}, unsigned short port = 0);
  ~RedfishStub();
  RedfishStub(const RedfishStub&) = delete;
  RedfishStub& operator=(const RedfishStub&) = delete;

  /// "https://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const;
  /// The certificate as PEM text, to be trusted as its own authority, and its SHA-256.
  [[nodiscard]] std::string certificate() const;
  [[nodiscard]] std::string fingerprint() const;
  /// "GET /redfish/v1/Chassis/1/Power" for every request so far.
  [[nodiscard]] std::vector<std::string> requests() const;
  [[nodiscard]] std::size_t open_sessions() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thaw::fakes

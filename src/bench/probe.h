#pragma once
// Observers inside this program that watch a repetition from its start to its end and give metrics of their own:
// what no output of the measured program could tell. A probe is one file in probes/ and one line in probes.inc.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/error.h"

namespace thaw {

/// A metric that a probe gives.
struct ProbeMetric {
  std::string_view name;
  std::string_view unit;
  std::string_view description;
  bool lower_is_better = true;
};

/// What a probe saw in one repetition.
struct ProbeReading {
  /// Every metric of the probe by name, in its order; nullopt when it could not be measured.
  std::vector<std::pair<std::string, std::optional<double>>> values;
  std::string
      problem;  ///< One sentence on what is missing or less exact than wished; empty when all is well.
};

class Probe {
 public:
  virtual ~Probe() = default;

  /// The metrics of every reading.
  [[nodiscard]] virtual std::span<const ProbeMetric> metrics() const = 0;

  /// Begins to watch; returns when it does. Called just before each repetition.
  /// Errors: environment, when nothing can be observed at all.
  virtual Result<> start() = 0;

  /// Ends what start() began. Called just after the repetition; takes bounded time whatever happens.
  virtual ProbeReading stop() = 0;
};

/// Option texts by name, as `probe_options` of a backend gives them. An empty text is the default.
using ProbeOptions = std::vector<std::pair<std::string, std::string>>;

/// One option of a probe as help shows it.
struct ProbeOptionSpec {
  std::string_view name;
  std::string_view fallback;
  std::string_view meaning;
};

/// A row of the table of probes.
struct ProbeEntry {
  std::string_view name;
  std::string_view summary;
  std::span<const ProbeOptionSpec> options;
  Result<std::unique_ptr<Probe>> (*make)(const ProbeOptions& options, Clock& clock);
};

/// Every probe, in help order.
std::span<const ProbeEntry> probes();

/// The probe called `name`. Nothing is contacted before its first start().
/// Errors: bad_usage for an unknown probe or option (with the nearest name) or a wrong value; environment when
/// credentials are missing or others could read them.
Result<std::unique_ptr<Probe>> make_probe(std::string_view name, const ProbeOptions& options, Clock& clock);

}  // namespace thaw

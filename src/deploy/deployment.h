#pragma once
// Functions on a platform: puts them there by the commands of the platform's file, and takes them off again.

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/process.h"
#include "deploy/platform_spec.h"
#include "platform/function_spec.h"

namespace thaw {

/// Told from several threads, one at a time.
struct DeploymentObserver {
  /// After each function: so many of all are there.
  std::function<void(std::size_t done, std::size_t all)> on_deployed = [](std::size_t, std::size_t) {};
  std::function<void(const std::string&)> on_warning = [](const std::string&) {};
};

/// Texts by the names of their placeholders: {"IMAGE", "thaw-fn"}.
using PlatformValues = std::map<std::string, std::string, std::less<>>;

class Deployment {
 public:
  /// `settings` are "image=thaw-fn,port=8080": parameters of the platform, in any case. `run` tells this deployment from
  /// others of the same functions ($RUN): small letters and digits.
  /// Errors: bad_usage (unknown parameter, one without a value), environment (a program that is not there).
  static Result<Deployment> create(PlatformSpec spec, std::string_view settings, std::string run,
                                   Nanos command_timeout = std::chrono::minutes(10));
  ~Deployment();
  Deployment(Deployment&&) noexcept;
  Deployment& operator=(Deployment&&) = delete;

  /// Puts all functions there, several at a time where the platform allows it. Returns the URL of each. When one fails, what
  /// was there already is taken off again. While functions are there, they are also taken off if this program is killed (needs
  /// start_process_guard; as far as its list of commands reaches). Call once. `own`, where not empty, has values of single
  /// functions that go before the parameters of the same names.
  /// Errors: run_failed with the command and what it said; environment (the command did not come to its end).
  Result<std::vector<std::string>> deploy(std::span<const FunctionSpec> functions,
                                          const DeploymentObserver& observer,
                                          std::span<const PlatformValues> own = {});

  /// Takes off what is there, also after an interrupt (a second one ends it). Goes on after a failure; each is a warning.
  void remove(const DeploymentObserver& observer);

  /// The headers that invocations of each function need. REQUIRES: deployed.
  [[nodiscard]] std::vector<std::vector<std::string>> headers() const;
  /// The platform and its parameters, for the record.
  [[nodiscard]] nlohmann::ordered_json describe() const;

 private:
  Deployment(PlatformSpec spec, PlatformValues parameters, Nanos command_timeout)
      : spec_(std::move(spec)), parameters_(std::move(parameters)), command_timeout_(command_timeout) {}
  /// A function while it is put there, and what it takes to undo that.
  struct Placed {
    PlatformValues values;  ///< What its placeholders mean.
    std::vector<Command> removal;
    bool is_begun = false;  ///< May be there: the guard has to know before it is.
    bool is_there = false;
  };
  [[nodiscard]] PlatformValues values_of(const FunctionSpec& function, std::size_t index,
                                         std::string label) const;
  [[nodiscard]] Result<std::vector<Command>> expand_all(const std::vector<CommandTemplate>& commands,
                                                        const PlatformValues& values) const;
  Result<std::string> deploy_one(Placed& function, std::mutex& mutex);
  Result<std::string> run(const Command& command, const std::string& what) const;
  void guard() const;

  PlatformSpec spec_;
  PlatformValues parameters_;
  Nanos command_timeout_;
  std::vector<Placed> functions_;
  std::vector<Command> finish_;
  bool is_prepared_ = false;
};

}  // namespace thaw

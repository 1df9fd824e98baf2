#pragma once
// What a chain of backends is told about the thing measured and about one repetition, and the values that
// placeholders have because of it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/backend.h"
#include "core/error.h"
#include "core/shell.h"

namespace thaw {

/// What is measured.
struct Target {
  Argv program;  ///< What $CMD runs: a path or a name, perhaps with words that select the function in it.
  Argv args;     ///< $ARGS; joined by spaces they are $BODY.
  std::string function;                                  ///< $FN
  std::string task;                                      ///< $TASK
  std::vector<std::pair<std::string, std::string>> env;  ///< For the program, carried through every layer.
};

/// The looked-up values of a run: what the `resolve` commands of its layers printed, for each copy.
class ResolvedValues {
 public:
  void set(std::size_t layer, int copy, std::string name, std::string value);
  /// nullptr when it was not looked up.
  [[nodiscard]] const std::string* find(std::size_t layer, int copy, std::string_view name) const;

 private:
  std::map<std::pair<std::size_t, int>, std::map<std::string, std::string, std::less<>>> values_;
};

/// What differs from repetition to repetition.
struct RunContext {
  int copies = 1;
  std::int64_t repetition = 1;
  std::string token;     ///< Marks every process of the run: $TOKEN, and THAW_TOKEN in their environment.
  std::string tmp_path;  ///< A fresh folder, with a slash at the end: $TMP_PATH. See Chain::tmp_parent.
  ResolvedValues resolved;
};

/// The names of all placeholders that every backend knows ($HOST0, $HOST1, … apart).
bool is_builtin_placeholder(std::string_view name);

/// The values of placeholders in one layer for one copy. A placeholder without a value is remembered as an error
/// and expands to nothing.
class LayerScope {
 public:
  struct Place {
    const std::vector<BackendSpec>& layers;
    std::size_t layer;
    const Target& target;
    const RunContext& context;
    int copy;
  };
  /// What stands inside the layer: the words of $CMD and of $ARGS.
  struct Inside {
    Argv command;
    Argv args;
    bool is_spec = false;  ///< A host fact or an errand on its way, also called $SPEC_COMMAND.
  };
  LayerScope(const Place& place, Inside inside) : place_(place), inside_(std::move(inside)) {}

  /// The layer's command with every placeholder replaced. Errors: bad_usage for a missing value.
  Result<Argv> expand(const CommandTemplate& command);
  /// The layer's `env` with placeholders replaced. Errors: bad_usage.
  Result<std::vector<std::pair<std::string, std::string>>> environment();

 private:
  [[nodiscard]] const BackendSpec& spec() const { return place_.layers[place_.layer]; }
  [[nodiscard]] const std::vector<std::string>& hosts() const;
  std::optional<Substitution> find(std::string_view name, bool is_shell_text, bool takes_all_args);
  std::optional<Substitution> inner_command(std::string_view name, bool takes_all_args) const;
  std::optional<Substitution> fact(std::string_view name, bool is_shell_text);
  std::optional<Substitution> host(std::string_view name);
  std::optional<Substitution> own(std::string_view name, bool is_shell_text);
  Substitution missing(std::string what, std::string hint);
  Result<> missing_value();

  Place place_;
  Inside inside_;
  std::optional<Error> missing_;
};

}  // namespace thaw

#pragma once
// Arithmetic on a container's figures, given by the user as text and compiled to a short program for a stack:
// "clock + freq*cost/size".
//
//   expression = term { ("+" | "-") term }         power    = primary [ "^" factor ]      (from the right)
//   term       = factor { ("*" | "/") factor }     primary  = number | variable | function "(" list ")"
//   factor     = "-" factor | power                         | "(" expression ")"
//
// A division by zero is infinite, with the sign of the dividend (0/0 is +infinity); what else has no value (the root of
// a negative number) counts as -infinity, so that a container with such a figure goes first.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

/// What an expression may name. ms are milliseconds, MB 10^6 bytes.
enum class Variable : std::uint8_t {
  clock,      ///< Figure of the last victim.
  frequency,  ///< Executions of the function since it last had no container.
  cost,       ///< What a cold start adds, ms.
  size,       ///< Memory of a container, MB.
  warm,       ///< An execution in a warm container, ms.
  cold,       ///< An execution in a new container, ms.
  last_use,   ///< Begin of its last execution, ms.
  uses,       ///< Executions of the container.
  clones,     ///< Containers of the function.
  now,        ///< ms.
  age,        ///< Since the container came, ms.
  idle,       ///< Since the end of its last execution, ms.
  count,
};
using VariableValues = std::array<double, static_cast<std::size_t>(Variable::count)>;

/// A variable as users write it.
struct VariableName {
  std::string_view name;
  Variable variable;
  std::string_view meaning;
};
/// Every name, synonyms too, in help order.
std::span<const VariableName> expression_variables();

class Expression {
 public:
  /// Errors: bad_usage with the column, and the text with a mark below it.
  static Result<Expression> compile(std::string_view text);

  [[nodiscard]] double evaluate(const VariableValues& variables) const;
  /// Whether the value changes while nothing happens to the container.
  [[nodiscard]] bool depends_on_time() const { return depends_on_time_; }

  enum class Operation : std::uint8_t {
    number,
    variable,
    negate,
    add,
    subtract,
    multiply,
    divide,
    power,
    minimum,
    maximum,
    logarithm,
    exponential,
    root,
    absolute,
    floor,
  };
  struct Instruction {
    Operation operation;
    Variable variable = Variable::count;
    double number = 0;
  };
  static constexpr std::size_t deepest_stack = 64;

 private:
  std::vector<Instruction> program_;
  bool depends_on_time_ = false;
};

}  // namespace thaw

#include "keepalive/expression.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>

#include "core/text.h"

namespace thaw {
namespace {

using Operation = Expression::Operation;
using Instruction = Expression::Instruction;

constexpr VariableName variable_names[] = {
    {"clock", Variable::clock, "figure of the last victim"},
    {"freq", Variable::frequency, "executions of the function since it last had no container"},
    {"frequency", Variable::frequency, "the same"},
    {"cost", Variable::cost, "what a cold start adds, ms"},
    {"init", Variable::cost, "the same"},
    {"size", Variable::size, "memory of a container, MB"},
    {"memory", Variable::size, "the same"},
    {"warm", Variable::warm, "an execution in a warm container, ms"},
    {"cold", Variable::cold, "an execution in a new container, ms"},
    {"last_use", Variable::last_use, "begin of its last execution, ms"},
    {"uses", Variable::uses, "executions of the container"},
    {"clones", Variable::clones, "containers of the function"},
    {"now", Variable::now, "the time of the choice, ms"},
    {"age", Variable::age, "time since the container came, ms"},
    {"idle", Variable::idle, "time since the end of its last execution, ms"},
};

struct FunctionName {
  std::string_view name;
  std::size_t arguments;
  Operation operation;
};
constexpr FunctionName function_names[] = {
    {"min", 2, Operation::minimum},   {"max", 2, Operation::maximum},     {"pow", 2, Operation::power},
    {"log", 1, Operation::logarithm}, {"exp", 1, Operation::exponential}, {"sqrt", 1, Operation::root},
    {"abs", 1, Operation::absolute},  {"floor", 1, Operation::floor},
};

/// Operands that an operation takes from the stack.
std::size_t operands(Operation operation) {
  switch (operation) {
    case Operation::number:
    case Operation::variable:
      return 0;
    case Operation::negate:
    case Operation::logarithm:
    case Operation::exponential:
    case Operation::root:
    case Operation::absolute:
    case Operation::floor:
      return 1;
    default:
      return 2;
  }
}

bool is_name_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Recursive descent; writes the program in the order in which a stack needs it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Instruction>> parse() {
    THAW_CHECK(expression());
    if (!is_at_end()) return error(position_, fmt::format("\"{}\" is not expected here", text_[position_]));
    return std::move(program_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> error(std::size_t at, std::string what,
                                            std::string_view advice = {}) const {
    if (text_.empty())
      return fail_at(ErrorKind::bad_usage, "expression: there is none", "column 1",
                     "write for example 'expr:clock + freq*cost/size'");
    std::string hint = fmt::format("{}\n       {}^", text_, std::string(at, ' '));
    if (!advice.empty()) hint += fmt::format("\n       {}", advice);
    return fail_at(ErrorKind::bad_usage, fmt::format("expression: {}", what),
                   fmt::format("column {}", at + 1), std::move(hint));
  }

  bool is_at_end() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_])) != 0)
      ++position_;
    return position_ == text_.size();
  }
  bool takes(char wanted) {
    if (is_at_end() || text_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  Result<> emit(const Instruction& instruction) {
    const std::size_t taken = operands(instruction.operation);
    depth_ = depth_ + 1 - taken;
    if (depth_ > Expression::deepest_stack)
      return error(position_, "too many values wait for their operator");
    program_.push_back(instruction);
    return {};
  }

  Result<> expression() {
    THAW_CHECK(term());
    for (;;) {
      if (takes('+')) {
        THAW_CHECK(term());
        THAW_CHECK(emit({Operation::add}));
      } else if (takes('-')) {
        THAW_CHECK(term());
        THAW_CHECK(emit({Operation::subtract}));
      } else {
        return {};
      }
    }
  }

  Result<> term() {
    THAW_CHECK(factor());
    for (;;) {
      if (takes('*')) {
        THAW_CHECK(factor());
        THAW_CHECK(emit({Operation::multiply}));
      } else if (takes('/')) {
        THAW_CHECK(factor());
        THAW_CHECK(emit({Operation::divide}));
      } else {
        return {};
      }
    }
  }

  Result<> factor() {
    constexpr int deepest_nesting = 200;
    if (++nesting_ > deepest_nesting) return error(position_, "it is nested too deeply");
    if (takes('-')) {
      THAW_CHECK(factor());
      THAW_CHECK(emit({Operation::negate}));
    } else {
      THAW_CHECK(power());
    }
    --nesting_;
    return {};
  }

  Result<> power() {
    THAW_CHECK(primary());
    if (!takes('^')) return {};
    THAW_CHECK(factor());
    return emit({Operation::power});
  }

  Result<> primary() {
    if (is_at_end()) return error(text_.size(), "a value is missing at the end");
    const std::size_t begin = position_;
    const char first = text_[begin];
    if (takes('(')) {
      THAW_CHECK(expression());
      return takes(')') ? Result<>{} : error(position_, "a closing parenthesis is missing");
    }
    if (std::isdigit(static_cast<unsigned char>(first)) != 0 || first == '.') return number();
    if (!is_name_part(first)) return error(begin, fmt::format("a value is expected, not \"{}\"", first));
    while (position_ < text_.size() && is_name_part(text_[position_])) ++position_;
    const std::string name = to_lower(text_.substr(begin, position_ - begin));
    return takes('(') ? call(name, begin) : variable(name, begin);
  }

  Result<> number() {
    const std::size_t begin = position_;
    const auto is_part = [&](std::size_t i) {
      const char c = text_[i];
      const bool is_sign =
          (c == '+' || c == '-') && i > begin && (text_[i - 1] == 'e' || text_[i - 1] == 'E');
      return is_name_part(c) || c == '.' || is_sign;
    };
    while (position_ < text_.size() && is_part(position_)) ++position_;
    const std::string_view word = text_.substr(begin, position_ - begin);
    const auto value = parse_number(word);
    if (!value) return error(begin, fmt::format("\"{}\" is no number", word));
    return emit({Operation::number, Variable::count, *value});
  }

  Result<> variable(const std::string& name, std::size_t begin) {
    std::vector<std::string> names;
    for (const VariableName& known : variable_names) {
      if (known.name == name) return emit({Operation::variable, known.variable});
      names.emplace_back(known.name);
    }
    return error(begin, fmt::format("there is no variable \"{}\"", name), suggest(name, names));
  }

  Result<> call(const std::string& name, std::size_t begin) {
    std::vector<std::string> names;
    for (const FunctionName& known : function_names) {
      names.emplace_back(known.name);
      if (known.name != name) continue;
      std::size_t given = 0;
      do {
        THAW_CHECK(expression());
        ++given;
      } while (takes(','));
      if (!takes(')')) return error(position_, "a closing parenthesis is missing");
      if (given != known.arguments) {
        return error(begin, fmt::format("{} takes {} argument{}, got {}", name, known.arguments,
                                        known.arguments == 1 ? "" : "s", given));
      }
      return emit({known.operation});
    }
    return error(begin, fmt::format("there is no function \"{}\"", name), suggest(name, names));
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  int nesting_ = 0;
  std::vector<Instruction> program_;
};

constexpr double infinity = std::numeric_limits<double>::infinity();

double apply(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::add:
      return a + b;
    case Operation::subtract:
      return a - b;
    case Operation::multiply:
      return a * b;
    case Operation::divide:
      return b == 0 ? (a < 0 ? -infinity : infinity) : a / b;
    case Operation::power:
      return std::pow(a, b);
    case Operation::minimum:
      return std::min(a, b);
    case Operation::maximum:
      return std::max(a, b);
    case Operation::negate:
      return -b;
    case Operation::logarithm:
      return std::log(b);
    case Operation::exponential:
      return std::exp(b);
    case Operation::root:
      return std::sqrt(b);
    case Operation::absolute:
      return std::abs(b);
    case Operation::floor:
      return std::floor(b);
    default:
      return b;
  }
}

}  // namespace

std::span<const VariableName> expression_variables() { return variable_names; }

Result<Expression> Expression::compile(std::string_view text) {
  Expression compiled;
  THAW_TRY(compiled.program_, Parser(text).parse());
  compiled.depends_on_time_ = std::ranges::any_of(compiled.program_, [](const Instruction& instruction) {
    return instruction.variable == Variable::now || instruction.variable == Variable::age ||
           instruction.variable == Variable::idle;
  });
  return compiled;
}

double Expression::evaluate(const VariableValues& variables) const {
  std::array<double, deepest_stack> stack;
  std::size_t depth = 0;
  for (const Instruction& instruction : program_) {
    if (instruction.operation == Operation::number) {
      stack[depth++] = instruction.number;
    } else if (instruction.operation == Operation::variable) {
      stack[depth++] = variables[static_cast<std::size_t>(instruction.variable)];
    } else if (operands(instruction.operation) == 1) {
      stack[depth - 1] = apply(instruction.operation, 0, stack[depth - 1]);
    } else {
      --depth;
      stack[depth - 1] = apply(instruction.operation, stack[depth - 1], stack[depth]);
    }
  }
  return std::isnan(stack[0]) ? -infinity : stack[0];
}

}  // namespace thaw

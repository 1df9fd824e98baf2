// The pickled traces of FaasCache's simulator: a pair of (functions by name, list of (LambdaData, time)).

#include <algorithm>
#include <array>

#include "trace/forms.h"
#include "trace/function_table.h"
#include "trace/loaded_trace.h"
#include "trace/pickle.h"

namespace thaw::forms {
namespace {

constexpr std::string_view class_name = "LambdaData";
constexpr std::size_t largest_pickle_bytes = std::size_t{2} << 30;

using Kind = Pickle::Kind;
using Place = Pickle::Place;

struct Attribute {
  std::string_view name;
  double TraceFunction::*value;
};
constexpr std::array attributes = {Attribute{"mem_size", &TraceFunction::memory_mb},
                                   Attribute{"run_time", &TraceFunction::cold_ms},
                                   Attribute{"warm_time", &TraceFunction::warm_ms}};

class Reader {
 public:
  Reader(const Pickle& pickle, const InputFile& file, ReadingNotes& notes)
      : pickle_(pickle), file_(file), notes_(notes) {}

  Result<Trace> read() {
    const bool is_pair =
        pickle_.kind(pickle_.root()) == Kind::tuple && pickle_.members(pickle_.root()).size() == 2;
    if (!is_pair || pickle_.kind(part(0)) != Kind::dictionary || pickle_.kind(part(1)) != Kind::list) {
      return wrong("the pickle is no pair of functions and invocations");
    }
    for (const auto& [key, value] : pickle_.items(part(0))) THAW_CHECK(add_listed(key, value));
    listed_ = trace_.functions.size();
    for (const Place entry : pickle_.members(part(1))) THAW_CHECK(add_invocation(entry));
    return std::move(trace_);
  }

 private:
  [[nodiscard]] Place part(std::size_t index) const { return pickle_.members(pickle_.root())[index]; }
  [[nodiscard]] tl::unexpected<Error> wrong(std::string what) const {
    return fail_at(ErrorKind::bad_input, std::move(what), file_.name());
  }

  /// name -> (name, MB, cold ms, warm ms). Shorter tuples are filled in by the object that is invoked.
  Result<> add_listed(Place key, Place value) {
    if (pickle_.kind(key) != Kind::text || pickle_.kind(value) != Kind::tuple) {
      return wrong("an entry of the functions is no name with its figures");
    }
    TraceFunction function;
    function.name = pickle_.text(key);
    const auto& figures = pickle_.members(value);
    for (std::size_t i = 0; i < attributes.size() && i + 1 < figures.size(); ++i) {
      if (!pickle_.is_number(figures[i + 1])) return wrong("a figure of a function is no number");
      function.*attributes[i].value = pickle_.number(figures[i + 1]);
    }
    if (!names_.add(function.name)) {
      if (!notes_.repair) {
        return fail_at(ErrorKind::bad_input, fmt::format("function \"{}\" is listed twice", function.name),
                       file_.name(), repair_hint(repairs::duplicate_function));
      }
      notes_.repairs.note(repairs::duplicate_function);
      return {};
    }
    trace_.functions.push_back(std::move(function));
    return {};
  }

  Result<> add_invocation(Place entry) {
    const std::size_t index = row_++;
    const bool is_pair = pickle_.kind(entry) == Kind::tuple && pickle_.members(entry).size() == 2;
    if (!is_pair || !pickle_.is_number(pickle_.members(entry)[1])) {
      return wrong(fmt::format("invocation {} is no pair of a function and a time", index));
    }
    const double time = pickle_.number(pickle_.members(entry)[1]);
    if (!is_possible_time(time)) {
      if (!notes_.repair) {
        return fail_at(
            ErrorKind::bad_input,
            fmt::format("invocation {} is at {} ms, a number from 0 to 4e12 is needed", index, time),
            file_.name(), repair_hint(repairs::bad_time));
      }
      notes_.repairs.note(repairs::bad_time);
      return {};
    }
    THAW_TRY(const FunctionIndex function, function_of(pickle_.members(entry)[0]));
    trace_.invocations.time_ms.push_back(time);
    trace_.invocations.function.push_back(function);
    return {};
  }

  Result<FunctionIndex> function_of(Place object) {
    if (const auto known = function_of_object_.find(object); known != function_of_object_.end())
      return known->second;
    if (pickle_.kind(object) != Kind::object || pickle_.attributes(object) == Pickle::no_place) {
      return wrong("an invocation names no function");
    }
    TraceFunction function;
    for (const auto& [key, value] : pickle_.items(pickle_.attributes(object))) {
      if (pickle_.kind(key) != Kind::text) return wrong("an attribute of a function has no name");
      if (pickle_.text(key) == "kind" && pickle_.kind(value) == Kind::text)
        function.name = pickle_.text(value);
      for (const Attribute& attribute : attributes) {
        if (pickle_.text(key) != attribute.name) continue;
        if (!pickle_.is_number(value))
          return wrong(fmt::format("{} of a function is no number", attribute.name));
        function.*attribute.value = pickle_.number(value);
      }
    }
    if (names_.add(function.name)) {
      if (!notes_.repair) {
        return fail_at(
            ErrorKind::bad_input,
            fmt::format(
                "invocation {} is of function \"{}\", which is not among the {} that the pickle lists",
                row_ - 1, function.name, listed_),
            file_.name(), repair_hint(repairs::unlisted_function));
      }
      notes_.repairs.note(repairs::unlisted_function);
      trace_.functions.emplace_back();
    }
    const FunctionIndex index = names_.find(function.name);
    trace_.functions[index] = std::move(function);
    function_of_object_[object] = index;
    return index;
  }

  const Pickle& pickle_;
  const InputFile& file_;
  ReadingNotes& notes_;
  Trace trace_;
  FunctionNames names_;
  std::unordered_map<Place, FunctionIndex> function_of_object_;
  std::uint64_t row_ = 0;   ///< Invocations read.
  std::size_t listed_ = 0;  ///< Functions in the dictionary.
};

/// "invocation 7 at 5 ms comes after one at 10 ms": the first that does; empty when none does.
std::string first_out_of_order(const InvocationBlock& invocations) {
  const auto& times = invocations.time_ms;
  const auto later = std::is_sorted_until(times.begin(), times.end());
  if (later == times.end()) return {};
  return fmt::format("invocation {} at {} ms comes after one at {} ms, times must not fall",
                     later - times.begin(), *later, *(later - 1));
}

/// Functions that cannot be are an error, or go with their invocations.
Result<> check_functions(Trace& trace, const InputFile& file, ReadingNotes& notes) {
  std::vector<FunctionIndex> kept(trace.functions.size(), FunctionNames::none);
  std::vector<TraceFunction> functions;
  for (std::size_t i = 0; i < trace.functions.size(); ++i) {
    TraceFunction& function = trace.functions[i];
    const bool is_possible = !function.name.empty() && is_possible_memory(function.memory_mb) &&
                             is_possible_time(function.cold_ms) && is_possible_time(function.warm_ms);
    if (is_possible) {
      kept[i] = static_cast<FunctionIndex>(functions.size());
      functions.push_back(std::move(function));
    } else if (notes.repair) {
      notes.repairs.note(repairs::bad_function);
    } else {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("function \"{}\" has {} MB, {} ms cold and {} ms warm, which is impossible",
                                 function.name, function.memory_mb, function.cold_ms, function.warm_ms),
                     file.name(), repair_hint(repairs::bad_function));
    }
  }
  trace.functions = std::move(functions);
  InvocationBlock& all = trace.invocations;
  std::size_t count = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const FunctionIndex function = kept[all.function[i]];
    if (function == FunctionNames::none) continue;
    all.time_ms[count] = all.time_ms[i];
    all.function[count++] = function;
  }
  notes.repairs.note(repairs::unknown_function, all.size() - count);
  all.time_ms.resize(count);
  all.function.resize(count);
  return {};
}

}  // namespace

Result<std::unique_ptr<TraceFile>> open_faascache(const InputFile& file, const ReadOptions& options) {
  ReadingNotes notes{.repair = options.repair};
  THAW_TRY(const std::string bytes, file.whole(largest_pickle_bytes));
  THAW_TRY(const Pickle pickle, Pickle::read(bytes, file.name(), class_name));
  THAW_TRY(Trace trace, Reader(pickle, file, notes).read());
  THAW_CHECK(check_functions(trace, file, notes));
  if (std::string flaw = first_out_of_order(trace.invocations); !flaw.empty() && !options.repair) {
    return fail_at(ErrorKind::bad_input, std::move(flaw), file.name(), repair_hint(repairs::unsorted));
  }
  notes.repairs.note(repairs::unsorted, sort_by_time(trace.invocations));
  return make_loaded_trace("faascache", std::move(trace), options, std::move(notes));
}

}  // namespace thaw::forms

#include "sim/predecessor_logs.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

#include "record/csv.h"
#include "sim/faascache/policy.h"
#include "sim/python_text.h"

namespace thaw {
namespace {

constexpr std::size_t buffer_size = 1 << 18;

/// The name as one CSV field.
std::string field(const std::string& name) {
  std::string line = csv_line({&name, 1});
  line.pop_back();
  return line;
}

bool prints_float_priorities(const SimulationPoint& point) {
  if (point.model != Model::faascache) return false;
  const auto choice = faascache::parse_policy(point.policy);
  return choice && faascache::has_float_priorities(choice->policy);
}

/// A policy as part of a file's name. Formulas and paths hold what no name may, and two that differ keep different names.
std::string file_word_of(const std::string& policy) {
  constexpr std::size_t longest = 60;
  std::string word = policy;
  for (char& c : word) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("-_.=:,").find(c) != std::string_view::npos;
    if (!is_plain) c = '_';
  }
  if (word == policy && word.size() <= longest) return word;
  return fmt::format("{}-{:08x}", word.substr(0, longest),
                     static_cast<std::uint32_t>(std::hash<std::string>{}(policy)));
}

}  // namespace

PredecessorLogs::PredecessorLogs(std::span<const TraceFunction> functions, bool has_float_priorities)
    : functions_(functions), has_float_priorities_(has_float_priorities) {
  for (const TraceFunction& function : functions) names_.push_back(field(function.name));
}

Result<PredecessorLogs> PredecessorLogs::create(const Path& folder, const SimulationPoint& point,
                                                std::span<const TraceFunction> functions,
                                                std::string_view run) {
  const std::string prefix = fmt::format("{}-{}-{}-{}-", file_word_of(point.policy), functions.size(),
                                         python_number(point.memory_mb), run);
  PredecessorLogs logs(functions, prints_float_priorities(point));
  THAW_TRY(logs.performance_, open(folder / (prefix + "performancelog.csv"), "lambda,time,meta\n"));
  THAW_TRY(logs.memory_,
           open(folder / (prefix + "memusagehist.csv"), "time,reason,mem_used,mem_size,extra\n"));
  THAW_TRY(logs.pure_cache_,
           open(folder / (prefix + "purecachehist.csv"), "time,used_mem,running_mem,pure_cache\n"));
  return logs;
}

Result<PredecessorLogs::Log> PredecessorLogs::open(const Path& path, std::string_view header) {
  Log log{FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)), path.string(),
          std::string(header)};
  if (!log.file.is_open()) {
    return fail_at(ErrorKind::environment, fmt::format("cannot write a log: {}", std::strerror(errno)),
                   log.path);
  }
  return log;
}

void PredecessorLogs::append(Log& log, std::string_view row) {
  log.pending += row;
  if (log.pending.size() >= buffer_size) flush(log);
}

void PredecessorLogs::flush(Log& log) {
  Result<> done = write_all(log.file.get(), log.pending, log.path);
  if (!done && written_) written_ = std::move(done);
  log.pending.clear();
}

Result<> PredecessorLogs::close() {
  for (Log* log : {&performance_, &memory_, &pure_cache_}) flush(*log);
  return written_;
}

void PredecessorLogs::on_invocation(double time_ms, FunctionIndex function, Served served) {
  if (served == Served::dropped) return;
  append(performance_, fmt::format("{},{},{}\n", names_[function], python_number(time_ms),
                                   served == Served::cold ? "miss" : "hit"));
}

void PredecessorLogs::on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                                std::span<const EvictedContainer> victims) {
  append(memory_, fmt::format("{},{},{},{},{}\n", python_number(time_ms), reason, python_number(used_mb),
                              python_number(size_mb), victims.empty() ? "N/A" : victim_list(victims)));
}

void PredecessorLogs::on_served(double time_ms, double used_mb, double running_mb) {
  append(pure_cache_, fmt::format("{},{},{},{}\n", python_number(time_ms), python_number(used_mb),
                                  python_number(running_mb), python_number(used_mb - running_mb)));
}

// A list of texts, each the text of a tuple: ["('a', 12.0)", "('b', 3.5)"].
std::string PredecessorLogs::victim_list(std::span<const EvictedContainer> victims) const {
  std::string list = "[";
  for (const EvictedContainer& victim : victims) {
    if (list.size() > 1) list += ", ";
    const std::string priority =
        has_float_priorities_ ? python_float(victim.priority) : python_number(victim.priority);
    list += python_repr("(" + python_repr(functions_[victim.function].name) + ", " + priority + ")");
  }
  return list + "]";
}

}  // namespace thaw

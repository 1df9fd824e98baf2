#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/files.h"
#include "core/random.h"
#include "core/text.h"
#include "functions/arguments.h"
#include "functions/distributions.h"
#include "functions/functions.h"

namespace thaw::functions {
namespace {

/// What one call of the function asks for.
struct Request {
  const Distribution* distribution = nullptr;
  Parameters parameters{};
  std::uint64_t seed = default_seed;
  std::uint64_t index = 0;
  std::string counter;      ///< The file that holds the next index; empty: none.
  std::int64_t values = 0;  ///< Plain draws to print instead of pretending one time; 0: none.
  bool does_sleep = false;
};

/// Reads "--name value" options anywhere among the positional words, which stay in `words`.
class Options {
 public:
  explicit Options(const Invocation& call) : positionals_("distributions", {}), call_(call) {}

  Result<Request> read() {
    Request request;
    request.index = call_.index;
    for (at_ = 0; at_ < call_.args.size(); ++at_) {
      const std::string& word = call_.args[at_];
      if (word.starts_with("--")) {
        THAW_CHECK(option(word, request));
      } else {
        words_.push_back(word);
      }
    }
    THAW_CHECK(distribution(request));
    return request;
  }

 private:
  Result<> option(const std::string& name, Request& request) {
    if (name == "--sleep") {
      request.does_sleep = true;
      return {};
    }
    if (at_ + 1 == call_.args.size()) return positionals_.wrong(fmt::format("{} needs a value", name));
    const std::string& text = call_.args[++at_];
    if (name == "--counter") {
      if (!call_.may_use_files) return positionals_.wrong("--counter needs a file, and files are not served");
      request.counter = text;
      return {};
    }
    const auto number = parse_integer(text);
    if (!number || *number < 0) {
      return positionals_.wrong(fmt::format("{} needs a whole number from 0, got \"{}\"", name, text));
    }
    if (name == "--seed") {
      request.seed = static_cast<std::uint64_t>(*number);
    } else if (name == "--index") {
      request.index = static_cast<std::uint64_t>(*number);
    } else if (name == "--values" && *number <= 1'000'000) {
      request.values = *number;
    } else {
      return positionals_.wrong(name == "--values"
                                    ? fmt::format("--values is limited to 1000000, got {}", text)
                                    : fmt::format("there is no option {}", name));
    }
    return {};
  }

  /// The family and its parameters from the positional words.
  Result<> distribution(Request& request) {
    const std::string name = words_.empty() ? "normal" : words_.front();
    const auto all = distributions();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& d) { return d.name == name; });
    if (found == all.end()) {
      std::vector<std::string> names;
      for (const Distribution& each : all) names.emplace_back(each.name);
      return fail_at(ErrorKind::bad_usage, fmt::format("there is no distribution \"{}\"", name),
                     "distributions", suggest(name, names));
    }
    request.distribution = &*found;
    if (!words_.empty()) words_.erase(words_.begin());
    Positionals rest("distributions", words_);
    for (std::size_t i = 0; i < found->parameters.size() && !found->parameters[i].name.empty(); ++i) {
      const Parameter& parameter = found->parameters[i];
      THAW_TRY(request.parameters[i],
               rest.number(parameter.name, parameter.default_value, parameter.least, 1e9));
    }
    return rest.finish();
  }

  Positionals positionals_;
  const Invocation& call_;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

/// Takes the number in the file and leaves the next one, under a lock, so that processes started together get
/// different numbers. An absent or empty file counts as 0. Errors: environment, bad_input.
Result<std::uint64_t> take_number(const std::string& path) {
  const auto failure = [&](std::string_view action) {
    return fail_at(ErrorKind::environment, fmt::format("cannot {}: {}", action, std::strerror(errno)), path);
  };
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.is_open()) return failure("open the counter");
  if (::flock(file.get(), LOCK_EX) != 0) return failure("lock the counter");
  const std::string content = read_all(file.get());
  const auto number = trim(content).empty() ? std::optional<std::int64_t>(0) : parse_integer(trim(content));
  if (!number || *number < 0) {
    return fail_at(ErrorKind::bad_input, fmt::format("the counter holds no number but \"{}\"", trim(content)),
                   path);
  }
  const std::string next = fmt::format("{}\n", *number + 1);
  if (::ftruncate(file.get(), 0) != 0 ||
      ::pwrite(file.get(), next.data(), next.size(), 0) != static_cast<ssize_t>(next.size())) {
    return failure("advance the counter");
  }
  return static_cast<std::uint64_t>(*number);
}

std::string plain_values(const Request& request) {
  std::string lines;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(request.values); ++i) {
    lines += format_number(request.distribution->draw(request.parameters, request.seed, request.index + i));
    lines += '\n';
  }
  return lines;
}

}  // namespace

/// distributions: the "measured" time is a draw. With --sleep the call really takes that long.
Result<std::string> run_distributions(const Invocation& call) {
  THAW_TRY(Request request, Options(call).read());
  if (!request.counter.empty()) {
    THAW_TRY(request.index, take_number(request.counter));
  }
  if (request.values > 0) return plain_values(request);

  const double draw = request.distribution->draw(request.parameters, request.seed, request.index);
  if (request.does_sleep) {
    call.clock.sleep_until(call.clock.now() + from_seconds(std::clamp(draw, 0.0, 86400.0)));
  }
  return fmt::format("{} seed {} index {}\n", request.distribution->name, request.seed, request.index) +
         time_line("distributions", Seconds(draw));
}

}  // namespace thaw::functions

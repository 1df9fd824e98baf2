#include "bench/repetition.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <array>

#include "core/text.h"

namespace thaw {
namespace {

/// A cause that programs report in their own words, and what helps.
struct KnownCause {
  std::string_view words;
  std::string_view hint;
};

constexpr std::array known_causes = {
    KnownCause{"Cannot connect to the Docker daemon",
               "start dockerd, or set DOCKER_HOST to where it listens"},
    KnownCause{"No such container", "start the container first: docker run -d --name NAME IMAGE"},
    KnownCause{"No such object", "start the container first: docker run -d --name NAME IMAGE"},
    KnownCause{"Unable to find image", "import or pull the image first; see docker images"},
    KnownCause{"Could not resolve hostname", "check the host's name in --hosts or the hostfile"},
    KnownCause{
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "the host's key is not the one known so far: if the host was set up anew, remove the old key with "
        "ssh-keygen -R HOST; if not, somebody may be listening in"},
    KnownCause{"Host key verification failed",
               "connect once by hand (ssh HOST true) to accept the host's key"},
    KnownCause{"Permission denied (publickey",
               "load the key for this host (ssh-add), or name it in ~/.ssh/config"},
    KnownCause{"Connection refused", "check that the server runs and listens on this host and port"},
    KnownCause{"Failed to connect to", "check that the server runs and listens on this host and port"},
    KnownCause{"Connection timed out", "check the host, the port and the firewall between"},
    KnownCause{"No route to host", "check the host's address and the network"},
    KnownCause{"was refused - did you specify the right host or port", "check kubectl's server and context"},
    KnownCause{"There are not enough slots available", "fewer copies, or more slots in the hostfile"},
    KnownCause{"No permission to enable", "lower /proc/sys/kernel/perf_event_paranoid, or run as root"},
    KnownCause{"mpiP's library was not found", "set MPIP_LIBRARY to the path of libmpiP.so"},
    KnownCause{"No sensors found", "this machine has no readable sensors; see thaw doctor"},
};

bool says_something(std::string_view line) {
  return line.find_first_not_of(" \t\r-=*_#") != std::string_view::npos;
}

/// The last line that is more than a ruled one (mpirun draws them around its messages).
std::string last_line(std::string_view text) {
  std::string last;
  for (const std::string_view line : split_lines(text)) {
    if (says_something(line)) last = std::string(trim(line));
  }
  constexpr std::size_t longest = 200;
  if (last.size() > longest) last = last.substr(0, longest) + "…";
  return last;
}

std::vector<int> pin_of_copy(const std::vector<int>& pin, std::size_t copy, std::size_t copies) {
  if (pin.empty() || copies == 1) return pin;
  return {pin[copy % pin.size()]};
}

/// The signal that the C library describes with these words; 0 when there is none.
int signal_described(std::string_view words) {
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* description = ::sigdescr_np(number);
    if (description != nullptr && words == description) return number;
  }
  return 0;
}

/// Corrects the report of a copy whose output says that it failed.
Result<> find_failure(const Pattern& pattern, CopyResult& copy) {
  for (const std::string& text : {copy.err, copy.out}) {
    THAW_CHECK(pattern.each_match(text, [&](std::string_view words) {
      ProcessReport& report = copy.report;
      report.signal = signal_described(words);
      report.outcome = report.signal != 0 ? Outcome::signalled : Outcome::exited;
      report.exit_code = report.signal != 0 ? 128 + report.signal : 1;
    }));
  }
  return {};
}

}  // namespace

std::string_view CopyResult::status() const {
  switch (report.outcome) {
    case Outcome::exited:
      return report.exit_code == 0 ? "ok" : "failed";
    case Outcome::signalled:
      return "signal";
    default:
      return outcome_name(report.outcome);
  }
}

Result<> OutputFiles::open(std::size_t copies) {
  pairs_.resize(copies);
  for (Pair& pair : pairs_) {
    if (pair.err.is_open()) continue;
    THAW_TRY(pair.out, memory_file("stdout"));
    THAW_TRY(pair.err, memory_file("stderr"));
  }
  return {};
}

void OutputFiles::release(std::size_t copy, bool may_be_written) {
  const auto is_empty = [](const FileDescriptor& file) {
    struct stat status {};
    return ::fstat(file.get(), &status) == 0 && status.st_size == 0;
  };
  Pair& pair = pairs_[copy];
  if (may_be_written || !is_empty(pair.out) || !is_empty(pair.err)) pair = {};
}

Result<std::vector<CopyResult>> run_repetition(std::span<const Command> commands,
                                               const RepetitionSetup& setup, OutputFiles& files) {
  std::vector<Launch> launches;
  std::vector<FileDescriptor> inputs;
  THAW_CHECK(files.open(commands.size()));
  for (std::size_t copy = 0; copy < commands.size(); ++copy) {
    FileDescriptor in;
    if (setup.stdin_file) {
      in = FileDescriptor(::open(setup.stdin_file->c_str(), O_RDONLY | O_CLOEXEC));
      if (!in.is_open()) {
        return fail_at(ErrorKind::environment, fmt::format("cannot read {}", setup.stdin_file->string()),
                       "--stdin", "check the path and its permissions");
      }
    }
    launches.push_back({commands[copy], in.get(), files.out(copy), files.err(copy),
                        pin_of_copy(setup.pin, copy, commands.size())});
    inputs.push_back(std::move(in));
  }
  THAW_TRY(const std::vector<ProcessReport> reports, run_processes(launches, setup.limits));
  std::vector<CopyResult> results;
  for (std::size_t copy = 0; copy < reports.size(); ++copy) {
    CopyResult result{reports[copy], {}, {}};
    const bool is_read = setup.keep_output || !setup.failure_texts.empty();
    if (is_read || !result.succeeded()) {
      result.out = read_all(files.out(copy));
      result.err = read_all(files.err(copy));
    }
    // What escaped its group unseen may write later: only where nobody reads what a success printed does that not matter.
    files.release(copy, is_read || !result.succeeded() || result.report.left_processes);
    if (result.succeeded()) {
      for (const Pattern& pattern : setup.failure_texts) THAW_CHECK(find_failure(pattern, result));
    }
    results.push_back(std::move(result));
  }
  return results;
}

FailureReport explain_failure(const CopyResult& copy) {
  FailureReport failure;
  const ProcessReport& report = copy.report;
  switch (report.outcome) {
    case Outcome::exited:
      failure.what = fmt::format("it ended with exit code {}", report.exit_code);
      break;
    case Outcome::signalled:
      failure.what = fmt::format("it was ended by signal {}", report.signal);
      break;
    case Outcome::timed_out:
      failure.what = "it was stopped at the timeout";
      failure.hint = "a longer --timeout, if this is how long it takes";
      break;
    case Outcome::out_of_memory:
      failure.what = "the kernel killed it for lack of memory";
      failure.hint = "give it more memory, or raise the limit of its container or control group";
      break;
    case Outcome::output_limit:
      failure.what = "it was stopped because it printed too much";
      failure.hint = "let it print less, or redirect its output into a file";
      break;
    case Outcome::interrupted:
      failure.what = "it was interrupted";
      break;
    case Outcome::not_started:
      failure.what = report.exit_code == 127 ? "the program was not found" : "the program cannot be executed";
      failure.hint = "check its name, its path and its permissions";
      break;
  }
  const std::string printed = last_line(copy.err.empty() ? copy.out : copy.err);
  if (!printed.empty()) failure.what += fmt::format("; it printed: {}", printed);
  for (const KnownCause& cause : known_causes) {
    if (copy.err.find(cause.words) != std::string::npos || copy.out.find(cause.words) != std::string::npos) {
      failure.hint = std::string(cause.hint);
      break;
    }
  }
  if (failure.hint.empty() && (report.exit_code == 126 || report.exit_code == 127)) {
    failure.hint = "a shell or tool in the chain did not find or could not execute a program; see --explain";
  }
  return failure;
}

}  // namespace thaw

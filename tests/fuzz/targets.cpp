#include "fuzz/targets.h"

#include <array>
#include <string>
#include <vector>

#include "fuzz/net_targets.h"
#include "trace/forms.h"
#include "trace/trace_files.h"

namespace thaw::fuzz {
namespace {

/// Between the files of a set, as it cannot be in a CSV file.
constexpr char separator = '\x1e';
/// Counts can promise more invocations than a fuzzer has time for.
constexpr int most_blocks = 32;

/// The files in the bytes; the first byte is left to the options.
template <std::size_t N>
std::array<InputFile, N> files_of(std::string_view bytes) {
  std::array<InputFile, N> files;
  bytes.remove_prefix(bytes.empty() ? 0 : 1);
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t end = i + 1 < N ? bytes.find(separator) : std::string_view::npos;
    files[i] = InputFile::in_memory("file" + std::to_string(i), std::string(bytes.substr(0, end)));
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  }
  return files;
}

/// An even first byte reads strictly, an odd one repairs; the next bit keeps all functions.
ReadOptions options_of(std::string_view bytes) {
  const unsigned char flags = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front());
  ReadOptions options;
  options.repair = (flags & 1) != 0;
  if ((flags & 2) != 0) options.selection = FunctionSelection::every;
  return options;
}

/// Reads what was opened; whatever the bytes were, the promises of trace/trace.h must hold.
void drain(Result<std::unique_ptr<TraceFile>> file) {
  if (!file) {
    THAW_ASSERT(file.error().kind == ErrorKind::bad_input, "{}", render(file.error()));
    return;
  }
  const std::size_t functions = (*file)->functions().size();
  auto source = (*file)->open();
  if (!source) return;
  InvocationBlock block;
  double last = 0;
  for (int blocks = 0; blocks < most_blocks; ++blocks) {
    if (!(*source)->next(block) || block.size() == 0) return;
    THAW_ASSERT(block.function.size() == block.size(), "arrays of unequal length");
    THAW_ASSERT(block.duration_ms.empty() || block.duration_ms.size() == block.size(),
                "arrays of unequal length");
    for (std::size_t i = 0; i < block.size(); ++i) {
      THAW_ASSERT(block.time_ms[i] >= last, "time falls from {} to {}", last, block.time_ms[i]);
      THAW_ASSERT(block.function[i] < functions, "function {} of {}", block.function[i], functions);
      last = block.time_ms[i];
    }
  }
}

void pair(std::string_view bytes) {
  const auto files = files_of<2>(bytes);
  drain(forms::open_pair(files[0], files[1], options_of(bytes)));
}

void azure2019(std::string_view bytes) {
  const auto files = files_of<3>(bytes);
  drain(forms::open_azure2019({files[0], files[1], files[2]}, options_of(bytes)));
}

void azure2021(std::string_view bytes) {
  drain(forms::open_azure2021(files_of<1>(bytes)[0], options_of(bytes)));
}

void ibm2026(std::string_view bytes) { drain(forms::open_ibm2026(files_of<1>(bytes)[0], options_of(bytes))); }

void faascache(std::string_view bytes) {
  drain(forms::open_faascache(files_of<1>(bytes)[0], options_of(bytes)));
}

void huawei2023(std::string_view bytes) {
  const auto files = files_of<3>(bytes);
  drain(forms::open_huawei2023({files[0], files[1], files[2]}, options_of(bytes)));
}

/// Compressed bytes as such; a small file may hold gigabytes.
void gzip(std::string_view bytes) {
  const InputFile file = InputFile::in_memory("file", std::string(bytes));
  if (const auto text = file.whole(std::size_t{1} << 24)) (void)role_of(*text);
}

constexpr std::array table = {Target{"azure2019", azure2019},
                              Target{"azure2021", azure2021},
                              Target{"faascache", faascache},
                              Target{"gzip", gzip},
                              Target{"http1_request", http1_request},
                              Target{"http1_response", http1_response},
                              Target{"http2_client", http2_client},
                              Target{"http2_server", http2_server},
                              Target{"huawei2023", huawei2023},
                              Target{"ibm2026", ibm2026},
                              Target{"pair", pair},
                              Target{"protobuf", protobuf}};

}  // namespace

std::span<const Target> targets() { return table; }

}  // namespace thaw::fuzz

#include "functions/swapbytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/files.h"
#include "core/process.h"
#include "core/random.h"
#include "core/text.h"
#include "functions/arguments.h"
#include "functions/functions.h"

namespace thaw::functions {
namespace {

constexpr std::size_t block_bytes = 256U << 10;
constexpr std::int64_t largest_mib = 1024;

struct Ends {
  FileDescriptor source;
  FileDescriptor target;  ///< Empty: the result is only summed.
  std::string source_name;
  std::string target_name;
};

struct Copied {
  std::uint64_t bytes = 0;
  Fletcher32 checksum;
};

/// A file in memory of `mib` MiB, the same random bytes every time. It goes through the kernel's page cache like any
/// other file, and needs no file system to live in.
Result<FileDescriptor> generated_file(std::int64_t mib) {
  THAW_TRY(FileDescriptor file, memory_file("swapbytes-in"));
  RandomStream random(default_seed, "functions.swapbytes");
  std::vector<std::uint64_t> words((std::size_t{1} << 20) / sizeof(std::uint64_t));
  std::generate(words.begin(), words.end(), [&] { return random(); });
  const std::string_view block(reinterpret_cast<const char*>(words.data()), std::size_t{1} << 20);
  for (std::int64_t i = 0; i < mib; ++i) THAW_CHECK(write_all(file.get(), block, "swapbytes-in"));
  if (::lseek(file.get(), 0, SEEK_SET) != 0) {
    return fail(ErrorKind::environment, "cannot rewind a file in memory");
  }
  return file;
}

Result<FileDescriptor> opened(const std::string& path, int flags, std::string_view action) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (file.is_open()) return file;
  return fail_at(ErrorKind::environment, fmt::format("cannot {}: {}", action, std::strerror(errno)), path);
}

Result<Ends> open_ends(const Invocation& call) {
  Positionals args("swapbytes", call.args);
  Ends ends;
  if (call.args.empty() || parse_number(call.args.front())) {
    THAW_TRY(const std::int64_t mib, args.integer("the size in MiB", 1, 0, largest_mib));
    THAW_CHECK(args.finish());
    THAW_TRY(ends.source, generated_file(mib));
    THAW_TRY(ends.target, memory_file("swapbytes-out"));
    return ends;
  }
  if (!call.may_use_files) {
    return args.wrong(fmt::format("\"{}\" is not a size in MiB, and files are not served", call.args[0]));
  }
  if (call.args.size() > 2) return args.wrong(fmt::format("argument \"{}\" is one too many", call.args[2]));
  ends.source_name = call.args[0];
  THAW_TRY(ends.source, opened(ends.source_name, O_RDONLY, "read"));
  // Drops the cached pages of the file, so that it really comes from the disk; a refusal costs nothing.
  ::posix_fadvise(ends.source.get(), 0, 0, POSIX_FADV_DONTNEED);
  if (call.args.size() == 2) {
    ends.target_name = call.args[1];
    THAW_TRY(ends.target, opened(ends.target_name, O_WRONLY | O_CREAT | O_TRUNC, "write"));
  }
  return ends;
}

/// Fills the block unless the file ends, so that pairs never straddle two blocks.
Result<std::size_t> read_block(int fd, std::span<unsigned char> block, const std::string& name) {
  std::size_t filled = 0;
  while (filled < block.size()) {
    const ssize_t n = ::read(fd, block.data() + filled, block.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return fail_at(ErrorKind::environment, fmt::format("cannot read: {}", std::strerror(errno)), name);
    }
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  return filled;
}

Result<Copied> copy_swapped(const Ends& ends) {
  Copied copied;
  std::vector<unsigned char> block(block_bytes);
  for (;;) {
    THAW_TRY(const std::size_t size, read_block(ends.source.get(), block, ends.source_name));
    if (size == 0) return copied;
    const std::span bytes(block.data(), size);
    swap_byte_pairs(bytes);
    copied.checksum.add(bytes);
    copied.bytes += size;
    if (ends.target.is_open()) {
      THAW_CHECK(write_all(ends.target.get(), {reinterpret_cast<const char*>(block.data()), size},
                           ends.target_name));
    }
  }
}

}  // namespace

void swap_byte_pairs(std::span<unsigned char> bytes) {
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
}

void Fletcher32::add(std::span<const unsigned char> bytes) {
  constexpr std::size_t words_before_overflow = 359;  // Of the 32-bit sums, starting from reduced ones.
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t end = std::min(bytes.size(), i + 2 * words_before_overflow);
    for (; i < end; i += 2) {
      const unsigned upper = i + 1 < bytes.size() ? bytes[i + 1] : 0U;
      low_ += bytes[i] | (upper << 8);
      high_ += low_;
    }
    low_ %= 65535;
    high_ %= 65535;
  }
}

/// swapbytes: read, swap, sum, write, block by block; half input and output, half processor.
Result<std::string> run_swapbytes(const Invocation& call) {
  THAW_TRY(const Ends ends, open_ends(call));

  const Stopwatch watch(call.clock);
  THAW_TRY(const Copied copied, copy_swapped(ends));
  const Seconds time = watch.elapsed();

  return fmt::format("swapped {} bytes, checksum {:08x}\n", copied.bytes, copied.checksum.value()) +
         time_line("swapbytes", time);
}

}  // namespace thaw::functions

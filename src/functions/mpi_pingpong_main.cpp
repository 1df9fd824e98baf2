// thaw-mpi-pingpong: round-trip times between MPI ranks 0 and 1. `thaw-micro mpi-pingpong` runs it.

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "core/text.h"

namespace {

struct Sizes {
  std::int64_t rounds = 1000;
  std::int64_t largest = 65536;
};

/// Reads "[ROUNDS] [MAX_BYTES]" as checked by thaw-micro; exits with 2 when they are wrong all the same.
Sizes read_arguments(int argc, char** argv, bool speaks) {
  Sizes sizes;
  const auto read = [&](int at, std::int64_t& value, std::int64_t least) {
    if (at >= argc) return true;
    const auto number = thaw::parse_integer(argv[at]);
    if (!number || *number < least || *number > std::int64_t{1} << 30) return false;
    value = *number;
    return true;
  };
  if (argc > 3 || !read(1, sizes.rounds, 1) || !read(2, sizes.largest, 0)) {
    if (speaks)
      std::fputs("thaw: error: wrong arguments\n  hint usage: [ROUNDS=1000] [MAX_BYTES=65536]\n", stderr);
    MPI_Finalize();
    std::exit(2);
  }
  return sizes;
}

/// Rank 0 sends and waits for the answer; rank 1 answers. Returns rank 0's seconds per round trip.
std::vector<double> round_trips(int rank, std::vector<char>& message, std::int64_t rounds) {
  const int bytes = static_cast<int>(message.size());
  std::vector<double> seconds;
  seconds.reserve(static_cast<std::size_t>(rounds));
  for (std::int64_t i = 0; i < rounds; ++i) {
    const double start = MPI_Wtime();
    if (rank == 0) {
      MPI_Send(message.data(), bytes, MPI_CHAR, 1, 0, MPI_COMM_WORLD);
      MPI_Recv(message.data(), bytes, MPI_CHAR, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    } else {
      MPI_Recv(message.data(), bytes, MPI_CHAR, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      MPI_Send(message.data(), bytes, MPI_CHAR, 0, 0, MPI_COMM_WORLD);
    }
    seconds.push_back(MPI_Wtime() - start);
  }
  return seconds;
}

void print_row(std::size_t bytes, std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const double median = (seconds[(seconds.size() - 1) / 2] + seconds[seconds.size() / 2]) / 2;
  const double megabytes_per_second = 2 * static_cast<double>(bytes) / median / 1e6;
  std::printf("%10zu %12.3f %12.3f %12.3f %12.1f\n", bytes, seconds.front() * 1e6, median * 1e6,
              seconds.back() * 1e6, megabytes_per_second);
}

/// 0, 1, 8, 64, … and the largest itself.
std::vector<std::size_t> message_sizes(std::int64_t largest) {
  std::vector<std::size_t> sizes = {0};
  for (std::int64_t bytes = 1; bytes < largest; bytes *= 8) sizes.push_back(static_cast<std::size_t>(bytes));
  if (largest > 0) sizes.push_back(static_cast<std::size_t>(largest));
  return sizes;
}

double measure_all(int rank, const Sizes& sizes) {
  double total = 0;
  if (rank == 0) std::puts("     bytes       min_us    median_us       max_us         MB/s");
  for (const std::size_t bytes : message_sizes(sizes.largest)) {
    std::vector<char> message(bytes, 'x');
    round_trips(rank, message, std::min<std::int64_t>(sizes.rounds, 10));
    const double start = MPI_Wtime();
    std::vector<double> seconds = round_trips(rank, message, sizes.rounds);
    total += MPI_Wtime() - start;
    if (rank == 0) print_row(bytes, std::move(seconds));
  }
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const Sizes sizes = read_arguments(argc, argv, rank == 0);
  if (ranks < 2) {
    std::fputs(
        "thaw: error: a ping-pong needs 2 MPI ranks, got 1\n  hint mpirun -np 2 thaw-micro mpi-pingpong\n",
        stderr);
    MPI_Finalize();
    return 2;
  }
  if (rank < 2) {
    const double total = measure_all(rank, sizes);
    if (rank == 0) std::printf("@@@ Time pingpong %.9f\n", total);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  MPI_Finalize();
  return 0;
}

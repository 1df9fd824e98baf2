// libthaw-mpi.so: the table of mpi_module.h over the machine's MPI.

#include "sim/engines/mpi_module.h"

#include <mpi.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <list>
#include <vector>

namespace {

/// A message on its way; MPI reads its bytes until the request is done.
struct Outgoing {
  std::vector<char> bytes;
  MPI_Request request = MPI_REQUEST_NULL;
};

std::list<Outgoing>& outgoing() {
  static std::list<Outgoing> messages;
  return messages;
}

char last_error[MPI_MAX_ERROR_STRING + 1] = "";

int checked(int code) {
  if (code == MPI_SUCCESS) return 0;
  int length = 0;
  if (MPI_Error_string(code, last_error, &length) != MPI_SUCCESS)
    std::strcpy(last_error, "unknown error of MPI");
  return 1;
}

int start(int* rank, int* ranks) {
  // Threads compute, but only one of them calls MPI.
  int provided = 0;
  if (checked(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided)) != 0) return 1;
  if (provided < MPI_THREAD_FUNNELED) {
    std::strcpy(last_error, "this MPI allows no threads");
    return 1;
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (checked(MPI_Comm_rank(MPI_COMM_WORLD, rank)) != 0) return 1;
  return checked(MPI_Comm_size(MPI_COMM_WORLD, ranks));
}

int forget_sent() {
  for (auto message = outgoing().begin(); message != outgoing().end();) {
    int is_done = 0;
    if (checked(MPI_Test(&message->request, &is_done, MPI_STATUS_IGNORE)) != 0) return 1;
    message = is_done != 0 ? outgoing().erase(message) : std::next(message);
  }
  return 0;
}

int send(int to, int tag, const void* bytes, size_t count) {
  if (count > INT_MAX) {
    std::strcpy(last_error, "a message is longer than 2 GiB");
    return 1;
  }
  if (forget_sent() != 0) return 1;
  const char* begin = static_cast<const char*>(bytes);
  Outgoing& message = outgoing().emplace_back();
  message.bytes.assign(begin, begin + count);
  return checked(MPI_Isend(message.bytes.data(), static_cast<int>(count), MPI_BYTE, to, tag, MPI_COMM_WORLD,
                           &message.request));
}

int probe(int* has_message, int* from, int* tag, size_t* count) {
  MPI_Status status;
  if (checked(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, has_message, &status)) != 0) return 1;
  if (*has_message == 0) return forget_sent();
  int bytes = 0;
  if (checked(MPI_Get_count(&status, MPI_BYTE, &bytes)) != 0) return 1;
  *from = status.MPI_SOURCE;
  *tag = status.MPI_TAG;
  *count = static_cast<size_t>(std::max(bytes, 0));
  return 0;
}

int receive(int from, int tag, void* bytes, size_t count) {
  return checked(
      MPI_Recv(bytes, static_cast<int>(count), MPI_BYTE, from, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
}

int flush(int* are_sent) {
  const int failed = forget_sent();
  *are_sent = outgoing().empty() ? 1 : 0;
  return failed;
}

int finish() { return checked(MPI_Finalize()); }

void abort_all(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

const char* error() { return last_error; }

constexpr ThawMpi table = {thaw_mpi_version, &start,  &send,      &probe, &receive,
                           &flush,           &finish, &abort_all, &error};

}  // namespace

const ThawMpi* thaw_mpi() { return &table; }

#pragma once
// The only MPI that Thaw needs, as a C interface: who takes part, and messages of bytes. libthaw-mpi.so implements it
// and links the machine's MPI; the program loads it when --engine mpi asks for it, so that it starts without MPI and
// runs where there is none.

#include <stddef.h>

extern "C" {

/// All functions are called from one thread. Those that return int return 0 when they worked, else `error` tells why.
struct ThawMpi {
  /// Changes with every change of this table.
  int version;
  /// Starts MPI: the number of this rank, and how many there are.
  int (*start)(int* rank, int* ranks);
  /// Sends a copy of the bytes without waiting for anybody.
  int (*send)(int to, int tag, const void* bytes, size_t count);
  /// Looks for a message: sets `has_message`, and if there is one, who sent it, its tag and its size.
  int (*probe)(int* has_message, int* from, int* tag, size_t* count);
  /// Takes the message that probe found.
  int (*receive)(int from, int tag, void* bytes, size_t count);
  /// Whether every message sent has left this process; sets `are_sent`.
  int (*flush)(int* are_sent);
  /// Ends MPI. All ranks must call it.
  int (*finish)(void);
  /// Ends all ranks with this exit code.
  void (*abort)(int code);
  const char* (*error)(void);
};

constexpr int thaw_mpi_version = 1;
/// The module's one symbol.
const ThawMpi* thaw_mpi(void);
}

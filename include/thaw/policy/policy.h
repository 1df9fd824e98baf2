/* Keep-alive policies as shared libraries for Thaw.
 *
 * A library exports one function, thaw_policy, which returns a table that lives as long as the library:
 *
 *   const thaw_policy_table *thaw_policy(void);
 *
 * It is used as --policy lib:/path/policy.so or --policy lib:/path/policy.so:TEXT, where TEXT goes to create().
 * Build it with: cc -shared -fPIC -I"$(thaw's include folder)" -o policy.so policy.c
 *
 * The table's calls come from one thread for each state, which create() makes; several states may be alive at once, in
 * several threads. Times are milliseconds since the start of the pool and never fall. Memory is in MB (10^6 bytes).
 * The code runs inside Thaw: when it crashes, so does Thaw. Later versions of the interface add members at the end of the
 * structures and raise THAW_POLICY_VERSION when they change anything else.
 */
#ifndef THAW_POLICY_POLICY_H
#define THAW_POLICY_POLICY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define THAW_POLICY_VERSION 1

/* A container. Its id is used again after it is gone. */
typedef struct thaw_policy_container {
  uint32_t id;
  uint32_t function;
  uint64_t uses;          /* executions begun in it */
  uint64_t last_use;      /* serial number of the last one: a total order of uses */
  double started_ms;      /* begin of its last execution */
  double busy_until_ms;   /* end of that, infinite while it is not known */
  double memory_mb;       /* this and the rest: of its function */
  double init_ms;         /* what a cold start adds */
  double warm_ms;         /* an execution in a warm container */
  uint64_t function_uses; /* executions since the function last had no container */
  uint64_t function_containers;
} thaw_policy_container;

/* Why a container is gone. */
enum {
  THAW_POLICY_EVICTED = 0,  /* to make room */
  THAW_POLICY_EXPIRED = 1,  /* its keep-alive was over */
  THAW_POLICY_UNLOADED = 2, /* at the end of an execution, to be started again later */
  THAW_POLICY_STOPPED = 3   /* otherwise */
};

/* Members that may be null say so; of rank and choose at least one is there. */
typedef struct thaw_policy_table {
  uint32_t version;        /* THAW_POLICY_VERSION */
  uint32_t container_size; /* sizeof(thaw_policy_container) */

  /* A new state. `parameters` is the text after the path, never null. On failure, writes a sentence into `error`,
   * whose room is `error_size` bytes, and returns null. A policy without state may return any other pointer. */
  void* (*create)(const char* parameters, uint64_t seed, char* error, size_t error_size);
  void (*destroy)(void* state);

  /* May be null. An execution begins; `is_cold` when the container is new. Returns how long it stays once idle, in ms;
   * below zero: until it is evicted. Null counts as that. */
  double (*on_start)(void* state, const thaw_policy_container* container, int is_cold, double now_ms);

  /* May be null. A container is gone. */
  void (*on_removed)(void* state, const thaw_policy_container* container, int reason, double now_ms);

  /* A container's figure, asked after on_start; the lowest goes first, equal ones by last use. */
  double (*rank)(void* state, const thaw_policy_container* container, double now_ms);

  /* Used instead of rank when both are there: writes places in `idle` (oldest container first) into `victims`, whose room is
   * `count`, in the order in which they go, and returns how many. When these hold less than to_free_mb, or a place occurs
   * twice or is out of range, nothing is evicted and the invocation is dropped. */
  size_t (*choose)(void* state, double to_free_mb, const thaw_policy_container* idle, size_t count,
                   size_t* victims, double now_ms);
} thaw_policy_table;

const thaw_policy_table* thaw_policy(void);

#ifdef __cplusplus
}
#endif

#endif
